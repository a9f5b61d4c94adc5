import {
  type EventIndex,
  isVelocity,
  MAX_SHIFT,
  NOTE_OFF,
  noteOff,
  noteOn,
  PITCH_COUNT,
  TIME_SHIFT,
  VELOCITY,
  velocityEvent,
} from '../language/events.js'
import type { DrawSettings } from '../sampling/distribution.js'
import type { DrawPolicy } from '../sampling/draw-policy.js'
import { maskMoment, mustWait } from '../sampling/event-mask.js'
import { type Moment, SILENT } from '../sampling/moment.js'
import { type Pitch, STEP_MS, type Steps } from '../units.js'
import type { Gap } from './gap.js'

/**
 * How long a note of the gap may sound on after it. A longer one would have been held by a pedal, over harmonies that it was not
 * played for; a shorter limit would cut every note at the joint.
 */
const SOUNDS_ON: Steps = 3000 / STEP_MS

/**
 * The rules for filling a gap: in it the network plays as it likes, but no pitch that still sounds from before, and no wait
 * passes over the first note after the gap. From there on the notes are known, and the network decides only when its own end.
 */
export class GapPolicy implements DrawPolicy {
  readonly polyphony = PITCH_COUNT
  readonly others = new Uint8Array(PITCH_COUNT)
  readonly #gap: Gap
  readonly #outlook: Float32Array | null
  readonly #settings: DrawSettings
  readonly #noteOns = new Uint8Array(PITCH_COUNT)

  constructor(gap: Gap, outlook: Float32Array | null, settings: DrawSettings) {
    this.#gap = gap
    this.#outlook = outlook
    this.#settings = settings
  }

  draw(): DrawSettings {
    return this.#settings
  }

  pass(): void {}

  condition(target: Float32Array, { clock }: Moment): number {
    const table = this.#outlook
    if (table === null) target.fill(0)
    else {
      const at = Math.min(clock, table.length / target.length - 1) * target.length
      target.set(table.subarray(at, at + target.length))
    }
    return 1
  }

  /** Whether all that is known has been played, and no note of the gap sounds any more. */
  isOver(moment: Moment): boolean {
    return (
      this.#dueStrike(moment) < 0 && this.#nextTime(moment.clock) === undefined && !this.ownSounds(moment)
    )
  }

  /** Whether a note sounds whose end is the network's to decide. */
  ownSounds(moment: Moment): boolean {
    for (let pitch = 0; pitch < PITCH_COUNT; pitch++) if (this.#isOwn(moment, pitch)) return true
    return false
  }

  mustEnd(moment: Moment): Pitch {
    const { clock, struckAt } = moment
    const { ends, strikes, endsBy, from, joint } = this.#gap
    const ending = ends.get(clock)?.find((pitch) => struckAt[pitch] !== SILENT && struckAt[pitch]! < clock)
    if (ending !== undefined) return ending
    const again = strikes.get(clock)?.find(({ pitch }) => this.#isOwn(moment, pitch))
    if (again) return again.pitch
    for (let pitch = 0; pitch < PITCH_COUNT; pitch++) {
      if (!this.#isOwn(moment, pitch)) continue
      const latest = struckAt[pitch]! < from && endsBy[pitch]! > 0 ? endsBy[pitch]! : joint + SOUNDS_ON
      if (clock >= Math.min(latest, joint + SOUNDS_ON)) return pitch
    }
    return -1
  }

  mask(allowed: Uint8Array, moment: Moment): void {
    const { clock, previous, struckAt } = moment
    const { from, until, heldUntil } = this.#gap
    const isOpen = clock >= from && clock < until
    for (let pitch = 0; pitch < PITCH_COUNT; pitch++)
      this.#noteOns[pitch] = isOpen && heldUntil[pitch]! <= clock && struckAt[pitch] !== clock ? 1 : 0
    maskMoment(allowed, moment, this.#noteOns, this.polyphony, this.others)
    const mayEnd = clock >= from && !isVelocity(previous)
    for (let pitch = 0; pitch < PITCH_COUNT; pitch++)
      if (!mayEnd || !this.#isOwn(moment, pitch) || struckAt[pitch] === clock) allowed[noteOff(pitch)] = 0
    if (!isOpen || isVelocity(previous)) allowed.fill(0, VELOCITY)
    const due = this.#dueStrike(moment)
    if (due >= 0) {
      if (mustWait(moment)) allowed.fill(0, NOTE_OFF, TIME_SHIFT)
      allowed.fill(0, TIME_SHIFT, VELOCITY)
      allowed[due] = 1
    } else if (isVelocity(previous)) allowed.fill(0, TIME_SHIFT, VELOCITY)
    else this.#limitWaits(allowed, moment, isOpen)
  }

  #limitWaits(allowed: Uint8Array, moment: Moment, isOpen: boolean): void {
    const { clock } = moment
    const { from } = this.#gap
    const longest = Math.min(MAX_SHIFT, (this.#nextTime(clock) ?? Number.POSITIVE_INFINITY) - clock)
    const isFree = isOpen || clock < from || this.ownSounds(moment)
    // Long waits are split with the longest shifts first, and where nothing can happen before, a known wait is one.
    const shortest = isFree ? Math.min(Math.max(1, from - clock), MAX_SHIFT) : longest
    allowed.fill(0, TIME_SHIFT, TIME_SHIFT + shortest - 1)
    allowed.fill(0, TIME_SHIFT + longest, VELOCITY)
  }

  /** The event that plays the next note due at `moment` after the gap, or its velocity; -1 if none is due. */
  #dueStrike({ clock, bin, struckAt }: Moment): EventIndex {
    const strike = this.#gap.strikes.get(clock)?.find(({ pitch }) => struckAt[pitch] !== clock)
    if (!strike) return -1
    return strike.bin === bin ? noteOn(strike.pitch) : velocityEvent(strike.bin)
  }

  /** Whether a note sounds that was struck in the gap, or before it by a hand that the network may lift. */
  #isOwn({ clock, struckAt }: Moment, pitch: Pitch): boolean {
    const at = struckAt[pitch]!
    return at !== SILENT && at < this.#gap.joint && this.#gap.heldUntil[pitch]! <= clock
  }

  /** The first time after `clock` at which something known happens. */
  #nextTime(clock: Steps): Steps | undefined {
    const { times } = this.#gap
    let low = 0
    let high = times.length
    while (low < high) {
      const middle = (low + high) >> 1
      if (times[middle]! > clock) high = middle
      else low = middle + 1
    }
    return times[low]
  }
}
