import { type Chord, chordOf, countTones } from '../language/chords.js'
import type { HeardMessage } from '../language/messages.js'
import type { Ms, Pitch } from '../units.js'
import type { PlayerTracker } from './player-tracker.js'

/** Fewer keys are a melody or an octave and no chord. */
const LEAST_KEYS = 3
/** Fewer pitch classes say too little: a bare fifth is a chord, an octave isn't. */
const LEAST_TONES = 2

/** Keys struck within this time of each other belong to one chord: shorter tears a spread chord apart, longer joins two. */
const SPREAD_MS: Ms = 120

/**
 * Keys of the chord before that are still down when the next is struck belong to a hand that plays legato if they go up
 * within this time: a shorter one adds them to the new chord, a longer one takes a key that is held on purpose out of it.
 */
const LEGATO_MS: Ms = 250

/** Recognises the chords that a hand plays. Times are plan time. */
export class ChordLatch {
  /** When the strikes of the chord that is being played began, and the last of them. */
  #chordAt: Ms = Number.NEGATIVE_INFINITY
  #lastAt: Ms = Number.NEGATIVE_INFINITY
  /** When each key that is down was struck. */
  readonly #struckAt = new Map<Pitch, Ms>()

  /** Receives a message that `player` has received already. @returns the chord that is played now; null where it is none, or the one before */
  receive(message: HeardMessage, player: PlayerTracker): Chord | null {
    if (message.kind === 'note-on') {
      if (message.at - this.#lastAt > SPREAD_MS) this.#chordAt = message.at
      this.#lastAt = message.at
      this.#struckAt.set(message.pitch, message.at)
      return chordOfKeys(player.down)
    }
    if (message.kind !== 'note-off') return null
    const isOld = (this.#struckAt.get(message.pitch) ?? Number.NEGATIVE_INFINITY) < this.#chordAt
    return isOld && message.at - this.#chordAt <= LEGATO_MS ? chordOfKeys(player.down) : null
  }
}

/** The chord of the keys `pitches`, ascending; null where they are too few. */
function chordOfKeys(pitches: readonly Pitch[]): Chord | null {
  const [lowest] = pitches
  if (lowest === undefined || pitches.length < LEAST_KEYS) return null
  let tones = 0
  for (const pitch of pitches) tones |= 1 << (pitch % 12)
  return countTones(tones) < LEAST_TONES ? null : chordOf(tones, lowest % 12)
}
