import { controlOfController } from '../controls/control-values.js'
import { type HeardMessage, SOSTENUTO } from '../language/messages.js'
import type { Input } from '../surface/inputs.js'
import type { Floor } from '../surface/snapshot.js'
import { type Ms, STEP_MS, type Steps } from '../units.js'
import type { Mode } from './mode.js'

/** The music is on its way to a breath, where it pauses or the floor goes to the player. */
export interface Ending {
  /** No breath before this plan time counts. */
  readonly from: Ms
  /** Plan time at which the ending is reached if no breath comes. */
  readonly deadline: Ms
  readonly leadsTo: 'pause' | 'listening'
}

/** Who plays when. A value: `transition` makes the next one of it. Times are plan time. */
export interface TurnState {
  readonly mode: Mode
  readonly floor: Floor
  /** What holds the music still: a command (or that it has not begun), and the player's CC66. It plays while neither does. */
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

/** What may change who plays. */
export type TurnEvent =
  | { readonly type: 'play' }
  | { readonly type: 'pause' }
  /** Play to the next breath, then pause. */
  | { readonly type: 'end' }
  /** The floor goes to the other one. */
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

/** An event, and how things stand when it comes. */
export type TurnInput = TurnEvent & {
  /** Plan time up to which the music is history. */
  readonly position: Ms
  /** How long the player's phrase lasted, from its first note to the last key lifted; 0 where there is none. */
  readonly phraseMs: Ms
}

/** What the pianist does because of a transition, in the order of the list. */
export type TurnEffect =
  /** The music stands still from now on: what sounds ends as planned, or after a second. */
  | { readonly type: 'hold' }
  /** The music goes on after having stood still. */
  | { readonly type: 'resume' }
  /** The player's phrase is forgotten: the next key begins one. */
  | { readonly type: 'clear-phrase' }
  /** The pianist listens: its notes end as planned, and at the latest `longest` ms after the position. */
  | { readonly type: 'give-floor'; readonly longest: Ms }
  /** The pianist plays from the position on, beginning with a note. */
  | { readonly type: 'take-floor' }
  /** Everything falls silent at once, and what was heard is forgotten. */
  | { readonly type: 'silence' }

type Transition = readonly [state: TurnState, effects: readonly TurnEffect[]]

/** When music stands still or the floor is given, sounding notes end as planned, and at the latest after this. */
export const LONGEST_RELEASE_MS: Ms = 1000

/**
 * When the player plays over the pianist, its notes end this long after the horizon at the latest, 300 ms after the key: sooner
 * chokes them, later is in the player's way.
 */
const INTERRUPTED_RELEASE_MS: Ms = 250

/** An ending that finds no breath stops here. */
const LONGEST_ENDING_MS: Ms = 4000

/** An ending during which the band starts or stops ends within this: longer is heard as not having stopped, shorter breaks off. */
const LONGEST_STOP_MS: Ms = 1000

/** An answer lasts this long at least, also to a single chord. */
const SHORTEST_ANSWER_MS: Ms = 1000

/** An answer lasts no longer than this, also to a long solo. */
const LONGEST_ANSWER_MS: Ms = 30_000

/** An answer that finds no breath after the phrase's length ends after this much more. */
const ANSWER_OVERTIME_MS: Ms = 1500

const NEVER = Number.NEGATIVE_INFINITY
const NONE: readonly TurnEffect[] = []
const HOLD: TurnEffect = { type: 'hold' }
const CLEAR_PHRASE: TurnEffect = { type: 'clear-phrase' }

/** Before the first note: held until *play*. */
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

/** The one place where it is decided who plays. Pure; never throws. */
export function transition(state: TurnState, input: TurnInput): Transition {
  switch (input.type) {
    case 'play':
      // Also where a pedal went down whose keyboard was never heard of again: whoever asks for music gets it.
      return release(withoutPause(state), { command: false, pedal: false })
    case 'pause':
      // An answer under way goes on after the pause, and ends where it was to end: plan time stands still.
      return hold(withoutPause(state), 'command')
    case 'end':
      return end(state, input.position)
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
      // A band that has stopped doesn't wait for the end of a phrase.
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

function end(state: TurnState, position: Ms): Transition {
  if (isHeld(state) || state.floor === 'player') return hold(state, 'command')
  if (state.ending?.leadsTo === 'pause') return [state, NONE]
  const ending: Ending = { from: position, deadline: position + LONGEST_ENDING_MS, leadsTo: 'pause' }
  return [{ ...state, ending }, NONE]
}

function panic(state: TurnState): Transition {
  const { mode, holds, tookAt } = state
  return [{ ...firstTurns(mode), holds: { ...holds, command: true }, tookAt }, [{ type: 'silence' }]]
}

/** Nothing is cut by it: a pianist that has to listen now gives the floor as at the end of an answer. */
function changeMode(state: TurnState, mode: Mode): Transition {
  const ending = state.ending?.leadsTo === 'listening' ? null : state.ending
  const next = { ...state, mode, ending, floor: mode.firstFloor, isAnswered: false, strikeAt: NEVER }
  if (next.floor !== 'player' || state.floor === 'player') return [next, [CLEAR_PHRASE]]
  const [given, effects] = giveFloor(next, LONGEST_RELEASE_MS)
  return [given, [CLEAR_PHRASE, ...effects]]
}

/** A key that is put into history; where the pianist has the floor, it is the player's now. */
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
  // Whoever ends an answer has heard enough of it: after the pause the pianist listens.
  if (isPause && !state.mode.answersPhrases) return [held, holding]
  const [given, giving] = giveFloor(held, LONGEST_RELEASE_MS)
  return [given, [...holding, ...giving]]
}

/**
 * Whether the pianist may fall silent or give the floor because of `input`: how its notes end is then planned before the input
 * is applied. True for more inputs than necessary costs no draws at once; false for one that does would change the music.
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
