import { describe, expect, test } from 'vitest'
import type { ModeName } from '../../../src/engine/controls/controls.js'
import { MODE_OF } from '../../../src/engine/ensemble/modes.js'
import {
  type Ending,
  firstTurns,
  type TurnEffect,
  type TurnEvent,
  type TurnState,
  transition,
} from '../../../src/engine/ensemble/turns.js'

/** Plan time of every event of the table; the player's phrase lasted 3 s. */
const POSITION = 20_000
const PHRASE_MS = 3000

type Change = Partial<TurnState>
type Row = readonly [
  title: string,
  mode: ModeName,
  before: Change,
  event: TurnEvent,
  after: Change,
  effects: readonly TurnEffect[],
]

const PLAYING: Change = { holds: { command: false, pedal: false } }
const STOPPED: Change = { holds: { command: true, pedal: false } }
const PEDALLED: Change = { holds: { command: false, pedal: true } }
const BOTH_HELD: Change = { holds: { command: true, pedal: true } }
/** The pianist has had the floor for a while. */
const PIANIST: Change = {
  ...PLAYING,
  floor: 'pianist',
  isAnswered: true,
  tookAt: 15_000,
  strikeAt: 1501,
  heardAt: 14_000,
}
/** The pianist has just taken the floor at the position: a note is due at the next step. */
const TAKEN: Change = { floor: 'pianist', isAnswered: true, tookAt: POSITION, strikeAt: 2001 }
const GIVEN: Change = { floor: 'player', strikeAt: Number.NEGATIVE_INFINITY, ending: null }

const TO_PAUSE: Ending = { from: 18_000, deadline: 22_000, leadsTo: 'pause' }
const TO_LISTENING: Ending = { from: 19_000, deadline: 20_500, leadsTo: 'listening' }

const HOLD: TurnEffect = { type: 'hold' }
const RESUME: TurnEffect = { type: 'resume' }
const CLEAR: TurnEffect = { type: 'clear-phrase' }
const TAKE: TurnEffect = { type: 'take-floor' }
const give = (longest: number): TurnEffect => ({ type: 'give-floor', longest })
const pedal = (isDown: boolean, isPressed: boolean): TurnEvent => ({ type: 'pedal', isDown, isPressed })
const key: TurnEvent = { type: 'key', at: 19_970 }

const COMMANDS: readonly Row[] = [
  ['play begins', 'follow', STOPPED, { type: 'play' }, PLAYING, [RESUME]],
  ['play releases a pedal too', 'follow', BOTH_HELD, { type: 'play' }, PLAYING, [RESUME]],
  ['play while it plays does nothing', 'follow', PLAYING, { type: 'play' }, {}, []],
  [
    'play cancels an ending',
    'follow',
    { ...PLAYING, ending: TO_PAUSE },
    { type: 'play' },
    { ending: null },
    [],
  ],
  [
    'play leaves the end of an answer as it was',
    'answer',
    { ...PIANIST, ending: TO_LISTENING },
    { type: 'play' },
    {},
    [],
  ],
  ['pause holds the music', 'follow', PLAYING, { type: 'pause' }, STOPPED, [HOLD]],
  ['pause outlives the pedal', 'follow', PEDALLED, { type: 'pause' }, BOTH_HELD, []],
  [
    'pause completes an ending at once',
    'duet',
    { ...PLAYING, ending: TO_PAUSE },
    { type: 'pause' },
    { ...STOPPED, ending: null },
    [HOLD],
  ],
  [
    'pause leaves the end of an answer as it was',
    'answer',
    { ...PIANIST, ending: TO_LISTENING },
    { type: 'pause' },
    STOPPED,
    [HOLD],
  ],
  [
    'end looks for a breath within 4 s',
    'follow',
    PLAYING,
    { type: 'end' },
    { ending: { from: POSITION, deadline: 24_000, leadsTo: 'pause', withCadence: false } },
    [],
  ],
  ['a second end changes nothing', 'follow', { ...PLAYING, ending: TO_PAUSE }, { type: 'end' }, {}, []],
  ['end while the pianist listens holds at once', 'answer', PLAYING, { type: 'end' }, STOPPED, [HOLD]],
  ['end while the pedal holds the music acts as a pause', 'follow', PEDALLED, { type: 'end' }, BOTH_HELD, []],
  [
    'end in the middle of an answer leads to a pause',
    'answer',
    { ...PIANIST, ending: TO_LISTENING },
    { type: 'end' },
    { ending: { from: POSITION, deadline: 24_000, leadsTo: 'pause', withCadence: false } },
    [],
  ],
  ['take-over gives the pianist the floor', 'continue', PLAYING, { type: 'take-over' }, TAKEN, [TAKE]],
  [
    'take-over begins an answer as long as the phrase',
    'answer',
    PLAYING,
    { type: 'take-over' },
    { ...TAKEN, ending: { from: 23_000, deadline: 24_500, leadsTo: 'listening' } },
    [TAKE],
  ],
  [
    'take-over gives the floor back to the player',
    'continue',
    PIANIST,
    { type: 'take-over' },
    GIVEN,
    [give(250)],
  ],
  ['take-over does nothing in a mode without turns', 'duet', PLAYING, { type: 'take-over' }, {}, []],
  ['take-over does nothing while the music is held', 'continue', STOPPED, { type: 'take-over' }, {}, []],
  [
    'panic forgets everything but the time at which the floor was taken',
    'answer',
    { ...PIANIST, ending: TO_LISTENING },
    { type: 'panic' },
    {
      ...GIVEN,
      ...STOPPED,
      isAnswered: false,
      heardAt: Number.NEGATIVE_INFINITY,
    },
    [{ type: 'silence' }],
  ],
  ['panic leaves the pedal down', 'follow', PEDALLED, { type: 'panic' }, BOTH_HELD, [{ type: 'silence' }]],
]

const PLAYERS: readonly Row[] = [
  ['a key in a duet is put into history', 'duet', PLAYING, key, { heardAt: 19_970 }, []],
  ['a key in solo is not put into history', 'solo', PLAYING, key, {}, []],
  ['a key while the music is held has no place in history', 'duet', STOPPED, key, {}, []],
  [
    'the first key after an answer begins a phrase',
    'answer',
    { ...PLAYING, isAnswered: true },
    key,
    { heardAt: 19_970, isAnswered: false },
    [CLEAR],
  ],
  [
    'a key struck during an answer gives the floor back to the player',
    'answer',
    { ...PIANIST, ending: TO_LISTENING },
    key,
    { ...GIVEN, heardAt: 19_970, isAnswered: false },
    [CLEAR, give(250)],
  ],
  [
    'a key struck before an ending pauses the music cancels the pause',
    'continue',
    { ...PIANIST, ending: TO_PAUSE },
    key,
    { ...GIVEN, heardAt: 19_970, isAnswered: false },
    [CLEAR, give(250)],
  ],
  [
    'the pedal holds the music in a mode without turns',
    'follow',
    PLAYING,
    pedal(true, true),
    PEDALLED,
    [HOLD],
  ],
  ['the pedal that stays down goes on holding the music', 'follow', PEDALLED, pedal(true, false), {}, []],
  ['the pedal lifted lets the music go on', 'follow', PEDALLED, pedal(false, false), PLAYING, [RESUME]],
  [
    'the pedal lifted leaves a pause by command in force',
    'follow',
    BOTH_HELD,
    pedal(false, false),
    STOPPED,
    [],
  ],
  [
    'the pedal gives the pianist the floor in a mode of turns',
    'continue',
    PLAYING,
    pedal(true, true),
    TAKEN,
    [TAKE],
  ],
  [
    'the pedal gives the floor back in a mode of turns',
    'continue',
    PIANIST,
    pedal(true, true),
    GIVEN,
    [give(250)],
  ],
  [
    'the pedal that stays down does nothing in a mode of turns',
    'continue',
    PLAYING,
    pedal(true, false),
    {},
    [],
  ],
  ['the pedal lifted does nothing in a mode of turns', 'continue', PIANIST, pedal(false, false), {}, []],
]

const TIMES: readonly Row[] = [
  [
    'a pause of the player is answered',
    'answer',
    PLAYING,
    { type: 'pause-elapsed' },
    { ...TAKEN, ending: { from: 23_000, deadline: 24_500, leadsTo: 'listening' } },
    [TAKE],
  ],
  [
    'an answer gives the floor back at its breath',
    'answer',
    { ...PIANIST, ending: TO_LISTENING },
    { type: 'breath' },
    GIVEN,
    [give(1000)],
  ],
  [
    'an ending pauses at its breath',
    'follow',
    { ...PLAYING, ending: TO_PAUSE },
    { type: 'breath' },
    { ...STOPPED, ending: null },
    [HOLD],
  ],
  [
    'an ending in an answer pauses and gives the floor',
    'answer',
    { ...PIANIST, ending: TO_PAUSE },
    { type: 'breath' },
    { ...GIVEN, ...STOPPED },
    [HOLD, give(1000)],
  ],
  [
    'an ending in continue pauses, and the pianist still has the floor',
    'continue',
    { ...PIANIST, ending: TO_PAUSE },
    { type: 'breath' },
    { ...STOPPED, ending: null },
    [HOLD],
  ],
  [
    'a band that stops shortens an ending to a second',
    'follow',
    { ...PLAYING, ending: TO_PAUSE },
    { type: 'transport' },
    { ending: { ...TO_PAUSE, deadline: 21_000 } },
    [],
  ],
  [
    'a band that stops leaves the end of an answer as it was',
    'answer',
    { ...PIANIST, ending: TO_LISTENING },
    { type: 'transport' },
    {},
    [],
  ],
]

const to = (mode: ModeName): TurnEvent => ({ type: 'mode', mode: MODE_OF[mode] })
const IN = (mode: ModeName): Change => ({ mode: MODE_OF[mode] })

const MODES: readonly Row[] = [
  ['a change from follow to duet passes no floor', 'follow', PLAYING, to('duet'), IN('duet'), [CLEAR]],
  [
    'after a change from duet to answer the pianist listens',
    'duet',
    { ...PLAYING, heardAt: 9000, ending: TO_PAUSE },
    to('answer'),
    { ...IN('answer'), ...GIVEN },
    [CLEAR, give(1000)],
  ],
  [
    'after a change from answer to continue the player still has the floor',
    'answer',
    { ...PLAYING, isAnswered: true },
    to('continue'),
    { ...IN('continue'), isAnswered: false },
    [CLEAR],
  ],
  [
    'a change to duet during an answer ends the answer, and both go on',
    'answer',
    { ...PIANIST, ending: TO_LISTENING },
    to('duet'),
    { ...IN('duet'), ...GIVEN, floor: 'both', isAnswered: false },
    [CLEAR],
  ],
  [
    'a change to harmonize during a continuation silences the pianist',
    'continue',
    PIANIST,
    to('harmonize'),
    { ...IN('harmonize'), ...GIVEN, isAnswered: false },
    [CLEAR, give(1000)],
  ],
  [
    'a change that gives no floor leaves an ending to a pause in force',
    'duet',
    { ...PLAYING, ending: TO_PAUSE },
    to('follow'),
    IN('follow'),
    [CLEAR],
  ],
]

describe.each([
  ['commands', COMMANDS],
  ["the player's keys and pedal", PLAYERS],
  ['time', TIMES],
  ['a change of mode', MODES],
])('%s', (_, rows) => {
  test.each(rows)('%s (%s)', (_title, mode, before, event, after, effects) => {
    const state: TurnState = { ...firstTurns(MODE_OF[mode]), ...before }
    const [next, done] = transition(state, { ...event, position: POSITION, phraseMs: PHRASE_MS })
    expect(next).toEqual({ ...state, ...after })
    expect(done).toEqual(effects)
  })
})

test.each([
  [0, 1000],
  [999, 1000],
  [12_000, 12_000],
  [90_000, 30_000],
])(
  'an answer to a phrase of %d ms ends at a breath after %d ms, and at most 1.5 s later',
  (phraseMs, length) => {
    const state: TurnState = { ...firstTurns(MODE_OF.answer), ...PLAYING }
    const [{ ending }] = transition(state, { type: 'pause-elapsed', position: POSITION, phraseMs })
    expect(ending).toEqual({
      from: POSITION + length,
      deadline: POSITION + length + 1500,
      leadsTo: 'listening',
    })
  },
)

test('a transition leaves the state that it is given as it was', () => {
  const state = Object.freeze({ ...firstTurns(MODE_OF.continue), ...PLAYING })
  const [next] = transition(state, { type: 'take-over', position: POSITION, phraseMs: PHRASE_MS })
  expect(next.floor).toBe('pianist')
  expect(state.floor).toBe('player')
})
