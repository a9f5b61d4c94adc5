import { PITCH_COUNT } from '../../language/events.js'
import type { Moment } from '../../sampling/moment.js'
import { type Ms, STEP_MS } from '../../units.js'
import type { Ensemble, Mode } from '../mode.js'

/**
 * A chord just struck makes notes outside it this much less likely at first, in nats. More would bend phrases under way;
 * less would leave the chord without effect until the network follows it.
 */
const PUSH = 2

/**
 * Time constant with which the push fades: with a shorter one the network hasn't followed the chord yet, with a longer one
 * the lead is no longer soft.
 */
const PUSH_FADE_MS: Ms = 700

/** The push ends after this many time constants, when it has fallen below 1 % of its strength. */
const LONGEST_PUSH = 5

/** The pianist plays, and keys that the player holds lead its harmony, loudness and density. */
export const FOLLOW: Mode = {
  firstFloor: 'both',
  sharesHistory: false,
  listens: true,
  passesTurns: false,
  answersPhrases: false,
  harmonizesKeys: false,
  keysAreUrgent: false,
  createLead: (ensemble) => {
    const { player } = ensemble
    return {
      isPresent: true,
      share: (at) => player.share(at, 1000 * ensemble.controls.fade),
      weights: player.weights,
      get lowest() {
        return player.lowest
      },
      get loudness() {
        return player.loudness
      },
      get density() {
        return player.density
      },
      range: null,
    }
  },
  push: ({ player, lead }, at) => {
    if (at - player.changedAt > LONGEST_PUSH * PUSH_FADE_MS || !leadsPitches(lead.weights)) return 0
    const since = Math.max(0, at - player.changedAt)
    return PUSH * lead.share(at) * Math.exp(-since / PUSH_FADE_MS)
  },
  mask: (allowed, moment, ensemble) => {
    if (ensemble.controls.keyLock) lockToHeld(allowed, moment, ensemble)
  },
}

/** While keys are held or remembered, no note of another pitch class may be struck. */
function lockToHeld(allowed: Uint8Array, moment: Moment, { lead, controls }: Ensemble): void {
  if (lead.share(moment.clock * STEP_MS) === 0 || !leadsPitches(lead.weights)) return
  for (let pitch = 0; pitch < PITCH_COUNT; pitch++) {
    if (lead.weights[(pitch + controls.transpose + 120) % 12] === 0) allowed[pitch] = 0
  }
}

function leadsPitches(weights: Float64Array): boolean {
  return weights.some((weight) => weight !== 0)
}
