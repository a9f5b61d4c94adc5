import type { Mode } from '../controls/controls.js'
import { PITCH_COUNT } from '../language/events.js'
import type { HeardMessage } from '../language/messages.js'
import { type Moment, SILENT } from '../sampling/moment.js'
import type { Floor } from '../surface/snapshot.js'
import type { Ms, Pitch, Steps, Velocity } from '../units.js'
import { createPhrase } from './phrase.js'
import type { PlayerTracker } from './player-tracker.js'

/** What the player's playing asks for where it leads the music. */
export interface Lead {
  /** Share 0-1 that it has in the steering at plan time `at`. */
  share(at: Ms): number
  /** By pitch class as it sounds, [12], of any sum; all 0 asks for nothing. */
  readonly weights: Float64Array
  /** 0 asks for nothing. */
  readonly loudness: Velocity
  /** Note-ons per second; 0 asks for nothing. */
  readonly density: number
  /** Lowest and highest pitch as it sounds; null leaves it to the register. */
  readonly range: readonly [low: Pitch, high: Pitch] | null
}

/**
 * Who plays when: the two partners' floor, as the mode and the player's playing have it. It knows no plan: what it says
 * changes only when something is heard, the mode changes or the floor passes.
 */
export interface Partner {
  readonly floor: Floor
  readonly lead: Lead
  /** 1 where a pitch of history is held by the player or sounds with a key of theirs, [128]. */
  readonly others: Uint8Array
  /** Plan time at which the pianist takes the floor by itself, after a silence of `pause`; Infinity while it won't. */
  turnAt(pause: Ms): Ms
  /** Takes in a key struck in a mode that hears as one. @returns whether it passes the floor to the player */
  hear(message: Extract<HeardMessage, { kind: 'note-on' }>): boolean
  /** Another mode is in force: who has the floor in it at first. */
  changeMode(mode: Mode): void
  /** The pianist has the floor from plan time `at` on, and strikes a note at event clock `strikeAt`. @returns the length of the phrase it answers */
  take(at: Ms, strikeAt: Steps): Ms
  /** The player has the floor; the pianist's own notes end at `ends` (event clock by pitch of history). */
  give(ends: ReadonlyMap<Pitch, Steps>): void
  /** Whether the pianist rests: no note-on, and its notes end as agreed. */
  readonly resting: boolean
  /** Whether the next event at `moment` must lead to a note. */
  mustStrike(moment: Moment): boolean
  /** The note of the pianist's that must end at `moment`, or -1. */
  mustEnd(moment: Moment): Pitch
  /** The longest wait at `moment` while it rests. */
  longestWait(moment: Moment, most: Steps): Steps
  forget(): void
}

/** What the pianist remembers of the player when it takes over fades in this time: it goes on its own way from there. */
const HANDS_FADE_MS: Ms = 8000
/** In a duet the player's harmony holds this long after a note of theirs, and then fades as that of released keys does. */
const DUET_PRESENT_MS: Ms = 4000
/** An answer takes these many notes around the phrase's range: none would leave it no note after a single key. */
const ANSWER_MARGIN = 5

const NO_WEIGHTS = new Float64Array(12)
const NOBODY: Lead = { share: () => 0, weights: NO_WEIGHTS, loudness: 0, density: 0, range: null }

/** In these modes the player's notes are part of the music's own past. */
export function hearsAsOne(mode: Mode): boolean {
  return mode !== 'solo' && mode !== 'follow'
}

/** Who has the floor when a mode begins. */
function firstFloor(mode: Mode): Floor {
  return mode === 'solo' || mode === 'follow' || mode === 'duet' ? 'both' : 'player'
}

/** A partner who has heard nothing. `fade`: how long held keys are remembered. */
export function createPartner(listener: PlayerTracker, first: Mode, fade: () => Ms): Partner {
  const phrase = createPhrase()
  const others = new Uint8Array(PITCH_COUNT)
  let mode = first
  let floor: Floor = firstFloor(first)
  let ends: ReadonlyMap<Pitch, Steps> = new Map()
  let strikeAt: Steps = Number.NEGATIVE_INFINITY
  let tookAt: Ms = 0
  /** The phrase has had its answer: the next key begins another. */
  let isAnswered = false
  /** When the player last struck a key. */
  let heardAt: Ms = Number.NEGATIVE_INFINITY

  const follow: Lead = {
    share: (at) => listener.share(at, fade()),
    weights: listener.weights,
    get loudness() {
      return listener.loudness
    },
    get density() {
      return listener.density
    },
    range: null,
  }
  const duet: Lead = {
    ...NOBODY,
    share: (at) => Math.min(1, Math.max(0, 1 - (at - heardAt - DUET_PRESENT_MS) / fade())),
    weights: listener.played,
  }
  const answer: Lead = {
    share: () => 1,
    weights: phrase.weights,
    get loudness() {
      return phrase.loudness
    },
    get density() {
      return phrase.densityUntil(listener.liftedAt)
    },
    get range() {
      const [low, high] = phrase.range
      return [low - ANSWER_MARGIN, high + ANSWER_MARGIN] as const
    },
  }
  const sameHands: Lead = {
    ...NOBODY,
    // What is gone over again may lie before it took over.
    share: (at) => Math.min(1, Math.max(0, 1 - (at - tookAt) / HANDS_FADE_MS)),
    get loudness() {
      return listener.loudness
    },
    get density() {
      return listener.density
    },
  }

  function lead(): Lead {
    if (mode === 'follow') return follow
    if (mode === 'duet') return heardAt > Number.NEGATIVE_INFINITY ? duet : NOBODY
    if (floor !== 'pianist' || phrase.length === 0) return NOBODY
    return mode === 'answer' ? answer : sameHands
  }

  function turnAt(pause: Ms): Ms {
    const waits = mode === 'answer' && floor === 'player' && phrase.length > 0 && !isAnswered
    if (!waits || listener.keysDown > 0) return Number.POSITIVE_INFINITY
    return listener.liftedAt + pause
  }

  function hear(message: Extract<HeardMessage, { kind: 'note-on' }>): boolean {
    const interrupts = floor === 'pianist'
    if (interrupts || isAnswered) phrase.clear()
    isAnswered = false
    heardAt = message.at
    phrase.strike(message.at, message.pitch, message.velocity)
    return interrupts
  }

  function nextEnd(moment: Moment): Steps {
    let next = Number.POSITIVE_INFINITY
    for (const [pitch, end] of ends) {
      if (moment.struckAt[pitch] !== SILENT && others[pitch] === 0) next = Math.min(next, end)
    }
    return next
  }

  return {
    others,
    turnAt,
    hear,
    get floor() {
      return floor
    },
    get lead() {
      return lead()
    },
    changeMode: (next) => {
      mode = next
      floor = firstFloor(next)
      strikeAt = Number.NEGATIVE_INFINITY
      isAnswered = false
      phrase.clear()
    },
    take: (at, strike) => {
      floor = 'pianist'
      isAnswered = true
      strikeAt = strike
      tookAt = at
      return phrase.length === 0 ? 0 : listener.liftedAt - phrase.start
    },
    give: (next) => {
      floor = 'player'
      ends = next
      strikeAt = Number.NEGATIVE_INFINITY
    },
    get resting() {
      return floor === 'player'
    },
    mustStrike: (moment) => moment.clock >= strikeAt && moment.lastStrike < strikeAt,
    mustEnd: (moment) => {
      if (floor !== 'player') return -1
      for (const [pitch, end] of ends) {
        if (end <= moment.clock && moment.struckAt[pitch] !== SILENT && others[pitch] === 0) return pitch
      }
      return -1
    },
    longestWait: (moment, most) => Math.min(most, Math.max(1, nextEnd(moment) - moment.clock)),
    forget: () => {
      floor = firstFloor(mode)
      ends = new Map()
      strikeAt = Number.NEGATIVE_INFINITY
      isAnswered = false
      heardAt = Number.NEGATIVE_INFINITY
      phrase.clear()
      others.fill(0)
    },
  }
}
