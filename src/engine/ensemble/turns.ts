import { controlOfController } from '../controls/control-values.js'
import { type HeardMessage, SOSTENUTO } from '../language/messages.js'
import type { Input } from '../surface/inputs.js'
import type { Floor } from '../surface/snapshot.js'
import { type Ms, STEP_MS, type Steps } from '../units.js'
import type { Mode } from './mode.js'

/** The music is on its way to a breath, where it pauses or the floor goes to the player. */
export interface Ending {
  /** Plan time before which a breath does not end the music. */
  readonly from: Ms
  /** Plan time at which the ending is reached if no breath comes. */
  readonly deadline: Ms
  readonly leadsTo: 'pause' | 'listening'
  /** Whether no breath before the last chord of a cadence ends the music. */
  readonly withCadence?: boolean
}

/**
 * The state of the turns: who plays when. An immutable value, from which `transition` makes the next one. Times are plan
 * time.
 */
export interface TurnState {
  readonly mode: Mode
  readonly floor: Floor
  /**
   * The reasons for which the music stands still: a command (or the music has not begun), and the player's CC66. It plays
   * while both are false.
   */
  readonly holds: { readonly command: boolean; readonly pedal: boolean }
  readonly ending: Ending | null
  /** Whether the player's phrase has had its answer: the next key begins another. */
  readonly isAnswered: boolean
  /** When the player last struck a key in a mode that shares history; -Infinity before. */
  readonly heardAt: Ms
  /** When the pianist last took the floor; 0 before. */
  readonly tookAt: Ms
  /** The event clock at which a note must be struck, because the pianist has taken the floor; -Infinity where none must. */
  readonly strikeAt: Steps
}

/** An event that may change who plays. */
export type TurnEvent =
  | { readonly type: 'play' }
  | { readonly type: 'pause' }
  /** Play to the next breath, or through a cadence, then pause. */
  | { readonly type: 'end'; readonly withCadence?: boolean }
  /** Passes the floor: from the player to the pianist, or back. */
  | { readonly type: 'take-over' }
  | { readonly type: 'panic' }
  | { readonly type: 'mode'; readonly mode: Mode }
  /** A key was struck at plan time `at`. */
  | { readonly type: 'key'; readonly at: Ms }
  /** Sent with every message from the keyboard: whether CC66 is down on some channel, and whether this message pressed it. */
  | { readonly type: 'pedal'; readonly isDown: boolean; readonly isPressed: boolean }
  /** The band has started or stopped. */
  | { readonly type: 'transport' }
  /** The player has been silent for the time after which the pianist answers. */
  | { readonly type: 'pause-elapsed' }
  /** The breath or the deadline of the ending is reached. */
  | { readonly type: 'breath' }

/** Something that may change who plays, with the two numbers, at that time, on which its effect depends. */
export type TurnInput = TurnEvent & {
  /** Plan time up to which the music is history. */
  readonly position: Ms
  /** Length of the player's phrase, from its first note to the last key lifted; 0 without a phrase. */
  readonly phraseMs: Ms
}

/** An action of the pianist that follows from a transition. The actions of a transition are done in the order of the list. */
export type TurnEffect =
  /** The music stands still from now on: sounding notes end as planned, or after a second. */
  | { readonly type: 'hold' }
  /** The music goes on after having stood still. */
  | { readonly type: 'resume' }
  /** The player's phrase is forgotten: the next key begins one. */
  | { readonly type: 'clear-phrase' }
  /** The pianist listens: its notes end as planned, and at the latest `longest` ms after the position. */
  | { readonly type: 'give-floor'; readonly longest: Ms }
  /** The pianist plays from the position on, beginning with a note. */
  | { readonly type: 'take-floor' }
  /** Everything falls silent at once, and all that the player has done is forgotten. */
  | { readonly type: 'silence' }

type Transition = readonly [state: TurnState, effects: readonly TurnEffect[]]

/**
 * When music stands still or the floor is given up, sounding notes end as planned, and at the latest after this time:
 * shorter cuts final chords, longer is heard as not having stopped.
 */
export const LONGEST_RELEASE_MS: Ms = 1000

/**
 * When the player plays over the pianist, its notes end this long after the horizon at the latest, 300 ms after the key: sooner
 * chokes them, later is in the player's way.
 */
const INTERRUPTED_RELEASE_MS: Ms = 250

/**
 * An ending that finds no breath stops the music after this time: shorter often stops within a phrase, longer seems to
 * ignore the command.
 */
const LONGEST_ENDING_MS: Ms = 4000

/** A cadence that has not come to its end by then is broken off: shorter breaks off slow ones, longer seems to ignore the command. */
const LONGEST_CADENCE_MS: Ms = 8000

/** An ending during which the band starts or stops ends within this: longer is heard as not having stopped, shorter breaks off. */
const LONGEST_STOP_MS: Ms = 1000

/**
 * An answer lasts this long at least, also to a single chord: a shorter one has no room for a phrase, a longer one is out
 * of proportion.
 */
const SHORTEST_ANSWER_MS: Ms = 1000

/**
 * An answer lasts no longer than this, also to a long solo: shorter cuts answers to long phrases, longer keeps the player
 * waiting.
 */
const LONGEST_ANSWER_MS: Ms = 30_000

/**
 * An answer that finds no breath after the phrase's length ends after this additional time: shorter ends more answers
 * within a phrase, longer makes them outlast the phrase.
 */
const ANSWER_OVERTIME_MS: Ms = 1500

const NEVER = Number.NEGATIVE_INFINITY
const NONE: readonly TurnEffect[] = []
const HOLD: TurnEffect = { type: 'hold' }
const CLEAR_PHRASE: TurnEffect = { type: 'clear-phrase' }

/** The turns before the first note: the music is held until *play*. */
export function firstTurns(mode: Mode): TurnState {
  return {
    mode,
    floor: mode.firstFloor,
    holds: { command: true, pedal: false },
    ending: null,
    isAnswered: false,
    heardAt: NEVER,
    tookAt: 0,
    strikeAt: NEVER,
  }
}

export function isHeld({ holds }: TurnState): boolean {
  return holds.command || holds.pedal
}

/** Whether a key struck now is put into history: time must go on, so that it has a place there. */
export function placesKeys(state: TurnState): boolean {
  return state.mode.sharesHistory && !isHeld(state)
}

/** The first step after a position: nothing before it can still change. */
export function clockAfter(position: Ms): Steps {
  return Math.floor(position / STEP_MS) + 1
}

/** Decides who plays after `input`; nothing else decides this. Pure; never throws. */
export function transition(state: TurnState, input: TurnInput): Transition {
  switch (input.type) {
    case 'play':
      // *play* releases the pedal too, because its keyboard may have been disconnected while the pedal was down.
      return release(withoutPause(state), { command: false, pedal: false })
    case 'pause':
      // An answer under way goes on after the pause and ends at its planned place, because plan time stands still in a
      // pause.
      return hold(withoutPause(state), 'command')
    case 'end':
      return end(state, input.position, input.withCadence ?? false)
    case 'take-over':
      return passFloor(state, input)
    case 'panic':
      return panic(state)
    case 'mode':
      return changeMode(state, input.mode)
    case 'key':
      return placesKeys(state) ? placeKey(state, input.at) : [state, NONE]
    case 'pedal':
      if (state.mode.passesTurns) return input.isPressed ? passFloor(state, input) : [state, NONE]
      return input.isDown ? hold(state, 'pedal') : release(state, { ...state.holds, pedal: false })
    case 'transport':
      if (state.ending?.leadsTo !== 'pause') return [state, NONE]
      // The band's clock has stopped or started while the music is on its way to a pause: it pauses within a second.
      return [{ ...state, ending: { ...state.ending, deadline: input.position + LONGEST_STOP_MS } }, NONE]
    case 'pause-elapsed':
      return takeFloor(state, input)
    case 'breath':
      return reachEnding(state)
  }
}

/** The state without an ending that leads to a pause. */
function withoutPause(state: TurnState): TurnState {
  return state.ending?.leadsTo === 'pause' ? { ...state, ending: null } : state
}

function hold(state: TurnState, by: 'command' | 'pedal'): Transition {
  return [{ ...state, holds: { ...state.holds, [by]: true } }, isHeld(state) ? NONE : [HOLD]]
}

function release(state: TurnState, holds: TurnState['holds']): Transition {
  const next = { ...state, holds }
  return [next, isHeld(state) && !isHeld(next) ? [{ type: 'resume' }] : NONE]
}

function end(state: TurnState, position: Ms, withCadence: boolean): Transition {
  if (isHeld(state) || state.floor === 'player') return hold(state, 'command')
  if (state.ending?.leadsTo === 'pause') return [state, NONE]
  const deadline = position + (withCadence ? LONGEST_CADENCE_MS : LONGEST_ENDING_MS)
  const ending: Ending = { from: position, deadline, leadsTo: 'pause', withCadence }
  return [{ ...state, ending }, NONE]
}

function panic(state: TurnState): Transition {
  const { mode, holds, tookAt } = state
  return [{ ...firstTurns(mode), holds: { ...holds, command: true }, tookAt }, [{ type: 'silence' }]]
}

/**
 * A change of mode cuts no note: a pianist that has to listen in the new mode gives up the floor as at the end of an
 * answer.
 */
function changeMode(state: TurnState, mode: Mode): Transition {
  const ending = state.ending?.leadsTo === 'listening' ? null : state.ending
  const next = { ...state, mode, ending, floor: mode.firstFloor, isAnswered: false, strikeAt: NEVER }
  if (next.floor !== 'player' || state.floor === 'player') return [next, [CLEAR_PHRASE]]
  const [given, effects] = giveFloor(next, LONGEST_RELEASE_MS)
  return [given, [CLEAR_PHRASE, ...effects]]
}

/** Puts a key into history. If the pianist has the floor, the floor goes to the player. */
function placeKey(state: TurnState, at: Ms): Transition {
  const interrupts = state.floor === 'pianist'
  const clears = interrupts || state.isAnswered ? [CLEAR_PHRASE] : NONE
  const heard = { ...state, isAnswered: false, heardAt: at }
  if (!interrupts) return [heard, clears]
  const [given, effects] = giveFloor(heard, INTERRUPTED_RELEASE_MS)
  return [given, [...clears, ...effects]]
}

function passFloor(state: TurnState, input: TurnInput): Transition {
  if (!state.mode.passesTurns || isHeld(state)) return [state, NONE]
  return state.floor === 'pianist' ? giveFloor(state, INTERRUPTED_RELEASE_MS) : takeFloor(state, input)
}

function giveFloor(state: TurnState, longest: Ms): Transition {
  return [{ ...state, floor: 'player', ending: null, strikeAt: NEVER }, [{ type: 'give-floor', longest }]]
}

function takeFloor(state: TurnState, { position, phraseMs }: TurnInput): Transition {
  const ending = state.mode.answersPhrases ? answerEnding(position, phraseMs) : state.ending
  const strikeAt = clockAfter(position)
  const taken = { ...state, floor: 'pianist', isAnswered: true, tookAt: position, strikeAt, ending } as const
  return [taken, [{ type: 'take-floor' }]]
}

function answerEnding(position: Ms, phraseMs: Ms): Ending {
  const from = position + Math.min(Math.max(phraseMs, SHORTEST_ANSWER_MS), LONGEST_ANSWER_MS)
  return { from, deadline: from + ANSWER_OVERTIME_MS, leadsTo: 'listening' }
}

function reachEnding(state: TurnState): Transition {
  const isPause = state.ending?.leadsTo === 'pause'
  const ended = { ...state, ending: null }
  const [held, holding] = isPause ? hold(ended, 'command') : [ended, NONE]
  // A player who ends an answer wants no more of it: after the pause the pianist listens.
  if (isPause && !state.mode.answersPhrases) return [held, holding]
  const [given, giving] = giveFloor(held, LONGEST_RELEASE_MS)
  return [given, [...holding, ...giving]]
}

/**
 * Whether the pianist may fall silent or give up the floor because of `input`: the ends of its notes are then planned
 * before the input is applied. Returning true for an input that silences nothing costs no draws at once; returning false
 * for one that does would change the music.
 */
export function maySilence(input: Input, floor: Floor): boolean {
  if (input.kind === 'heard') {
    const { message } = input
    if (message.kind === 'note-on') return floor === 'pianist'
    return message.kind === 'transport' || isModeOrPedal(message)
  }
  if (input.kind !== 'command') return false
  const { command } = input
  switch (command.type) {
    case 'set':
      return command.control === 'mode'
    case 'set-some':
      return command.controls.mode !== undefined
    default:
      return command.type !== 'panic' && command.type !== 'forget' && command.type !== 'again'
  }
}

function isModeOrPedal(message: HeardMessage): boolean {
  if (message.kind !== 'control-change') return false
  return message.controller === SOSTENUTO || controlOfController(message.controller) === 'mode'
}
