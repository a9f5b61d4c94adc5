import { describe, expect, test } from 'vitest'
import { defaultControls } from '../../../src/engine/controls/controls.js'
import { isNoteOn, noteOff, noteOn, timeShift } from '../../../src/engine/language/events.js'
import type { TimedMessage } from '../../../src/engine/language/messages.js'
import { languageOf } from '../../../src/engine/model/model.js'
import {
  type AppliedArrival,
  createPerformer,
  type PerformerOptions,
} from '../../../src/engine/performer/performer.js'
import { createPianist } from '../../../src/engine/pianist/pianist.js'
import type { Command } from '../../../src/engine/surface/commands.js'
import type { TakenInput } from '../../../src/engine/surface/inputs.js'
import { modelFolder, readModel } from '../../../src/io/models/model-files.js'
import { LAYOUT, scriptedNetwork, shippedNetwork } from '../../helpers/networks.js'
import { randomNumbers } from '../../helpers/random-numbers.js'

/** A performer on a simulated clock on which every tick takes `turnMs`. */
function startPerformer(options: Partial<PerformerOptions> = {}, turnMs = 0.75) {
  const messages: (TimedMessage & { readonly sentAt: number })[] = []
  const applied: AppliedArrival[] = []
  const inputs: TakenInput[] = []
  let now = 1000
  const performer = createPerformer({
    network: shippedNetwork('tiny'),
    layout: LAYOUT,
    seed: 12,
    controls: defaultControls(),
    emit: (message) => messages.push({ ...message, sentAt: now }),
    onApplied: (how) => applied.push(how),
    onInput: (logged) => inputs.push(logged),
    ...options,
  })
  const runUntil = (end: number) => {
    while (now < end) {
      const wake = performer.tick(now)
      now = wake <= now ? now + turnMs : Math.min(wake, end)
    }
  }
  return {
    performer,
    messages,
    applied,
    inputs,
    runUntil,
    command: (command: Command) => performer.receive({ kind: 'command', command, at: now }),
    now: () => now,
    stall: (ms: number) => {
      now += ms
    },
  }
}

describe('the performer', () => {
  test('hands every message over before it is due, in order, and not far beyond the horizon', () => {
    const { messages, runUntil, command } = startPerformer()
    command({ type: 'play' })
    runUntil(61_000)
    expect(messages.length).toBeGreaterThan(60)
    for (const { due, sentAt } of messages) {
      expect(due - sentAt).toBeGreaterThanOrEqual(2)
      expect(due - sentAt).toBeLessThanOrEqual(90)
    }
    expect(messages.map(({ due }) => due)).toEqual(messages.map(({ due }) => due).toSorted((a, b) => a - b))
  })

  test('the first note is due at once after play: a silence before it is skipped', () => {
    for (const seed of [1, 2, 3, 4, 5]) {
      const { messages, runUntil, command } = startPerformer({
        seed,
        network: shippedNetwork('rubato-piano'),
      })
      command({ type: 'play' })
      runUntil(1300)
      const first = messages.find(({ kind }) => kind === 'note-on')
      expect(first?.due).toBeLessThan(1200)
    }
  })

  test('skips the silence before its first note however long it lasts', () => {
    const network = scriptedNetwork((event) => {
      if (isNoteOn(event)) return new Map([[timeShift(20), 1]])
      if (event === timeShift(20)) return new Map([[noteOff(60), 1]])
      return new Map([
        [timeShift(100), 0.85],
        [noteOn(60), 0.15],
      ])
    })
    const skipped = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10].map((seed) => {
      const { messages, inputs, runUntil, command } = startPerformer({
        seed,
        network,
        controls: { ...defaultControls(), tide: false },
      })
      command({ type: 'play' })
      runUntil(1300)
      expect(messages[0]?.due).toBeLessThan(1200)
      return -inputs.reduce((sum, { input }) => sum + (input.kind === 'slip' ? input.ms : 0), 0)
    })
    expect(Math.max(...skipped)).toBeGreaterThan(5000)
  })

  test('plays the same however often it ticks: only the inputs and their horizons decide', () => {
    const play = (turnMs: number) => {
      const { messages, runUntil, command, performer } = startPerformer({}, turnMs)
      command({ type: 'play' })
      runUntil(31_000)
      const first = messages[0]?.due ?? 0
      expect(performer.snapshot(31_000).slips).toBe(0)
      return messages
        .filter(({ due }) => due < first + 29_000)
        .map(({ kind, due }) => [kind, Math.round(due - first)])
    }
    expect(play(3)).toEqual(play(0.5))
  })

  test('when it falls behind, the music comes later instead of sending late notes in a burst', () => {
    const { messages, inputs, runUntil, command, performer, stall, now } = startPerformer()
    command({ type: 'play' })
    runUntil(5000)
    stall(700)
    runUntil(10_000)
    const { slips, slippedMs } = performer.snapshot(now())
    expect(slips).toBe(1)
    expect(slippedMs).toBeGreaterThan(300)
    expect(slippedMs).toBeLessThan(700)
    for (const { due, sentAt } of messages) expect(due - sentAt).toBeGreaterThanOrEqual(1.999)
    const logged = inputs.filter(({ input }) => input.kind === 'slip' && input.ms > 0)
    expect(logged).toHaveLength(1)
  })

  test('a knob that sends 100 changes a second takes effect within 40 ms, with few rewinds', () => {
    const { applied, runUntil, command, performer } = startPerformer()
    command({ type: 'play' })
    runUntil(3000)
    const random = randomNumbers(8)
    for (let at = 3000; at < 13_000; at += 10) {
      runUntil(at + 2 * random())
      command({ type: 'set', control: 'temperature', value: 0.5 + random() })
    }
    runUntil(13_100)
    const latencies = applied.slice(1).map(({ arrival, horizon }) => horizon - arrival.at)
    expect(latencies).toHaveLength(1000)
    expect(latencies.toSorted((a, b) => a - b)[949]).toBeLessThan(40)
    expect(performer.snapshot(13_100).rewinds).toBeLessThan(10_000 / 15 + 2)
  })

  test('while paused it samples its first notes ahead, and then needs no tick until an input comes', () => {
    const { performer, messages } = startPerformer()
    let turns = 0
    while (performer.tick(1000 + turns) < Number.POSITIVE_INFINITY) turns++
    expect(turns).toBeGreaterThan(0)
    expect(performer.snapshot(2000).planned).toBeGreaterThanOrEqual(400)
    expect(messages).toEqual([])
  })

  test('goes on from the events of a prompt', () => {
    const { performer, messages, runUntil, command } = startPerformer({
      memory: [370, 60, 300, 188, 64, 280],
    })
    const { moment } = performer.pianist.plan.open()
    expect(moment).toMatchObject({ previous: 128 + 64, sounding: 0, clock: 70 })
    command({ type: 'play' })
    runUntil(4000)
    expect(messages.length).toBeGreaterThan(0)
  })

  test('an input is logged with the process time of plan time 0, which times everything after it', () => {
    const plan: TimedMessage[] = []
    const { performer, messages, inputs, runUntil, command, stall } = startPerformer()
    command({ type: 'play' })
    runUntil(5000)
    command({ type: 'pause' })
    runUntil(8000)
    command({ type: 'play' })
    runUntil(9000)
    stall(1500)
    runUntil(15_000)
    expect(performer.snapshot(15_000).slips).toBe(1)
    const pianist = createPianist({
      network: shippedNetwork('tiny'),
      layout: LAYOUT,
      seed: 12,
      controls: defaultControls(),
      emit: (message) => {
        const ends = message.kind === 'note-on' ? { mustEnd: message.mustEnd + origin } : {}
        plan.push({ ...message, due: message.due + origin, ...ends })
      },
    })
    let origin = 0
    for (const { horizon, origin: from, input } of inputs) {
      pianist.advance(horizon)
      origin = from
      pianist.apply(input)
    }
    pianist.advance(performer.pianist.position)
    expect(plan.length).toBeGreaterThan(15)
    expect(plan).toEqual(messages.map(({ sentAt, ...message }) => message))
  })

  test('shows a second of planned notes, in process time, only if asked to', () => {
    const blind = startPerformer()
    blind.command({ type: 'play' })
    blind.runUntil(5000)
    expect(blind.performer.snapshot(5000).ahead).toEqual([])
    const { performer, runUntil, command } = startPerformer({ showsAhead: true })
    command({ type: 'play' })
    runUntil(5000)
    const { ahead, planned } = performer.snapshot(5000)
    expect(planned).toBeGreaterThan(900)
    expect(ahead.some(({ start }) => start > 5100)).toBe(true)
    for (const { start, end } of ahead) {
      expect(start).toBeLessThan(7000)
      expect(end ?? 6000).toBeGreaterThan(4900)
    }
  })

  test('a snapshot names who set a control last, and tells when held keys lead the music', () => {
    const { performer, runUntil, command, now } = startPerformer()
    command({ type: 'play' })
    performer.receive({
      kind: 'command',
      by: 'web',
      at: now(),
      command: { type: 'set', control: 'density', value: 4 },
    })
    runUntil(3000)
    expect(performer.snapshot(3000).setBy).toEqual({ density: 'web' })
    const heard = (at: number, pitch: number) =>
      performer.receive({
        kind: 'heard',
        at,
        message: { kind: 'note-on', at, channel: 0, pitch, velocity: 70 },
      })
    heard(3000, 60)
    runUntil(3300)
    expect(performer.snapshot(3300).setBy).toEqual({
      density: 'web',
      dynamics: 'keyboard',
      pitchWeights: 'keyboard',
    })
    heard(3300, 64)
    runUntil(3500)
    expect(performer.snapshot(3500).setBy.density).toBe('keyboard')
  })

  test("shows the tide's aims while it chooses at least one of them", () => {
    const { performer, runUntil, command } = startPerformer()
    command({ type: 'play' })
    runUntil(5000)
    const { tide } = performer.snapshot(5000)
    expect(tide?.density).toBeGreaterThan(3)
    expect(['major', 'minor']).toContain(tide?.mode)
    command({ type: 'set', control: 'density', value: 4 })
    command({ type: 'set', control: 'key', value: 'C' })
    runUntil(6000)
    expect(performer.snapshot(6000).tide).toBeNull()
  })

  test('shows no tide for a model whose conditioning cannot express its aims', () => {
    const { performer, runUntil, command } = startPerformer({
      network: shippedNetwork('rubato-drums'),
      ...languageOf(readModel(modelFolder('rubato-drums')).spec),
    })
    command({ type: 'play' })
    runUntil(3000)
    expect(performer.snapshot(3000).tide).toBeNull()
  })
})
