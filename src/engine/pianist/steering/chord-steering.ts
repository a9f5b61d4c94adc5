import type { EnsembleState } from '../../ensemble/ensemble.js'
import { ALL_TONES, hasTone, movedTones, type Progression } from '../../language/chords.js'
import { MAX_SHIFT, NOTE_OFF, PITCH_COUNT } from '../../language/events.js'
import { type ConditioningRequest, LATER } from '../../model/conditioning-request.js'
import { limitWaits } from '../../sampling/expected-mask.js'
import { type Moment, soundsAsOwn } from '../../sampling/moment.js'
import { type Ms, type Pitch, STEP_MS, type Steps } from '../../units.js'

/**
 * How much less likely, in nats, a soft chord makes notes beside it. Less, and too many of them sound; more, and no passing
 * note is left.
 */
const SOFT_PUSH = 3

/**
 * A note beside a soft chord sounds no longer than this: a shorter limit makes clicks of passing notes, a longer one lets
 * them, and the notes of the chord before, be heard as harmony.
 */
const PASSING: Steps = 200 / STEP_MS

/**
 * While chords are locked, no note is struck that would have to end this soon because the chord changes: it would be a click.
 * A longer time keeps notes back that would be heard.
 */
const CLICK: Steps = 60 / STEP_MS

/** The share of the chords to come in the pitch classes that the network is asked for; the rest are the key's, for passing notes. */
const SOFT_SHARE = 0.85

/** No wait is longer, in steps; a change at its very end counts too. */
const LONGEST_WAIT: Steps = MAX_SHIFT + 1

/**
 * Holds the music to the chords in force: softly, by leaning towards them and keeping notes beside them short, or locked, by
 * allowing no others. A note belongs to the chord at its own time, however far ahead it is drawn. Strokes have no chords, and
 * a score is played as it is written. Allocates a small object where it comes to another chord, and nothing else.
 */
export class ChordSteering {
  readonly #ensemble: EnsembleState
  readonly #tellsPitches: boolean
  readonly #open = new Uint8Array(PITCH_COUNT)
  readonly #lean = new Float64Array(12)
  readonly #asked = new Float64Array(12)

  /** @param tellsPitches whether the model is told which pitch classes to play */
  constructor(ensemble: EnsembleState, tellsPitches: boolean) {
    this.#ensemble = ensemble
    this.#tellsPitches = tellsPitches
  }

  /** Takes over a progression at plan time `now`, or ends the one there is. @returns whether the music changes with it */
  give(progression: Progression | null, now: Ms): boolean {
    return this.#ensemble.chords.give(progression, now)
  }

  /** The pitches of history that may be struck at step `clock`, [128], of those that `inKey` allows; while a chord is locked, of `inRegister`. Valid until the next call. */
  openAt(clock: Steps, inKey: Uint8Array, inRegister: Uint8Array): Uint8Array {
    if (!this.#isLocked) return inKey
    const now = this.#tonesAt(clock)
    const change = this.#ensemble.chords.changeAfter(clock)
    const tones = change - clock <= CLICK ? now & this.#tonesAt(change) : now
    if (tones === ALL_TONES) return inKey
    const allowed = now === ALL_TONES ? inKey : inRegister
    for (let pitch = 0; pitch < PITCH_COUNT; pitch++)
      this.#open[pitch] = allowed[pitch] === 1 && hasTone(tones, pitch) ? 1 : 0
    return this.#open
  }

  /** Clears in `allowed` [388] the strikes beside the chord, locked or not: of a theme that returns, its chord tones do. */
  limitStrikes(allowed: Uint8Array, moment: Moment): void {
    const tones = this.#tonesOf(moment)
    if (tones === ALL_TONES) return
    for (let pitch = 0; pitch < NOTE_OFF; pitch++) if (!hasTone(tones, pitch)) allowed[pitch] = 0
  }

  /** Clears in `allowed` [388] the waits over which a note would sound on beside the chord for too long. */
  limitWaits(allowed: Uint8Array, moment: Moment): void {
    if (this.#isOff(moment)) return
    limitWaits(allowed, this.longestWait(moment))
  }

  /** The longest wait after which no note has sounded beside the chord for too long; Infinity for any. */
  longestWait(moment: Moment): Steps {
    if (this.#isOff(moment) || moment.sounding === 0) return Number.POSITIVE_INFINITY
    const clock = moment.clock + this.#early
    const { chords } = this.#ensemble
    let deadline = Number.POSITIVE_INFINITY
    for (let pitch = 0; pitch < PITCH_COUNT; pitch++) {
      if (this.#isBeside(moment, pitch, this.#tonesAt(clock)))
        deadline = Math.min(deadline, this.#lastStep(moment, pitch))
    }
    // The waits are at most a second long, in which several chords may pass.
    for (
      let at = chords.changeAfter(clock);
      at + this.#grace < Math.min(deadline, clock + LONGEST_WAIT);
      at = chords.changeAfter(at)
    ) {
      const tones = this.#tonesAt(at)
      for (let pitch = 0; pitch < PITCH_COUNT; pitch++)
        if (this.#isBeside(moment, pitch, tones)) deadline = Math.min(deadline, at + this.#grace)
    }
    return Math.max(1, deadline - clock)
  }

  /** The note that has sounded beside the chord for as long as it may, or -1. */
  mustEnd(moment: Moment): Pitch {
    if (this.#isOff(moment)) return -1
    const clock = moment.clock + this.#early
    const tones = this.#tonesAt(clock)
    if (tones === ALL_TONES) return -1
    for (let pitch = 0; pitch < PITCH_COUNT; pitch++) {
      if (this.#isBeside(moment, pitch, tones) && clock >= this.#lastStep(moment, pitch)) return pitch
    }
    return -1
  }

  /** `lean` [12], or no lean, with factors that make notes beside a soft chord less likely. Valid until the next call. */
  lean(lean: Float64Array | undefined, moment: Moment): Float64Array | undefined {
    const tones = this.#tonesOf(moment)
    if (tones === ALL_TONES || this.#isLocked) return lean
    for (let pc = 0; pc < 12; pc++)
      this.#lean[pc] = (lean?.[pc] ?? 1) * (hasTone(tones, pc) ? 1 : Math.exp(-SOFT_PUSH))
    return this.#lean
  }

  /** Asks in `request` for the chords of the coming seconds; what it asked for until now is left for notes beside them. */
  ask(request: ConditioningRequest, moment: Moment): void {
    const isOff = this.#isOff(moment)
    request.hasChord = !isOff && this.#tell(request, moment.clock)
    if (isOff || !this.#tellsPitches || !this.#gather(moment.clock)) return
    const { pitchWeights, hasPitchWeights } = request
    const before = hasPitchWeights ? pitchWeights.reduce(plus, 0) : 0
    const share = this.#isLocked || before === 0 ? 1 : SOFT_SHARE
    const asked = this.#asked.reduce(plus, 0)
    for (let pc = 0; pc < 12; pc++) {
      const rest = before === 0 ? 0 : pitchWeights[pc]! / before
      pitchWeights[pc] = (share * this.#asked[pc]!) / asked + (1 - share) * rest
    }
    request.hasPitchWeights = true
  }

  /** Tells `request` the chord in force at step `clock`. @returns whether there is one, or a stretch without a chord */
  #tell(request: ConditioningRequest, clock: Steps): boolean {
    const { chords, controls } = this.#ensemble
    const chord = chords.at(clock)
    const tones = chord ? this.#tonesAt(clock) : 0
    for (let pc = 0; pc < 12; pc++) request.chordTones[pc] = hasTone(tones, pc) ? 1 : 0
    request.bass = chord ? (chord.bass - controls.transpose + 120) % 12 : -1
    return chord !== null || chords.placeAt(clock) !== null
  }

  /** Counts the pitch classes of the chords from `clock` on, by how long each is in force. @returns whether there are any */
  #gather(clock: Steps): boolean {
    const { chords } = this.#ensemble
    this.#asked.fill(0)
    let isAny = false
    const end = clock + LATER
    for (let at = clock; at < end; ) {
      const until = Math.min(end, chords.changeAfter(at))
      const tones = this.#tonesAt(at)
      if (tones !== ALL_TONES) {
        isAny = true
        for (let pc = 0; pc < 12; pc++)
          if (hasTone(tones, pc)) this.#asked[pc] = this.#asked[pc]! + until - at
      }
      at = until
    }
    return isAny
  }

  get #isLocked(): boolean {
    return this.#ensemble.controls.chordLock === 'locked'
  }

  /** How long a note may sound beside the chord. */
  get #grace(): Steps {
    return this.#isLocked ? 0 : PASSING
  }

  /** So many steps sooner a locked chord ends the notes beside it: on a grid, notes are sent up to a step later than the chord. */
  get #early(): Steps {
    return this.#isLocked && this.#ensemble.grid !== null ? 1 : 0
  }

  #isOff({ place, hasEnds }: Moment): boolean {
    return !this.#ensemble.chords.isGiven || !hasEnds || place.score !== null
  }

  #tonesOf(moment: Moment): number {
    return this.#isOff(moment) ? ALL_TONES : this.#tonesAt(moment.clock)
  }

  /** The pitch classes of history of the chord at step `clock`; all twelve where there is none. */
  #tonesAt(clock: Steps): number {
    const { chords, controls } = this.#ensemble
    const chord = chords.at(clock)
    return chord ? movedTones(chord.tones, -controls.transpose) : ALL_TONES
  }

  /** Whether a note of the pianist's sounds at `pitch` and isn't among `tones`. */
  #isBeside(moment: Moment, pitch: Pitch, tones: number): boolean {
    return !hasTone(tones, pitch) && soundsAsOwn(moment, this.#ensemble.notes.others, pitch)
  }

  /**
   * When a note that sounds beside the chord at `moment` must end, `#early` steps counted in: a chord that it is beside as well gives
   * it no more time.
   */
  #lastStep({ clock, struckAt }: Moment, pitch: Pitch): Steps {
    const { chords } = this.#ensemble
    const struck = struckAt[pitch]! + this.#early
    let since = chords.since(clock + this.#early)
    while (since > struck && !hasTone(this.#tonesAt(since - 1), pitch)) since = chords.since(since - 1)
    return Math.max(struck, since) + this.#grace
  }
}

const plus = (a: number, b: number) => a + b
