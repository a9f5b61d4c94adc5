import { eventPitch, isNoteOff, isNoteOn, MAX_SHIFT, timeShift } from '../src/engine/language/events.js'
import type { Note } from '../src/engine/language/performance.js'
import type { Network } from '../src/engine/network/network.js'
import { beginContinuation } from '../src/engine/offline/continuation.js'
import { cutGap } from '../src/engine/offline/gap.js'
import { PLAIN_SETTINGS } from '../src/engine/sampling/distribution.js'
import type { DrawPolicy } from '../src/engine/sampling/draw-policy.js'
import { LONGEST_HELD } from '../src/engine/sampling/event-mask.js'
import { momentVelocity } from '../src/engine/sampling/moment.js'
import { type Ms, type Pitch, STEP_MS } from '../src/engine/units.js'

/** The nucleus of `rubato fill`, so that both sample alike. */
const TOP_P = 0.98

/** A policy that leaves everything to the network, and tells it nothing. */
export function asItComes(): DrawPolicy {
  const settings = { ...PLAIN_SETTINGS, topP: TOP_P }
  return {
    draw: () => settings,
    polyphony: 128,
    others: new Uint8Array(128),
    mustEnd: () => -1,
    condition: (target) => {
      target.fill(0)
      return 1
    },
    mask: (allowed) => {
      allowed.fill(1)
    },
    pass: () => {},
  }
}

interface PlayOnOptions {
  readonly network: Network
  readonly seed: number
  readonly notes: readonly Note[]
  readonly from: Ms
  readonly to: Ms
}

/**
 * The notes that the network plays from `from` on, without knowing what is to come; those that start at `to` or later are left
 * out, those before end as they would have. One sample.
 */
export function playOn({ network, seed, notes, from, to }: PlayOnOptions): Note[] {
  const { heard, origin, from: begins } = cutGap(notes, from, to)
  const going = beginContinuation({ network, policy: asItComes(), seed })
  for (const event of heard) going.hear(event)
  while (going.moment.clock < begins) {
    going.hear(timeShift(Math.min(MAX_SHIFT, begins - going.moment.clock)))
  }
  const played: { pitch: Pitch; velocity: number; start: Ms; end: Ms }[] = []
  const sounding = new Map<Pitch, (typeof played)[number]>()
  const last = (to - origin) / STEP_MS
  while (going.moment.clock < last || (sounding.size > 0 && going.moment.clock < last + LONGEST_HELD)) {
    const event = going.sample()
    const at = origin + going.moment.clock * STEP_MS
    const pitch = eventPitch(event)
    if (!isNoteOn(event) && !isNoteOff(event)) continue
    const before = sounding.get(pitch)
    if (before) before.end = at
    sounding.delete(pitch)
    if (isNoteOff(event) || at < from || at >= to) continue
    const note = { pitch, velocity: momentVelocity(going.moment), start: at, end: at + STEP_MS }
    played.push(note)
    sounding.set(pitch, note)
  }
  return played
}
