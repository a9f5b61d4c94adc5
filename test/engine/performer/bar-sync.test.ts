import { describe, expect, test } from 'vitest'
import { createPlanClock } from '../../../src/engine/clock/plan-clock.js'
import { defaultControls } from '../../../src/engine/controls/controls.js'
import {
  EVENT_COUNT,
  type EventIndex,
  FIRST_INPUT,
  isNoteOff,
  isNoteOn,
  noteOn,
  timeShift,
} from '../../../src/engine/language/events.js'
import type { TimedMessage } from '../../../src/engine/language/messages.js'
import { languageOf } from '../../../src/engine/model/model.js'
import type { Network } from '../../../src/engine/network/network.js'
import { render } from '../../../src/engine/offline/rendering.js'
import { placeCorrection } from '../../../src/engine/performer/bar-sync.js'
import { createPerformer, type PerformerOptions } from '../../../src/engine/performer/performer.js'
import { createPianist } from '../../../src/engine/pianist/pianist.js'
import { percentile } from '../../../src/io/meters/lateness.js'
import { modelFolder, readModel } from '../../../src/io/models/model-files.js'
import { shippedNetwork } from '../../helpers/networks.js'
import { randomNumbers } from '../../helpers/random-numbers.js'

/** Nothing but the network and the clock decides where strokes fall. */
const STRICT = { ...defaultControls(), steady: 0 }

const KICK = noteOn(36)
const BEAT_STEPS = 48

/** The layouts in which the steps of music are fractions of a beat; the place in the bar is the last ten numbers of both. */
const KINDS = [
  { layout: 'beat-14', size: 14, hasEnds: false },
  { layout: 'beat-chord-39', size: 39, hasEnds: true },
]
type Kind = (typeof KINDS)[number]

/** A network that strikes on every beat that its conditioning shows, and otherwise waits for the next. */
function metronomeNetwork(size: number): Network {
  const cosine = size - 10 + 2 * 2 + 1
  const logits = new Float32Array(EVENT_COUNT)
  let heard: EventIndex = FIRST_INPUT
  let angle = 0
  return {
    backend: 'metronome',
    conditioningSize: size,
    stateSize: 1,
    logits,
    condition: (vector) => {
      angle = Math.atan2(vector[cosine - 1]!, vector[cosine]!)
    },
    step: (event) => {
      heard = event
      const place = Math.round((((angle / (2 * Math.PI)) % 1) + 1) * BEAT_STEPS) % BEAT_STEPS
      logits.fill(Number.NEGATIVE_INFINITY)
      logits[place === 0 && heard !== KICK ? KICK : timeShift(BEAT_STEPS - place)] = 0
    },
    feed: (event) => {
      heard = event
    },
    save: (target, offset = 0) => {
      target[offset] = heard
    },
    restore: (source, offset = 0) => {
      heard = source[offset] ?? FIRST_INPUT
    },
    reset: () => {
      heard = FIRST_INPUT
    },
  }
}

function startMetronome({ layout, size, hasEnds }: Kind, options: Partial<PerformerOptions> = {}) {
  const kicks: number[] = []
  const messages: TimedMessage[] = []
  let now = 1000
  const performer = createPerformer({
    network: metronomeNetwork(size),
    layout,
    hasEnds,
    step: 'beat',
    seed: 1,
    controls: STRICT,
    emit: (message) => {
      messages.push(message)
      if (message.kind === 'note-on') kicks.push(message.due)
    },
    ...options,
  })
  const runUntil = (end: number) => {
    while (now < end) {
      const wake = performer.tick(now)
      now = wake <= now ? now + 0.3 : Math.min(wake, end)
    }
  }
  return { performer, kicks, messages, runUntil, now: () => now }
}

const gaps = (times: readonly number[]) => times.slice(1).map((at, n) => at - times[n]!)

describe.each(KINDS)('time as the beat of $layout', (kind) => {
  test.each([60, 90, 125, 180])('without a band the music goes at the tempo of the controls: %i', (tempo) => {
    const { performer, kicks, messages, runUntil, now } = startMetronome(kind, {
      controls: { ...STRICT, tempo },
    })
    performer.receive({ kind: 'command', command: { type: 'play' }, at: now() })
    runUntil(11_000)
    expect(kicks.length).toBeGreaterThan(9)
    for (const gap of gaps(kicks)) expect(gap).toBeCloseTo(60_000 / tempo, 6)
    // The must-end time ends a stroke soon after it begins.
    for (const message of kind.hasEnds ? [] : messages) {
      expect(message.kind).toBe('note-on')
      if (message.kind === 'note-on') expect(message.mustEnd - message.due).toBeLessThanOrEqual(250)
    }
  })

  test('a play that is due on a bar line of others begins there, unless a pause comes before', () => {
    const { performer, kicks, runUntil, now } = startMetronome(kind)
    const play = { kind: 'command', command: { type: 'play' } } as const
    performer.receive({ ...play, at: now(), due: 2500 })
    runUntil(2000)
    performer.receive({ kind: 'command', command: { type: 'pause' }, at: now() })
    performer.receive({ ...play, at: now(), due: 4200 })
    runUntil(9000)
    // Within the first step.
    expect(kicks[0]).toBeGreaterThanOrEqual(4200)
    expect(kicks[0]).toBeLessThan(4200 + 500 / 48)
    for (const gap of gaps(kicks)) expect(gap).toBeCloseTo(500, 6)
  })

  test('a change of tempo moves what is to come, and nothing that has been handed over', () => {
    const { performer, kicks, runUntil, now } = startMetronome(kind, {
      controls: { ...STRICT, tempo: 120 },
    })
    performer.receive({ kind: 'command', command: { type: 'play' }, at: now() })
    runUntil(5200)
    const command = { type: 'set', control: 'tempo', value: 60 } as const
    performer.receive({ kind: 'command', command, at: now() })
    runUntil(12_000)
    const between = gaps(kicks)
    expect(between.filter((gap) => Math.abs(gap - 500) < 1e-6).length).toBeGreaterThan(6)
    expect(between.filter((gap) => Math.abs(gap - 1000) < 1e-6).length).toBeGreaterThan(4)
    // One beat began at the first tempo and ended at the second.
    expect(between.filter((gap) => gap > 500 + 1e-6 && gap < 1000 - 1e-6)).toHaveLength(1)
  })

  test('the music plays on the beats of a clock with jitter, also while its tempo changes', () => {
    const { performer, kicks, runUntil } = startMetronome(kind, { sync: 'clock' })
    const random = randomNumbers(5)
    const ticks: number[] = []
    let at = 2000
    // 16 bars at 100, then a ramp to 140.
    for (let n = 0; n < 24 * 64; n++) {
      ticks.push(at)
      const tempo = n < 24 * 32 ? 100 : Math.min(140, 100 + (n - 24 * 32) / 12)
      at += 60_000 / tempo / 24
    }
    performer.receive({ kind: 'heard', at: 1999, message: { kind: 'transport', at: 1999, action: 'start' } })
    for (const tick of ticks) {
      runUntil(tick)
      performer.receiveClock({ kind: 'clock', at: tick + 6 * (random() - 0.5) })
    }
    const beats = ticks.filter((_, n) => n % 24 === 0)
    const settled = kicks.filter((kick) => kick > beats[8]! && kick < beats.at(-2)!)
    const off = settled
      .map((kick) => Math.min(...beats.map((beat) => Math.abs(beat - kick))))
      .sort((a, b) => a - b)
    expect(settled.length).toBeGreaterThan(45)
    expect(percentile(off, 0.95)).toBeLessThan(6)
  })

  test('when the song starts again, the bar begins again at once', () => {
    const { performer, kicks, runUntil, now } = startMetronome(kind, { sync: 'clock' })
    const play = (from: number, beats: number, extra: number) => {
      const message = { kind: 'transport', at: from, action: 'start' } as const
      performer.receive({ kind: 'heard', at: from, message })
      for (let n = 0; n < 24 * beats + extra; n++) {
        runUntil(from + 1 + n * 25)
        performer.receiveClock({ kind: 'clock', at: now() })
      }
    }
    play(2000, 8, 9)
    const stopped = now()
    performer.receive({
      kind: 'heard',
      at: stopped,
      message: { kind: 'transport', at: stopped, action: 'stop' },
    })
    runUntil(stopped + 137)
    const again = now()
    play(again, 8, 0)
    const after = kicks.filter((kick) => kick > again + 700)
    expect(after.length).toBeGreaterThan(4)
    for (const kick of after) {
      const beat = (kick - again) / 600
      expect(Math.abs(beat - Math.round(beat)) * 600).toBeLessThan(12)
    }
  })

  test('a small deviation is corrected by moving the music, a large one by another bar', () => {
    expect(placeCorrection(1920, 0, 4)).toEqual({ later: -0 })
    expect(placeCorrection(1900, 0, 4)).toEqual({ later: -20 })
    expect(placeCorrection(1920 + 8 * 1920 + 30, 0, 4)).toEqual({ later: 30 })
    // Phrases of eight bars have their place too.
    expect(placeCorrection(3 * 1920, 0, 0)).toEqual({ bar: 3 * 192 })
    expect(placeCorrection(480, 0, 0)).toEqual({ bar: 48 })
    const clock = createPlanClock()
    clock.set(100, 5000)
    clock.setRate(0.5, 300)
    expect(clock.toProcess(300)).toBe(5200)
    expect(clock.toProcess(500)).toBe(5300)
    expect(clock.toPlan(5300)).toBe(500)
  })
})

describe('rubato-drums', () => {
  test('plays strokes of General MIDI percussion and nothing that must be ended', () => {
    const { spec } = readModel(modelFolder('rubato-drums'))
    const events: number[] = []
    const notes = render(
      {
        network: shippedNetwork('rubato-drums'),
        ...languageOf(spec),
        seed: 3,
        controls: { ...defaultControls(), tempo: 125, channel: 10 },
        onEvent: (event) => events.push(event),
      },
      20_000,
    )
    expect(notes.length).toBeGreaterThan(40)
    expect(events.some(isNoteOn)).toBe(true)
    expect(events.some(isNoteOff)).toBe(false)
    for (const { pitch, start, end, channel } of notes) {
      expect(pitch).toBeGreaterThanOrEqual(35)
      expect(pitch).toBeLessThanOrEqual(81)
      expect(end - start).toBeLessThanOrEqual(100)
      expect(channel).toBe(9)
    }
  })

  test('follows a change from few strokes to many, and back, within some bars', () => {
    const { spec } = readModel(modelFolder('rubato-drums'))
    for (const seed of [1, 2, 3]) {
      const strikes: number[] = []
      const pianist = createPianist({
        network: shippedNetwork('rubato-drums'),
        ...languageOf(spec),
        seed,
        controls: { ...defaultControls(), density: 4, channel: 10 },
        emit: (message) => {
          if (message.kind === 'note-on') strikes.push(message.due)
        },
      })
      const playAt = (density: number, from: number) => {
        pianist.apply({ kind: 'command', command: { type: 'set', control: 'density', value: density } })
        pianist.advance(from + 10_000)
        return strikes.filter((at) => at > from + 4000 && at <= from + 10_000).length / 6
      }
      pianist.apply({ kind: 'command', command: { type: 'play' } })
      const few = playAt(4, 0)
      const many = playAt(20, 10_000)
      const fewAgain = playAt(4, 20_000)
      expect(many).toBeGreaterThan(1.5 * few)
      expect(many).toBeGreaterThan(1.5 * fewAgain)
    }
  })
})
