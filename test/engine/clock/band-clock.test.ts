import { describe, expect, test } from 'vitest'
import { createBandClock } from '../../../src/engine/clock/band-clock.js'
import type { Sync } from '../../../src/engine/clock/sync.js'
import { type Controls, defaultControls } from '../../../src/engine/controls/controls.js'
import type { RealtimeMessage, TimedMessage } from '../../../src/engine/language/messages.js'
import { createPerformer } from '../../../src/engine/performer/performer.js'
import type { Command } from '../../../src/engine/surface/commands.js'
import type { TakenInput } from '../../../src/engine/surface/inputs.js'
import { LAYOUT, shippedNetwork } from '../../helpers/networks.js'

const START = 1000
const BEAT_MS = 500

/** A performer on a simulated clock that receives a MIDI clock at 120 BPM whose beat 0 is at 1000 ms. */
function startBand(sync: Sync, controls: Partial<Controls> = {}) {
  const messages: TimedMessage[] = []
  const realtime: RealtimeMessage[] = []
  const inputs: TakenInput[] = []
  let now = START
  let ticks = 0
  const performer = createPerformer({
    network: shippedNetwork('tiny'),
    layout: LAYOUT,
    seed: 12,
    controls: { ...defaultControls(), ...controls },
    emit: (message) => messages.push(message),
    emitRealtime: (message) => realtime.push(message),
    onInput: (input) => inputs.push(input),
    sync,
  })
  const transport = (action: 'start' | 'stop' | 'continue') =>
    performer.receive({ kind: 'heard', message: { kind: 'transport', at: now, action }, at: now })
  const run = (end: number, hasClock = sync === 'clock') => {
    while (now < end) {
      const nextTick = hasClock ? START + (ticks * BEAT_MS) / 24 : Number.POSITIVE_INFINITY
      if (nextTick <= now) {
        performer.receiveClock({ kind: 'clock', at: nextTick })
        ticks++
        continue
      }
      const wake = performer.tick(now)
      now = wake <= now ? now + 0.75 : Math.min(wake, end, nextTick)
    }
  }
  return {
    performer,
    messages,
    realtime,
    inputs,
    run,
    transport,
    command: (command: Command) => performer.receive({ kind: 'command', command, at: now }),
    stall: (ms: number) => {
      now += ms
    },
    now: () => now,
  }
}

/** Process time of the horizon at which the last command was applied. */
function lastApplied(inputs: readonly TakenInput[]): number {
  const found = inputs.findLast(({ input }) => input.kind === 'command')
  return found ? found.horizon + found.origin : Number.NaN
}

test.each(['off', 'stop'] as const)(
  'a change that waits does not come after one that was made at once (%s)',
  (how) => {
    const band = startBand('clock', { quantise: 'bar' })
    band.transport('start')
    band.run(START + 2100)
    band.command({ type: 'set', control: 'density', value: 10 })
    band.command({ type: 'set', control: 'temperature', value: 0.5 })
    band.run(START + 2200)
    if (how === 'off') band.command({ type: 'set', control: 'quantise', value: 'off' })
    else band.transport('stop')
    band.run(START + 2300)
    band.command({ type: 'set', control: 'density', value: 3 })
    band.run(START + 6000)
    expect(band.performer.pianist.controls).toMatchObject({ density: 3, temperature: 0.5 })
  },
)

test('followers of Rubato’s clock receive a stop even if play and pause come in one tick; a pedal sends no stop', () => {
  const band = startBand('master')
  const said = () => band.realtime.map(({ message }) => message).filter((message) => message !== 'clock')
  band.command({ type: 'play' })
  band.command({ type: 'pause' })
  band.run(START + 200)
  expect(said()).toEqual(['start', 'stop'])
  band.command({ type: 'play' })
  band.run(START + 1000)
  for (const value of [127, 0]) {
    const message = { kind: 'control-change', at: band.now(), channel: 0, controller: 66, value } as const
    band.performer.receive({ kind: 'heard', message, at: band.now() })
    band.run(band.now() + 500)
    expect(band.performer.pianist.paused).toBe(value === 127)
  }
  expect(said()).toEqual(['start', 'stop', 'start'])
})

describe('a clock that comes in', () => {
  test('starts, stops and goes on; tempo and place are shown', () => {
    const band = startBand('clock')
    band.transport('start')
    band.run(START + 4100)
    expect(band.performer.pianist.paused).toBe(false)
    expect(band.performer.snapshot(band.now()).beat?.tempo).toBeCloseTo(120, 3)
    expect(band.performer.snapshot(band.now()).beat?.position).toBeCloseTo(4100 / BEAT_MS, 2)
    band.transport('stop')
    band.run(START + 9000)
    expect(band.performer.pianist.paused).toBe(true)
    expect(band.performer.snapshot(band.now()).beat?.position).toBeNull()
    band.transport('continue')
    band.run(START + 9500)
    expect(band.performer.pianist.paused).toBe(false)
  })

  test.each([
    ['beat', 2500],
    ['bar', 4000],
  ] as const)('a change waits for the next %s', (quantise, at) => {
    const band = startBand('clock', { quantise })
    band.transport('start')
    band.run(START + 2100)
    band.command({ type: 'set', control: 'density', value: 9 })
    band.command({ type: 'set', control: 'density', value: 12 })
    band.run(START + at - 25)
    expect(band.performer.pianist.controls.density).toBeNull()
    band.run(START + at)
    expect(band.performer.pianist.controls.density).toBe(12)
    expect(lastApplied(band.inputs)).toBeCloseTo(START + at, 0)
    expect(band.inputs.filter(({ input }) => input.kind === 'command').length).toBe(1)
  })

  test('ends the music within a second of its stop, even if no breath comes', () => {
    for (const seconds of [4, 6, 8]) {
      const band = startBand('clock', { density: 16 })
      band.transport('start')
      band.run(START + 1000 * seconds)
      band.transport('stop')
      const stoppedAt = band.now()
      band.run(stoppedAt + 6000)
      const last = band.messages.findLast(({ kind }) => kind === 'note-on')?.due ?? Number.NaN
      expect(last - stoppedAt).toBeLessThanOrEqual(1020)
      expect(band.performer.pianist.paused).toBe(true)
    }
  })

  test('the clock counts as later by the control offset', () => {
    const band = startBand('clock', { quantise: 'bar', clockOffset: 30 })
    band.transport('start')
    band.run(START + 2100)
    band.command({ type: 'set', control: 'density', value: 9 })
    band.run(START + 4100)
    expect(lastApplied(band.inputs)).toBeCloseTo(START + 4030, 0)
  })

  test('changes do not wait where no clock runs', () => {
    const band = startBand('clock', { quantise: 'bar' })
    band.command({ type: 'play' })
    band.run(START + 500, false)
    band.command({ type: 'set', control: 'density', value: 9 })
    band.run(START + 530, false)
    expect(band.performer.pianist.controls.density).toBe(9)
  })

  test('does not let the music move when the performer falls behind: what is late stays late', () => {
    const stalled = (sync: Sync) => {
      const band = startBand(sync)
      if (sync === 'clock') band.transport('start')
      else band.command({ type: 'play' })
      band.run(START + 3000)
      band.stall(1500)
      band.run(START + 8000)
      return band.performer.snapshot(band.now()).slips
    }
    expect(stalled('off')).toBeGreaterThan(0)
    expect(stalled('clock')).toBe(0)
  })

  test('the command again goes back to the last bar', () => {
    const band = startBand('clock')
    band.transport('start')
    band.run(START + 9100)
    band.command({ type: 'again' })
    band.run(START + 9200)
    const again = band.inputs.findLast(({ input }) => input.kind === 'command')?.input
    expect(again).toMatchObject({ command: { type: 'again', back: expect.closeTo(1100, -1) } })
  })

  test('an answer waits for its pause in beats', () => {
    const band = startBand('clock', { mode: 'answer', pause: 0.3, pauseBeats: 3 })
    band.transport('start')
    band.run(START + 3000)
    const key = (kind: 'note-on' | 'note-off', at: number) =>
      band.performer.receive({
        kind: 'heard',
        message: { kind, at, channel: 0, pitch: 60, velocity: 64 },
        at,
      })
    key('note-on', band.now())
    band.run(START + 3200)
    key('note-off', band.now())
    band.run(START + 3200 + 3 * BEAT_MS - 40)
    expect(band.performer.pianist.ensemble.floor).toBe('player')
    band.run(START + 3200 + 3 * BEAT_MS)
    expect(band.performer.pianist.ensemble.floor).toBe('pianist')
  })
})

describe('Rubato as master', () => {
  test('sends ticks from the beginning on, 24 a quarter note, each handed over before it is due', () => {
    const band = startBand('master', { tempo: 120 })
    band.run(START + 10_000)
    const ticks = band.realtime.filter(({ message }) => message === 'clock').map(({ due }) => due)
    const gaps = ticks.slice(1).map((due, n) => due - (ticks[n] ?? 0))
    expect(ticks.length).toBeGreaterThanOrEqual(480)
    expect(Math.max(...gaps)).toBeCloseTo(BEAT_MS / 24, 6)
    expect(Math.min(...gaps)).toBeCloseTo(BEAT_MS / 24, 6)
  })

  test('play is a start whose first tick is beat 0, a pause is a stop', () => {
    const band = startBand('master')
    band.run(START + 1000)
    band.command({ type: 'play' })
    band.run(START + 3000)
    band.command({ type: 'pause' })
    band.run(START + 4000)
    const spoken = band.realtime.filter(({ message }) => message !== 'clock')
    expect(spoken.map(({ message }) => message)).toEqual(['start', 'stop'])
    const start = spoken[0]?.due ?? 0
    expect(band.realtime.filter(({ message }) => message === 'clock').map(({ due }) => due)).toContain(start)
    expect(band.realtime.findIndex(({ message }) => message === 'start')).toBeLessThan(
      band.realtime.findIndex(({ message, due }) => message === 'clock' && due >= start),
    )
  })

  test('changes wait for the bar of its own clock, and its tempo is a control', () => {
    const band = startBand('master', { quantise: 'bar' })
    band.command({ type: 'play' })
    band.run(START + 300)
    const start = band.realtime.find(({ message }) => message === 'start')?.due ?? 0
    band.command({ type: 'set', control: 'tempo', value: 60 })
    band.run(START + 3000)
    expect(lastApplied(band.inputs)).toBeCloseTo(start + 2000, 0)
    band.run(START + 8000)
    const ticks = band.realtime.filter(({ message }) => message === 'clock').map(({ due }) => due)
    expect((ticks.at(-1) ?? 0) - (ticks.at(-2) ?? 0)).toBeCloseTo(1000 / 24, 6)
  })
})

describe('a beat of Rubato’s own', () => {
  /** A band clock whose beat is followed, at 120 BPM. */
  function ownBeat(sync: Sync = 'off') {
    const state = { controls: defaultControls(), isFollowed: true }
    const band = createBandClock({
      sync,
      controls: () => state.controls,
      isFollowed: () => state.isFollowed,
      emit: () => {},
    })
    return { band, state }
  }

  test('begins with the music, is there only while something follows it, and stands with the music', () => {
    const { band, state } = ownBeat()
    expect(band.beat(500)).toEqual({ tempo: 120, position: null, at: 500, source: 'ours' })
    band.play(1000)
    expect(band.beat(2250)?.position).toBe(2.5)
    expect(band.next('bar', 2250)).toBe(3000)
    state.isFollowed = false
    expect(band.beat(2250)).toBeNull()
    expect(band.next('bar', 2250)).toBeUndefined()
    state.isFollowed = true
    band.stop(2500)
    expect(band.beat(2600)?.position).toBeNull()
  })

  test('goes on from its place when the tempo changes', () => {
    const { band, state } = ownBeat()
    band.play(1000)
    state.controls = { ...state.controls, tempo: 60 }
    band.emitUntil(2000)
    expect(band.beat(3000)).toEqual({ tempo: 60, position: 3, at: 3000, source: 'ours' })
  })

  test('goes where another performer’s beat is, but not where it was before the music began', () => {
    const { band, state } = ownBeat()
    state.isFollowed = false
    band.play(1000)
    band.receive({ kind: 'timeline', at: 900, beat: 31, tempo: 120 })
    expect(band.beat(1500)).toBeNull()
    band.receive({ kind: 'timeline', at: 1250, beat: 9, tempo: 120 })
    expect(band.beat(1500)?.position).toBe(9.5)
  })

  test('a tap is a beat: the nearest one is moved to it, and there is a beat from then on', () => {
    const { band, state } = ownBeat()
    state.isFollowed = false
    band.play(1000)
    expect(band.beat(1500)).toBeNull()
    band.receive({ kind: 'tap', at: 2140 })
    expect(band.beat(2140)?.position).toBe(2)
    expect(band.next('beat', 2200)).toBe(2640)
    band.stop(3000)
    band.receive({ kind: 'tap', at: 3100 })
    expect(band.beat(3200)).toMatchObject({ tempo: 120, position: null })
  })

  test('is no clock that the music must not fall behind', () => {
    const { band } = ownBeat()
    band.play(1000)
    expect(band.follows(2000)).toBe(false)
  })
})

test('with Link the beat is that of the session’s timeline, later by the offset, and a timeline of no session is no beat', () => {
  const controls = { ...defaultControls(), tempo: 140, clockOffset: 20 }
  const band = createBandClock({
    sync: 'link',
    controls: () => controls,
    isFollowed: () => true,
    emit: () => {},
  })
  expect(band.beat(1000)).toBeNull()
  band.receive({ kind: 'timeline', at: 1000, beat: 3, tempo: 60 })
  expect(band.beat(2020)).toEqual({ tempo: 60, position: 4, at: 2020, source: 'heard' })
  expect(band.next('bar', 2100)).toBe(6020)
  expect(band.follows(2000)).toBe(true)
})

test('one who joins the song of a MIDI clock late is told its place', () => {
  const band = createBandClock({
    sync: 'clock',
    controls: defaultControls,
    isFollowed: () => true,
    emit: () => {},
  })
  for (let tick = 0; tick < 48; tick++) band.receive({ kind: 'clock', at: START + (tick * BEAT_MS) / 24 })
  const at = START + 2 * BEAT_MS
  band.receive({ kind: 'timeline', at, beat: 30, tempo: 120 })
  expect(band.beat(at)?.position).toBeCloseTo(30, 6)
})

test('taps move the beat of a clock that is given by 80 ms at most, so that followers miss no tick', () => {
  const sent: number[] = []
  const band = createBandClock({
    sync: 'master',
    controls: defaultControls,
    isFollowed: () => false,
    emit: ({ message, due }) => {
      if (message === 'clock') sent.push(due)
    },
  })
  band.play(0)
  for (let now = 0; now <= 4000; now++) {
    band.emitUntil(now)
    if ([700, 1200, 1700, 2200].includes(now)) band.receive({ kind: 'tap', at: now })
    // Ticks before the song's start aren't counted.
    if (now === 0) sent.splice(0, sent.length, 0)
  }
  expect(band.beat(2700)?.position).toBeCloseTo(5, 9)
  expect(sent).toHaveLength(Math.floor((band.beat(4000)?.position ?? 0) * 24 + 1e-6) + 1)
})

test('a tap changes nothing where the beat is a band’s', () => {
  const band = createBandClock({
    sync: 'clock',
    controls: defaultControls,
    isFollowed: () => true,
    emit: () => {},
  })
  band.receive({ kind: 'tap', at: 100 })
  expect(band.beat(200)).toBeNull()
})
