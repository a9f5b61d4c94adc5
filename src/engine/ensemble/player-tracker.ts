import {
  endsAllNotes,
  type HeardMessage,
  RESET_ALL_CONTROLLERS,
  SOSTENUTO,
  SUSTAIN,
  SWITCH_ON,
} from '../language/messages.js'
import type { Ms, Pitch, Velocity } from '../units.js'

/** What the player's playing asks for at a moment. */
export interface PlayerTracker {
  /** Takes in one message; its `at` is plan time. Whether it means anything to the steering. Never throws. */
  receive(message: HeardMessage): boolean
  /** Pitches held by key or pedal, ascending. */
  held(): Pitch[]
  /** Counts of held keys by pitch class, or the last ones held while their memory fades, [12]. */
  readonly weights: Float64Array
  /** How hard is played: mean velocity of the last notes, 1-127; 0 before any. */
  readonly loudness: Velocity
  /** How densely: note-ons per second over the last seconds; 0 while there is no telling (a chord alone). */
  readonly density: number
  /** Share 0-1 that the heard has at plan time `at`: 1 while keys are held, then easing to 0 in `fade` ms. */
  share(at: Ms, fade: Ms): number
  /** Keys that are down, whatever the pedals hold. */
  readonly keysDown: number
  /** When the last of them was lifted, plan time; -Infinity before any. */
  readonly liftedAt: Ms
  /** When the held keys last changed, plan time; -Infinity before any. */
  readonly changedAt: Ms
  /** Pitch classes lately struck, fading counts, [12]; held keys don't keep them up. */
  readonly played: Float64Array
  /** Note-ons per second of the player at plan time `at`, fading. */
  densityAt(at: Ms): number
  /** The lowest and the highest pitch struck in the 8 s before the last note, or undefined before any. */
  range(): readonly [low: Pitch, high: Pitch] | undefined
  /** Lets go of every key and pedal, and of what was heard. */
  forget(): void
  /** CC66 is down on some channel: no new notes. */
  readonly stopped: boolean
}

/** The player's density fades with this time constant: shorter takes every gap for a pause, longer answers late. */
const FADE_MS: Ms = 2000

/**
 * Pitch classes struck fade with this time constant: shorter forgets the harmony between two chords, longer still remembers
 * the passage before.
 */
const CLASSES_FADE_MS: Ms = 4000

/** What the player struck in this time is the register they play in: shorter forgets a hand that rests, longer one that moved. */
const RANGE_MS: Ms = 8000

/** Loudness and density are heard over this window: shorter jumps with every accent, longer answers late. */
const WINDOW_MS: Ms = 3000

/** Strikes closer together than this are one chord and say nothing about density. */
const CHORD_MS: Ms = 50

interface Strike {
  readonly at: Ms
  readonly pitch: Pitch
  readonly velocity: Velocity
}

/** A listener that has heard nothing. */
export function createPlayerTracker(): PlayerTracker {
  /** Keys as channel * 128 + pitch. */
  const down = new Set<number>()
  const sustained = new Set<number>()
  const pedals = new Set<number>()
  const stops = new Set<number>()
  const weights = new Float64Array(12)
  const played = new Float64Array(12)
  let strikes: Strike[] = []
  let loudness = 0
  let density = 0
  let releasedAt = Number.NEGATIVE_INFINITY
  let heldNow = false
  let changedAt = Number.NEGATIVE_INFINITY
  let liftedAt = Number.NEGATIVE_INFINITY
  /** Fading note-ons per second, up to `rateAt`. */
  let rate = 0
  let rateAt: Ms = 0

  const densityAt = (at: Ms) => rate * Math.exp(Math.min(0, rateAt - at) / FADE_MS)

  function changeHeld(at: Ms): void {
    const any = down.size + sustained.size > 0
    if (heldNow && !any) releasedAt = at
    heldNow = any
    // When the last key lifts, the weights stay as they were and fade with `share`.
    if (!any) return
    changedAt = at
    weights.fill(0)
    for (const keys of [down, sustained]) {
      for (const key of keys) {
        const pc = (key % 128) % 12
        weights[pc] = weights[pc]! + 1
      }
    }
  }

  function strike(key: number, at: Ms, velocity: Velocity): void {
    down.add(key)
    sustained.delete(key)
    const fade = Math.exp(Math.min(0, rateAt - at) / CLASSES_FADE_MS)
    for (let pc = 0; pc < 12; pc++) played[pc] = played[pc]! * fade
    played[(key % 128) % 12] = played[(key % 128) % 12]! + 1
    rate = densityAt(at) + 1000 / FADE_MS
    rateAt = at
    strikes = strikes.filter((old) => old.at > at - RANGE_MS)
    strikes.push({ at, pitch: key % 128, velocity })
    const window = strikes.filter((old) => old.at > at - WINDOW_MS)
    let sum = 0
    for (const old of window) sum += old.velocity
    loudness = sum / window.length
    // From the first strike to now there are as many intervals as strikes, less the chord struck now.
    const first = window[0]?.at ?? at
    const before = window.filter((old) => old.at < at - CHORD_MS).length
    density = before === 0 ? 0 : (1000 * before) / (at - first)
  }

  function release(key: number): boolean {
    if (!down.delete(key)) return false
    if (pedals.has(key >> 7)) sustained.add(key)
    return true
  }

  function releaseChannel(keys: Set<number>, channel: number): void {
    for (const key of keys) if (key >> 7 === channel) keys.delete(key)
  }

  function control(channel: number, controller: number, value: number): boolean {
    const isDown = value >= SWITCH_ON
    if (controller === SUSTAIN) {
      if (isDown) pedals.add(channel)
      else if (pedals.delete(channel)) releaseChannel(sustained, channel)
    } else if (controller === SOSTENUTO) {
      if (isDown) stops.add(channel)
      else stops.delete(channel)
    } else if (controller === RESET_ALL_CONTROLLERS) {
      if (pedals.delete(channel)) releaseChannel(sustained, channel)
      stops.delete(channel)
    } else if (endsAllNotes(controller)) {
      releaseChannel(down, channel)
      releaseChannel(sustained, channel)
    } else return false
    return true
  }

  function receive(message: HeardMessage): boolean {
    const before = down.size
    if (!takeIn(message)) return false
    if (before > 0 && down.size === 0) liftedAt = message.at
    changeHeld(message.at)
    return true
  }

  function takeIn(message: HeardMessage): boolean {
    switch (message.kind) {
      case 'note-on':
        strike(message.channel * 128 + message.pitch, message.at, message.velocity)
        return true
      case 'note-off':
        return release(message.channel * 128 + message.pitch)
      case 'control-change':
        return control(message.channel, message.controller, message.value)
      case 'transport':
        return false
    }
  }

  function forget(): void {
    for (const held of [down, sustained, pedals, stops]) held.clear()
    strikes = []
    rate = 0
    played.fill(0)
    loudness = 0
    density = 0
    heldNow = false
    releasedAt = Number.NEGATIVE_INFINITY
    liftedAt = Number.NEGATIVE_INFINITY
    changedAt = Number.NEGATIVE_INFINITY
  }

  return {
    receive,
    forget,
    weights,
    played,
    held: () => [...new Set([...down, ...sustained].map((key) => key % 128))].sort((a, b) => a - b),
    get loudness() {
      return loudness
    },
    get density() {
      return density
    },
    get stopped() {
      return stops.size > 0
    },
    share: (at, fade) => {
      if (heldNow) return 1
      const since = Math.max(0, at - releasedAt)
      return since >= fade ? 0 : 1 - since / fade
    },
    get changedAt() {
      return changedAt
    },
    get keysDown() {
      return down.size
    },
    get liftedAt() {
      return liftedAt
    },
    densityAt,
    range: () => {
      if (strikes.length === 0) return undefined
      const pitches = strikes.map(({ pitch }) => pitch)
      return [Math.min(...pitches), Math.max(...pitches)]
    },
  }
}
