import {
  endsAllNotes,
  type HeardMessage,
  RESET_ALL_CONTROLLERS,
  SOSTENUTO,
  SUSTAIN,
  SWITCH_ON,
} from '../language/messages.js'
import type { Ms, Pitch, Velocity } from '../units.js'
import { SoundingChord } from './sounding-chord.js'
import { CHORD_MS, type Strike } from './strike.js'

/**
 * The player's density fades with this time constant: shorter regards every gap as a pause, longer notices a pause late.
 */
const FADE_MS: Ms = 2000

/**
 * Pitch classes struck fade with this time constant: shorter forgets the harmony between two chords, longer still remembers
 * the passage before.
 */
const CLASSES_FADE_MS: Ms = 4000

/**
 * Strikes count for this long towards the register that the player is in: a shorter time forgets a hand that rests, a
 * longer one remembers a hand that has moved away.
 */
const REMEMBERED_MS: Ms = 8000

/**
 * Loudness and density are measured over this window: a shorter one jumps with every accent, a longer one follows changes
 * late.
 */
const WINDOW_MS: Ms = 3000

/**
 * The player's keys and pedals, and the harmony, loudness and density of the playing. All times are plan time. Never
 * throws.
 */
export class PlayerTracker {
  /**
   * Weights of the held keys by pitch class, [12]; after the last release, those of the keys held last, for as long as they
   * are remembered.
   */
  readonly weights = new Float64Array(12)
  #lowest: Pitch = -1
  /** Pitch classes lately struck, as fading counts, [12]; a held key fades like any other. */
  readonly played = new Float64Array(12)
  /** The chord that sounds. */
  readonly chord = new SoundingChord()
  /** Keys that are down, each as channel * 128 + pitch. */
  readonly #down = new Set<number>()
  /** Keys that are up but held by the sustain pedal, each as channel * 128 + pitch. */
  readonly #sustained = new Set<number>()
  /** Channels whose sustain pedal is down. */
  readonly #sustainDown = new Set<number>()
  /** Channels whose sostenuto pedal, CC66, is down. */
  readonly #sostenutoDown = new Set<number>()
  #strikes: Strike[] = []
  #loudness: Velocity = 0
  #density = 0
  #isHolding = false
  #releasedAt: Ms = Number.NEGATIVE_INFINITY
  #changedAt: Ms = Number.NEGATIVE_INFINITY
  #liftedAt: Ms = Number.NEGATIVE_INFINITY
  /** Note-ons per second, fading, as of `#rateAt`. */
  #rate = 0
  #rateAt: Ms = 0

  /** Applies one message. @returns whether the message changed anything about keys or pedals */
  receive(message: HeardMessage): boolean {
    const before = this.#down.size
    if (!this.#apply(message)) return false
    if (before > 0 && this.#down.size === 0) this.#liftedAt = message.at
    this.#updateHeld(message.at)
    this.chord.update(this.held(), message.kind === 'note-on', this.#strikes, message.at)
    return true
  }

  /** Releases every key and pedal, and forgets harmony, loudness and density. */
  forget(): void {
    for (const keys of [this.#down, this.#sustained, this.#sustainDown, this.#sostenutoDown]) keys.clear()
    this.#strikes = []
    this.#rate = 0
    this.played.fill(0)
    this.chord.forget()
    this.#loudness = 0
    this.#density = 0
    this.#isHolding = false
    this.#releasedAt = Number.NEGATIVE_INFINITY
    this.#liftedAt = Number.NEGATIVE_INFINITY
    this.#changedAt = Number.NEGATIVE_INFINITY
  }

  /** Pitches held by key or sustain pedal, ascending. */
  held(): Pitch[] {
    const pitches = [...this.#down, ...this.#sustained].map((key) => key % 128)
    return [...new Set(pitches)].sort((a, b) => a - b)
  }

  /** Pitches of the keys that are down, ascending; those that only the sustain pedal holds aren't among them. */
  get down(): Pitch[] {
    return [...new Set([...this.#down].map((key) => key % 128))].sort((a, b) => a - b)
  }

  /** The lowest of the keys that `weights` are of; -1 before any. */
  get lowest(): Pitch {
    return this.#lowest
  }

  /** Mean velocity of the last strikes; 0 before any. */
  get loudness(): Velocity {
    return this.#loudness
  }

  /** Note-ons per second over the last seconds; 0 where there are too few strikes to tell, as after a single chord. */
  get density(): number {
    return this.#density
  }

  /** Share 0-1 that the held keys have at plan time `at`: 1 while any are held, then falling to 0 within `fade` ms. */
  share(at: Ms, fade: Ms): number {
    if (this.#isHolding) return 1
    const since = Math.max(0, at - this.#releasedAt)
    return since >= fade ? 0 : 1 - since / fade
  }

  /** Whether any key is held, by hand or pedal. */
  get isHolding(): boolean {
    return this.#isHolding
  }

  /** Number of keys that are down, not counting those that only the sustain pedal holds. */
  get keysDown(): number {
    return this.#down.size
  }

  /** When the last key that was down was lifted; -Infinity before any. */
  get liftedAt(): Ms {
    return this.#liftedAt
  }

  /** When the held keys last changed; -Infinity before any. */
  get changedAt(): Ms {
    return this.#changedAt
  }

  /** Note-ons per second at plan time `at`, fading. */
  densityAt(at: Ms): number {
    return this.#rate * Math.exp(Math.min(0, this.#rateAt - at) / FADE_MS)
  }

  /** The last strike and those in the 8 s before it, in the order of arrival. */
  get strikes(): readonly Strike[] {
    return this.#strikes
  }

  /** Whether CC66 is down on some channel. */
  get isSostenutoDown(): boolean {
    return this.#sostenutoDown.size > 0
  }

  #apply(message: HeardMessage): boolean {
    switch (message.kind) {
      case 'note-on':
        this.#strike(message.channel * 128 + message.pitch, message)
        return true
      case 'note-off':
        return this.#lift(message.channel * 128 + message.pitch)
      case 'control-change':
        return this.#applyController(message.channel, message.controller, message.value)
      case 'transport':
        return false
    }
  }

  #strike(key: number, { at, pitch, velocity }: Strike): void {
    this.#down.add(key)
    this.#sustained.delete(key)
    const fade = Math.exp(Math.min(0, this.#rateAt - at) / CLASSES_FADE_MS)
    for (let pc = 0; pc < 12; pc++) this.played[pc] = this.played[pc]! * fade
    this.played[pitch % 12] = this.played[pitch % 12]! + 1
    this.#rate = this.densityAt(at) + 1000 / FADE_MS
    this.#rateAt = at
    this.#strikes = this.#strikes.filter((old) => old.at > at - REMEMBERED_MS)
    this.#strikes.push({ at, pitch, velocity })
    this.#measure(at)
  }

  #measure(at: Ms): void {
    const window = this.#strikes.filter((old) => old.at > at - WINDOW_MS)
    let sum = 0
    for (const { velocity } of window) sum += velocity
    this.#loudness = sum / window.length
    // From the first strike to now there are as many intervals as strikes, less the chord struck now.
    const first = window[0]?.at ?? at
    const before = window.filter((old) => old.at < at - CHORD_MS).length
    this.#density = before === 0 ? 0 : (1000 * before) / (at - first)
  }

  #lift(key: number): boolean {
    if (!this.#down.delete(key)) return false
    if (this.#sustainDown.has(key >> 7)) this.#sustained.add(key)
    return true
  }

  #applyController(channel: number, controller: number, value: number): boolean {
    const isDown = value >= SWITCH_ON
    if (controller === SUSTAIN) {
      if (isDown) this.#sustainDown.add(channel)
      else this.#liftSustain(channel)
    } else if (controller === SOSTENUTO) {
      if (isDown) this.#sostenutoDown.add(channel)
      else this.#sostenutoDown.delete(channel)
    } else if (controller === RESET_ALL_CONTROLLERS) {
      this.#liftSustain(channel)
      this.#sostenutoDown.delete(channel)
    } else if (endsAllNotes(controller)) {
      releaseChannel(this.#down, channel)
      releaseChannel(this.#sustained, channel)
    } else return false
    return true
  }

  #liftSustain(channel: number): void {
    if (this.#sustainDown.delete(channel)) releaseChannel(this.#sustained, channel)
  }

  #updateHeld(at: Ms): void {
    const isHolding = this.#down.size + this.#sustained.size > 0
    if (this.#isHolding && !isHolding) this.#releasedAt = at
    this.#isHolding = isHolding
    // After the last key is released the weights stay as they were, and fade with `share`.
    if (!isHolding) return
    this.#changedAt = at
    this.weights.fill(0)
    this.#lowest = 128
    for (const keys of [this.#down, this.#sustained]) {
      for (const key of keys) {
        const pitch = key % 128
        this.weights[pitch % 12] = this.weights[pitch % 12]! + 1
        this.#lowest = Math.min(this.#lowest, pitch)
      }
    }
  }
}

function releaseChannel(keys: Set<number>, channel: number): void {
  for (const key of keys) if (key >> 7 === channel) keys.delete(key)
}

/** Whether `message` presses CC66. */
export function pressesSostenuto(message: HeardMessage): boolean {
  return message.kind === 'control-change' && message.controller === SOSTENUTO && message.value >= SWITCH_ON
}
