import { expect, test } from 'vitest'
import { Learning } from '../../src/app/controllers/learning.js'
import { type ControlledPerformer, Performers } from '../../src/app/parts/performers.js'
import { Requests } from '../../src/app/requests/requests.js'
import type { Sync } from '../../src/engine/clock/sync.js'
import {
  type Controls,
  defaultControls,
  type UnsupportedControls,
} from '../../src/engine/controls/controls.js'
import { drummersControls, type PartName } from '../../src/engine/controls/parts.js'
import type { ClockMessage } from '../../src/engine/language/messages.js'
import { Refused } from '../../src/engine/refused.js'
import { NEUTRAL_PROFILE } from '../../src/engine/style/neutral-profile.js'
import type { Command } from '../../src/engine/surface/commands.js'
import type { Beat, FormPlace, Snapshot } from '../../src/engine/surface/snapshot.js'
import type { Presets } from '../../src/io/config/presets.js'
import { handClock } from '../helpers/hand-clock.js'

const FORGET_STYLE = { type: 'set-style', style: null } as const

const PLACE: FormPlace = {
  movement: 1,
  sections: ['A', 'B', "A'"],
  current: 2,
  hears: null,
  themes: [],
  canMark: true,
}

type State = Pick<Snapshot, 'floor' | 'form' | 'style' | 'canTakeStyle'>
const PLAYING: State = { floor: 'both', form: PLACE, style: null, canTakeStyle: true }

interface Options {
  readonly hasDrummer?: boolean
  readonly canSit?: boolean
  readonly missing?: boolean
  readonly snapshot?: State | undefined
  readonly unsupported?: UnsupportedControls
  readonly sync?: Sync
}

/** Requests to a pianist, and a drummer if there is one, who carry out commands at once. */
function setUp({
  hasDrummer = true,
  canSit = true,
  missing = false,
  unsupported = {},
  sync = 'off',
  ...given
}: Options = {}) {
  const snapshot = 'snapshot' in given ? given.snapshot : PLAYING
  const controls: Record<PartName, Controls> = {
    piano: defaultControls(),
    drums: drummersControls(defaultControls()),
  }
  const applied: Record<PartName, Command[]> = { piano: [], drums: [] }
  const beats: Record<PartName, Beat | null> = { piano: null, drums: null }
  const told: Record<PartName, ClockMessage[]> = { piano: [], drums: [] }
  const member = (part: PartName): ControlledPerformer => ({
    send: (command, _by, _at, due) => {
      applied[part].push(command)
      if (due !== undefined) dues.push(due)
      if (command.type === 'set') controls[part] = { ...controls[part], [command.control]: command.value }
      if (command.type === 'set-some') controls[part] = { ...controls[part], ...command.controls }
    },
    controls: () => controls[part],
    isPaused: () => paused[part],
    beat: () => beats[part],
    tellBeat: (message) => told[part].push(message),
  })
  const paused: Record<PartName, boolean> = { piano: false, drums: true }
  const dues: number[] = []
  const notices: string[] = []
  const clock = handClock()
  /** Whether the drummer who is asked for can play; settled by the test. */
  let resolve = () => {}
  let reject: (reason: Error) => void = () => {}
  const promise = new Promise<void>((isReady, hasFailed) => {
    resolve = isReady
    reject = hasFailed
  })
  const ready = { promise, resolve: () => resolve(), reject: (reason: Error) => reject(reason) }
  const performers = new Performers({
    pianist: member('piano'),
    drummer: hasDrummer ? member('drums') : null,
    seat: {
      canSit,
      sit: () => {
        if (missing) throw new Refused('The model is missing.')
        return { performer: member('drums'), ready: ready.promise }
      },
      leave: () => {},
    },
    now: clock.now,
    notice: (sentence) => notices.push(sentence),
  })
  let saved: Presets = {}
  const requests = new Requests({
    presets: { 3: { name: 'Loud', controls: { dynamics: 100 } } },
    savePresets: (presets) => {
      saved = presets
    },
    captures: '.',
    capture: {
      receiveSent: () => {},
      receiveHeard: () => {},
      receiveBeat: () => {},
      captured: () => null,
    },
    performers,
    panic: () => {},
    learning: new Learning(),
    controls: () => controls.piano,
    snapshot: () => snapshot,
    unsupported: { balance: 'strokes have no length', ...unsupported },
    sync,
    clock,
  })
  const state = { controls, applied, beats, told, paused, dues, notices }
  return { requests, performers, clock, ready, ...state, saved: () => saved }
}

test('a preset changes the controls that it contains and no others; a stored preset contains the controls of the music, not of the rig', () => {
  const { requests, controls, saved } = setUp()
  controls.piano = { ...controls.piano, mode: 'duet', tempo: 90, channel: 3 }
  requests.ask({ type: 'recall', preset: 3 }, 'keys')
  expect(controls.piano).toEqual({ ...defaultControls(), mode: 'duet', tempo: 90, channel: 3, dynamics: 100 })
  requests.ask({ type: 'store', preset: 4 }, 'keys')
  const stored = saved()[4]?.controls
  expect(stored).toMatchObject({ mode: 'duet', dynamics: 100 })
  for (const name of ['tempo', 'channel', 'delay', 'clockOffset']) expect(stored).not.toHaveProperty(name)
})

test('a preset is reached in the time of the control glide, and a control that is set meanwhile stays as set', () => {
  const { requests, clock, controls } = setUp()
  controls.piano = { ...controls.piano, dynamics: 50, glide: 2 }
  requests.ask({ type: 'recall', preset: 3 }, 'keys')
  clock.advance(1000)
  expect(controls.piano.dynamics).toBe(75)
  requests.leaveToHand('dynamics')
  clock.advance(5000)
  expect(controls.piano.dynamics).toBe(75)
})

test('a client on the WebSocket that sets a control without effect receives the reason', () => {
  const { requests } = setUp()
  const set = { type: 'set', control: 'balance', value: 0.2 } as const
  expect(requests.ask(set, 'web')).toEqual({
    ok: true,
    sentence: 'Balance does nothing now: strokes have no length.',
  })
  expect(requests.ask(set, 'keys')).toEqual({ ok: true, sentence: null })
})

test('pianist and drummer share the controls of time and the transport; all other controls belong to one of them', () => {
  const { requests, controls, applied } = setUp()
  requests.ask({ type: 'set', control: 'tempo', value: 90 }, 'keys')
  requests.ask({ type: 'set', control: 'density', value: 12 }, 'keys')
  requests.ask({ type: 'set-some', controls: { quantise: 'bar', temperature: 0.8 } }, 'web')
  requests.ask({ type: 'drums', command: { type: 'set', control: 'density', value: 4 } }, 'keys')
  requests.ask({ type: 'pause' }, 'keys')
  expect(controls.drums).toMatchObject({
    tempo: 90,
    quantise: 'bar',
    density: 4,
    temperature: 1,
    channel: 10,
  })
  expect(controls.piano).toMatchObject({ tempo: 90, quantise: 'bar', density: 12, temperature: 0.8 })
  expect(applied.drums.at(-1)).toEqual({ type: 'pause' })
  expect(
    requests.ask({ type: 'drums', command: { type: 'set', control: 'mode', value: 'duet' } }, 'web'),
  ).toEqual({
    ok: false,
    reason: 'A drummer has no mode of his own.',
  })
})

test('where tempo or meter differ for a while, the drummer gets the pianist’s; a short difference changes nothing', () => {
  const { performers, clock, controls } = setUp()
  controls.piano = { ...controls.piano, tempo: 77 }
  performers.syncTime()
  clock.advance(200)
  performers.syncTime()
  expect(controls.drums.tempo).toBe(120)
  clock.advance(200)
  performers.syncTime()
  expect(controls.drums.tempo).toBe(77)
})

test('the drummer is told the place of the pianist’s beat once for each snapshot, and that of a beat that is heard without the offset', () => {
  const { performers, controls, beats, told } = setUp()
  performers.syncTime()
  expect(told.drums).toEqual([])
  beats.piano = { tempo: 96, position: 7.5, at: 4000, source: 'ours' }
  performers.syncTime()
  performers.syncTime()
  controls.piano = { ...controls.piano, clockOffset: 30 }
  beats.piano = { tempo: 96, position: 8, at: 4500, source: 'heard' }
  performers.syncTime()
  beats.piano = { tempo: 96, position: null, at: 5000, source: 'heard' }
  performers.syncTime()
  expect(told).toEqual({
    piano: [],
    drums: [
      { kind: 'timeline', at: 4000, beat: 7.5, tempo: 96 },
      { kind: 'timeline', at: 4470, beat: 8, tempo: 96 },
    ],
  })
})

test('a request to learn is answered with what to do, and a request to stop with the news that learning has ended', () => {
  const { requests } = setUp()
  const ask = (control: 'density' | null) => requests.ask({ type: 'learn', control }, 'keys')
  expect(ask(null)).toEqual({ ok: true, sentence: null })
  expect(ask('density')).toEqual({
    ok: true,
    sentence: 'Move a knob, or press a key or pedal, for Density.',
  })
  expect(ask(null)).toEqual({ ok: true, sentence: 'Learning has ended.' })
})

const theme = (length: number) =>
  ({
    type: 'give-theme',
    notes: Array.from({ length }, (_, n) => ({ onset: 25 * n, pitch: 60 + (n % 12) })),
  }) as const

test('mark theme tells which theme the passage is kept as', () => {
  const { requests, applied } = setUp()
  expect(requests.ask({ type: 'mark-theme' }, 'keys')).toEqual({
    ok: true,
    sentence: 'This passage is kept as theme A and will return.',
  })
  expect(applied.piano).toEqual([{ type: 'mark-theme' }])
  expect(applied.drums).toEqual([])
})

test('a theme that is given is passed on to the pianist', () => {
  const { requests, applied } = setUp()
  expect(requests.ask(theme(12), 'web')).toEqual({
    ok: true,
    sentence: 'The theme is kept as theme A and will return.',
  })
  expect(applied.piano).toEqual([theme(12)])
})

test('where player and pianist take turns, a theme is kept for later', () => {
  const { requests } = setUp({ snapshot: { ...PLAYING, floor: 'player' } })
  expect(requests.ask({ type: 'mark-theme' }, 'keys')).toEqual({
    ok: true,
    sentence: 'This passage is kept and will return in solo, follow or duet.',
  })
})

test('a theme that can’t return is refused with the reason, and the pianist hears nothing of it', () => {
  const tooEarly = /^Too little has been played yet to keep; play on for some seconds\.$/
  const mark = { type: 'mark-theme' } as const
  const early = setUp({ snapshot: { ...PLAYING, form: { ...PLACE, canMark: false } } })
  const before = setUp({ snapshot: undefined })
  const strokes = setUp({ unsupported: { memory: 'strokes make no themes' } })
  const forgetful = setUp()
  forgetful.controls.piano = { ...forgetful.controls.piano, memory: 0 }
  for (const [{ requests, applied }, request, reason] of [
    [early, mark, tooEarly],
    [before, mark, tooEarly],
    [strokes, mark, /^No theme is kept: strokes make no themes\.$/],
    [forgetful, mark, /^Memory is at 0: nothing returns\. Turn it up first\.$/],
    [forgetful, theme(20), /^Memory is at 0/],
    [early, theme(11), /^A theme of fewer than 12 notes would not be known again; give more\.$/],
  ] as const) {
    const answer = requests.ask(request, 'keys')
    expect(answer.ok ? '' : answer.reason).toMatch(reason)
    expect(applied.piano).toEqual([])
  }
})

test('a manner is borrowed from a file or from the player, by the pianist alone, and forgotten', () => {
  const style = { name: 'a.mid', profile: NEUTRAL_PROFILE }
  const { requests, applied } = setUp({ snapshot: { ...PLAYING, style: 'a.mid' } })
  const answers = [{ type: 'set-style', style } as const, { type: 'take-style' } as const, FORGET_STYLE].map(
    (request) => requests.ask(request, 'web'),
  )
  expect(answers).toEqual([
    { ok: true, sentence: 'The manner of a.mid is borrowed.' },
    { ok: true, sentence: 'The manner of what you played is borrowed.' },
    { ok: true, sentence: 'No manner is borrowed any more.' },
  ])
  expect(applied.piano).toEqual([{ type: 'set-style', style }, { type: 'take-style' }, FORGET_STYLE])
  expect(applied.drums).toEqual([])
})

test('a manner that can’t be borrowed is refused with the reason, and the pianist hears nothing of it', () => {
  const take = { type: 'take-style' } as const
  const early = setUp({ snapshot: { ...PLAYING, canTakeStyle: false } })
  const strokes = setUp({ unsupported: { styleStrength: 'strokes' } })
  const unwilling = setUp()
  unwilling.controls.piano = { ...unwilling.controls.piano, styleStrength: 0 }
  for (const [{ requests, applied }, request, reason] of [
    [early, take, /^You have played too little yet for a manner: play on/],
    [setUp({ snapshot: undefined }), take, /^You have played too little yet/],
    [strokes, take, /^No manner is borrowed: strokes\.$/],
    [unwilling, take, /^Style is at 0: no manner is borrowed\. Turn it up first\.$/],
    [early, FORGET_STYLE, /^No manner is borrowed\.$/],
  ] as const) {
    const answer = requests.ask(request, 'keys')
    expect(answer.ok ? '' : answer.reason).toMatch(reason)
    expect(applied.piano).toEqual([])
  }
})

test('chords are read and sent to the pianist alone; an empty text ends them; broken ones are refused with the place', () => {
  const { requests, applied } = setUp()
  const ask = (text: string) => requests.ask({ type: 'chords', text }, 'keys')
  expect(ask('Am7 F | C G/B')).toEqual({
    ok: true,
    sentence: '4 chords in 2 bars of 4 beats, over and over.',
  })
  expect(ask(' ')).toEqual({ ok: true, sentence: 'No chords are kept any more.' })
  expect(ask('C | H7')).toEqual({
    ok: false,
    reason: 'Bar 2: "H7" doesn\'t begin with a root, A to G.',
  })
  expect(applied.piano).toMatchObject([
    { type: 'set-progression', progression: { beatsPerBar: 4 } },
    { type: 'set-progression', progression: null },
  ])
  expect(applied.drums).toEqual([])
})

test('a model of strokes keeps to no chords, and says why', () => {
  const { requests, applied } = setUp({ unsupported: { chordLock: 'strokes belong to no chord' } })
  expect(requests.ask({ type: 'chords', text: 'C' }, 'web')).toEqual({
    ok: false,
    reason: 'No chords are kept: strokes belong to no chord.',
  })
  expect(applied.piano).toEqual([])
})

test('a drummer comes in on the next bar of the beat in force, at the tempo of the pianist', async () => {
  const { requests, performers, clock, applied, beats, dues, ready } = setUp({ hasDrummer: false })
  expect(performers.mix.drummer).toBe('off')
  beats.piano = { tempo: 120, position: 9, at: clock.now(), source: 'ours' }
  expect(requests.ask({ type: 'drummer', on: true }, 'keys').ok).toBe(true)
  expect(performers.mix.drummer).toBe('starting')
  ready.resolve()
  await ready.promise
  expect(performers.mix.drummer).toBe('on')
  expect(applied.drums.map(({ type }) => type)).toEqual(['set-some', 'play'])
  // Bar 3 begins at beat 12, three beats of 500 ms later.
  expect(dues).toEqual([clock.now() + 1500])
})

test('a drummer waits for play while the pianist is paused, and comes in at once where there is no beat', async () => {
  const still = setUp({ hasDrummer: false })
  still.paused.piano = true
  still.requests.ask({ type: 'drummer', on: true }, 'keys')
  still.ready.resolve()
  await still.ready.promise
  expect(still.applied.drums.map(({ type }) => type)).toEqual(['set-some'])
  const free = setUp({ hasDrummer: false })
  free.requests.ask({ type: 'drummer', on: true }, 'keys')
  free.ready.resolve()
  await free.ready.promise
  expect(free.applied.drums.map(({ type }) => type)).toEqual(['set-some', 'play'])
  expect(free.dues).toEqual([])
})

test('a drummer who leaves pauses, is told nothing more, and nothing stays muted for his sake', () => {
  const { requests, performers, applied } = setUp()
  requests.ask({ type: 'solo', part: 'drums' }, 'web')
  expect(applied.piano).toEqual([{ type: 'mute', on: true }])
  requests.ask({ type: 'drummer', on: false }, 'web')
  expect(applied.piano).toEqual([
    { type: 'mute', on: true },
    { type: 'mute', on: false },
  ])
  requests.ask({ type: 'play' }, 'web')
  expect(applied.drums).toEqual([{ type: 'pause' }])
  expect(performers.mix).toEqual({ drummer: 'off', muted: { piano: false, drums: false }, solo: null })
  expect(requests.ask({ type: 'drummer', on: false }, 'web').ok).toBe(false)
  expect(requests.ask({ type: 'mute', part: 'drums', on: true }, 'web').ok).toBe(false)
})

test('muting and hearing one part alone add up: a part is heard where neither silences it', () => {
  const { requests, performers, applied } = setUp()
  requests.ask({ type: 'mute', part: 'drums', on: true }, 'web')
  requests.ask({ type: 'solo', part: 'piano' }, 'web')
  requests.ask({ type: 'solo', part: null }, 'web')
  requests.ask({ type: 'mute', part: 'drums', on: false }, 'web')
  expect(applied.drums).toEqual([
    { type: 'mute', on: true },
    { type: 'mute', on: false },
  ])
  expect(applied.piano).toEqual([])
  expect(performers.mix.solo).toBeNull()
})

test('where no drummer can play the reason is told, and one can be asked for again', async () => {
  const alone = setUp({ hasDrummer: false, canSit: false })
  expect(alone.requests.ask({ type: 'drummer', on: true }, 'keys')).toEqual({
    ok: false,
    reason: 'This model plays drums itself; no drummer joins it.',
  })
  const missing = setUp({ hasDrummer: false, missing: true })
  expect(missing.requests.ask({ type: 'drummer', on: true }, 'keys')).toEqual({
    ok: false,
    reason: 'The model is missing.',
  })
  const failing = setUp({ hasDrummer: false })
  failing.requests.ask({ type: 'drummer', on: true }, 'keys')
  failing.ready.reject(new Refused('it ended.'))
  await expect.poll(() => failing.notices).toEqual(["The drummer can't play: it ended."])
  expect(failing.performers.mix.drummer).toBe('off')
})

test('taps set the tempo of all from the second on, and tell the pianist where the beat is', () => {
  const { requests, clock, applied, told } = setUp()
  for (const wait of [0, 600, 600]) {
    clock.advance(wait)
    expect(requests.ask({ type: 'tap-tempo' }, 'keys')).toEqual({ ok: true, sentence: null })
  }
  const set = { type: 'set', control: 'tempo', value: 100 }
  expect(applied.piano).toEqual([set, set])
  expect(applied.drums).toEqual([set, set])
  expect(told.piano).toEqual([600, 1200].map((at) => ({ kind: 'tap', at })))
})

test('a tap is refused where the tempo is that of a MIDI clock', () => {
  const { requests, applied } = setUp({ sync: 'clock' })
  expect(requests.ask({ type: 'tap-tempo' }, 'keys')).toMatchObject({ ok: false })
  expect(applied.piano).toEqual([])
})
