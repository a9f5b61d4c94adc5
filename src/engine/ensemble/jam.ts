import type { Controls, Mode } from '../controls/controls.js'
import { eventPitch, isNoteOff, isNoteOn } from '../language/events.js'
import type { HeardMessage } from '../language/messages.js'
import type { Steering } from '../pianist/steering.js'
import type { Merged, Plan } from '../plan/plan.js'
import { SILENT } from '../sampling/moment.js'
import { type Ms, type Pitch, STEP_MS, type Steps } from '../units.js'
import type { PlayerNotes } from './player-notes.js'
import type { PlayerTracker } from './player-tracker.js'
import { hearsAsOne, type Partner } from './turn-taking.js'

/** On the way to a breath, where the music pauses, or gives the floor to the player. */
export interface Ending {
  readonly from: Ms
  /** If no breath comes, there. */
  readonly deadline: Ms
  readonly leadsTo: 'pause' | 'listening'
}

/** What the two share. */
export interface JamOptions {
  readonly plan: Plan
  readonly listener: PlayerTracker
  readonly partner: Partner
  readonly steering: Steering
  readonly joint: PlayerNotes
  /** Sees how history was changed. */
  readonly onMerged: (merged: Merged) => void
}

/** Playing together, done: the floor is taken and given, and what the player strikes is put where it belongs. */
export interface Jam {
  /** The pianist plays from `position` on, beginning with a note. @returns where its turn ends; undefined where it has no end */
  take(position: Ms, controls: Controls): Ending | undefined
  /** The pianist listens: what sounds of its own ends as planned, and at the latest `longest` ms after `position`. */
  give(position: Ms, longest: Ms): void
  /**
   * Takes in what the listener has just taken in. `isPlaying`: time goes on, so that keys have a place in history.
   * @returns whether the player has taken the floor by it
   */
  hear(message: HeardMessage, position: Ms, controls: Controls, isPlaying: boolean): boolean
}

/**
 * Notes of an answer that the player plays over end this long after the horizon at the latest, 300 ms after the key: sooner
 * chokes them, later is in the way.
 */
export const INTERRUPTED_RELEASE_MS: Ms = 250
/** An answer to a phrase of a single chord lasts this long at least; one to a long solo no longer than the most. */
const SHORTEST_ANSWER_MS: Ms = 1000
const LONGEST_ANSWER_MS: Ms = 30_000
/** An answer that finds no breath after the phrase's length ends after this much more. */
const ANSWER_OVERTIME_MS: Ms = 1500

/** In these modes the two take turns. */
export function takesTurns(mode: Mode): boolean {
  return mode === 'answer' || mode === 'continue'
}

/** The first step after a position: nothing before it can still change. */
export function clockAfter(position: Ms): Steps {
  return Math.floor(position / STEP_MS) + 1
}

export function createJam({ plan, listener, partner, steering, joint, onMerged }: JamOptions): Jam {
  function give(position: Ms, longest: Ms): void {
    const first = clockAfter(position)
    const last = first + Math.floor(longest / STEP_MS)
    const ends = new Map<Pitch, Steps>()
    const { struckAt } = plan.open().moment
    const isOwn = (pitch: Pitch) => struckAt[pitch] !== SILENT && partner.others[pitch] === 0
    while (plan.plannedTo <= last * STEP_MS && plan.sample());
    plan.forEachPlanned(({ event, moment: { clock } }) => {
      if (!isNoteOff(event) && !isNoteOn(event)) return
      const pitch = eventPitch(event)
      if (isOwn(pitch) && !ends.has(pitch)) ends.set(pitch, Math.min(Math.max(clock, first), last))
    })
    for (let pitch = 0; pitch < struckAt.length; pitch++) {
      if (isOwn(pitch) && !ends.has(pitch)) ends.set(pitch, last)
    }
    partner.give(ends)
    steering.refresh()
    plan.rewind(position)
  }

  function take(position: Ms, controls: Controls): Ending | undefined {
    const length = partner.take(position, clockAfter(position))
    steering.refresh()
    onMerged(plan.endWait(position))
    if (controls.mode !== 'answer') return undefined
    const from = position + Math.min(Math.max(length, SHORTEST_ANSWER_MS), LONGEST_ANSWER_MS)
    return { from, deadline: from + ANSWER_OVERTIME_MS, leadsTo: 'listening' }
  }

  function hear(message: HeardMessage, position: Ms, controls: Controls, isPlaying: boolean): boolean {
    const strike = message.kind === 'note-on' && hearsAsOne(controls.mode) && isPlaying ? message : undefined
    const interrupts = strike !== undefined && partner.hear(strike)
    if (interrupts) give(position, INTERRUPTED_RELEASE_MS)
    steering.refresh()
    if (strike) joint.strike(strike, position, controls)
    const lifted = joint.lift(listener.held(), message.at, position, controls)
    if (!strike && !lifted && controls.mode !== 'solo') plan.rewind(position)
    return interrupts
  }

  return { take, give, hear }
}
