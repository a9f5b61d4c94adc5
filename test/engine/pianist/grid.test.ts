import { describe, expect, test } from 'vitest'
import { defaultControls } from '../../../src/engine/controls/controls.js'
import { isNoteOn, isTimeShift } from '../../../src/engine/language/events.js'
import { GRIDS, nearestPoint } from '../../../src/engine/language/grid.js'
import type { Pulse } from '../../../src/engine/language/pulse.js'
import { createNoteCollector } from '../../../src/engine/offline/note-collector.js'
import { render } from '../../../src/engine/offline/rendering.js'
import { GRID_LEAD_MS } from '../../../src/engine/plan/onset-pull.js'
import { STEP_MS } from '../../../src/engine/units.js'
import { LAYOUT, scriptedNetwork, shippedNetwork } from '../../helpers/networks.js'
import { type Performance, startPerformance } from '../../helpers/performances.js'
import { randomNumbers } from '../../helpers/random-numbers.js'

const PULSE: Pulse = { at: 30, beatMs: 533 }

/** Chords of one to four notes, spread and not, with waits of 80 to 400 ms between them; notes end by themselves. */
const music = () =>
  scriptedNetwork((event) => {
    const next = new Map<number, number>()
    for (let pitch = 50; pitch < 80; pitch++) next.set(pitch, isTimeShift(event) ? 0.05 : 0.01)
    for (let pitch = 50; pitch < 80; pitch++) next.set(128 + pitch, 0.004)
    if (isNoteOn(event)) for (const spread of [1, 2]) next.set(255 + spread, 0.1)
    for (const wait of [8, 13, 20, 31, 40]) next.set(255 + wait, 0.1)
    return next
  })

const onsOf = ({ messages }: Performance) =>
  messages.flatMap((message) => (message.kind === 'note-on' ? [message] : []))

/** Plays a minute with changes at random times; `ahead` ms are planned ahead at each of them. */
function playRandomly(seed: number, network = shippedNetwork('tiny'), ahead = 0) {
  const performance = startPerformance(network, seed, { grid: '1/16', gridStrength: 1 })
  const { pianist } = performance
  const random = randomNumbers(seed)
  const pick = <T>(...choices: T[]): T => choices[Math.floor(random() * choices.length)]!
  pianist.apply({ kind: 'pulse', pulse: PULSE })
  for (let at = 0; at < 60_000; at += 1500 * random()) {
    pianist.advance(at)
    if (!pianist.paused) pianist.plan.sampleBeyond(at + ahead)
    const kind = random()
    const pitch = 40 + Math.floor(40 * random())
    if (kind < 0.3)
      pianist.apply({ kind: 'pulse', pulse: { at: 900 * random(), beatMs: 400 + 500 * random() } })
    else if (kind < 0.4) pianist.apply({ kind: 'pulse', pulse: null })
    else if (kind < 0.5) {
      performance.hear({ kind: 'note-on', at: at - 5, channel: 0, pitch, velocity: 70 })
      pianist.advance(at + 200)
      performance.hear({ kind: 'note-off', at: at + 195, channel: 0, pitch, velocity: 0 })
    } else if (kind < 0.6) performance.set('grid', pick('off', ...GRIDS))
    else if (kind < 0.7) performance.set('gridStrength', pick(0, 0.3, 0.7, 1))
    else if (kind < 0.8) performance.set('swing', pick(50, 58, 66))
    else if (kind < 0.9)
      performance.set('mode', pick('solo', 'duet', 'follow', 'follow', 'answer', 'harmonize'))
    else performance.command(pick({ type: 'again' }, { type: 'pause' }, { type: 'forget' }))
    performance.command({ type: 'play' })
  }
  pianist.advance(61_000)
  return performance
}

describe('the grid', () => {
  test.each([1, 2, 3, 4, 5, 6, 7, 8])(
    'does not depend on how far ahead the music was planned, also when the beat moves, seed %i',
    (seed) => {
      const near = playRandomly(seed)
      expect(near.messages.length).toBeGreaterThan(30)
      expect(playRandomly(seed, shippedNetwork('tiny'), 1000).messages).toEqual(near.messages)
    },
  )

  test.each([
    ['off', { grid: 'off', gridStrength: 1, swing: 66 }],
    ['at strength 0', { grid: '1/16', gridStrength: 0, swing: 66 }],
    ['without a beat', { grid: '1/16', gridStrength: 1, swing: 66 }],
  ] as const)('%s changes nothing', (how, controls) => {
    const play = (given: object) => {
      const performance = startPerformance(shippedNetwork('tiny'), 7, given)
      if (how !== 'without a beat') performance.pianist.apply({ kind: 'pulse', pulse: PULSE })
      performance.pianist.advance(20_000)
      return performance.messages
    }
    expect(play(controls)).toEqual(play({}))
  })

  test.each(GRIDS)('%s at strength 1: every chord begins on the grid', (name) => {
    for (const swing of [50, 66]) {
      const performance = startPerformance(music(), 3, { grid: name, gridStrength: 1, swing, memory: 0 })
      performance.pianist.apply({ kind: 'pulse', pulse: PULSE })
      performance.pianist.advance(60_000)
      const grid = { name, swing, strength: 1, pulse: PULSE }
      let from = Number.NEGATIVE_INFINITY
      let chords = 0
      for (const { due } of onsOf(performance)) {
        if (due - from <= 35) continue
        from = due
        expect(Math.abs(nearestPoint(grid, due) - due)).toBeLessThan(1e-6)
        chords++
      }
      expect(chords).toBeGreaterThan(60)
    }
  })

  test.each([0.3, 0.7, 1])(
    'at strength %f no note is lost, and order, chords and lengths are kept',
    (strength) => {
      const performance = startPerformance(music(), 5, { grid: '1/16', gridStrength: strength, swing: 60 })
      const { pianist, events } = performance
      pianist.apply({ kind: 'pulse', pulse: PULSE })
      pianist.advance(60_000)
      const collector = createNoteCollector()
      for (const message of performance.messages) collector.receive(message)
      const planned: { readonly pitch: number; readonly start: number; end: number; isCut: boolean }[] = []
      let clock = 0
      for (const event of events) {
        if (isTimeShift(event)) clock += event - 255
        if (event >= 256) continue
        const last = planned.findLast(({ pitch }) => pitch === (event & 127))
        if (last && last.end < 0) {
          last.end = clock * STEP_MS
          last.isCut = isNoteOn(event)
        }
        if (isNoteOn(event)) planned.push({ pitch: event, start: clock * STEP_MS, end: -1, isCut: false })
      }
      const sent = onsOf(performance)
      expect(sent.map(({ pitch }) => pitch)).toEqual(planned.map(({ pitch }) => pitch))
      const ends = new Map(
        performance.messages.flatMap((message) =>
          message.kind === 'note-off' ? [[message.id, message.due] as const] : [],
        ),
      )
      let chord = { start: Number.NEGATIVE_INFINITY, later: 0 }
      for (const [n, { due, id }] of sent.entries()) {
        const { start, end, isCut } = planned[n]!
        const later = due - start
        expect(later).toBeGreaterThanOrEqual(0)
        expect(later).toBeLessThanOrEqual(2 * GRID_LEAD_MS)
        if (n > 0) expect(due).toBeGreaterThanOrEqual(sent[n - 1]!.due)
        if (start - chord.start > 35) chord = { start, later }
        expect(later).toBeCloseTo(chord.later, 6)
        const ended = ends.get(id)
        if (ended === undefined || end < 0) continue
        // A note that is struck again ends with the strike at the latest.
        if (isCut) expect(Math.abs(ended - due - (end - start))).toBeLessThanOrEqual(2 * GRID_LEAD_MS)
        else expect(ended - due).toBeCloseTo(end - start, 6)
      }
      expect(sent.length).toBeGreaterThan(200)
    },
  )

  test('music of the piano keeps its density, and nearly all of it is on the grid', () => {
    const play = (grid: 'off' | '1/8') =>
      render(
        {
          network: shippedNetwork('rubato-piano'),
          layout: LAYOUT,
          seed: 4,
          controls: { ...defaultControls(), tempo: 100, grid, gridStrength: 1 },
        },
        30_000,
      )
    const notes = play('1/8')
    const pulse = { at: 0, beatMs: 600 }
    const beside = notes.filter(
      ({ start }) =>
        Math.abs(nearestPoint({ name: '1/8', swing: 50, strength: 1, pulse }, start) - start) > 35,
    )
    expect(notes.length / play('off').length).toBeGreaterThan(0.7)
    expect(notes.length / play('off').length).toBeLessThan(1.4)
    expect(beside.length).toBeLessThan(0.05 * notes.length)
  })

  test('a change of the grid reaches what was planned', () => {
    const performance = startPerformance(music(), 9, { gridStrength: 1, memory: 0 })
    const { pianist } = performance
    pianist.apply({ kind: 'pulse', pulse: PULSE })
    pianist.advance(10_000)
    pianist.plan.sampleBeyond(11_000)
    performance.set('grid', '1/4')
    pianist.apply({ kind: 'pulse', pulse: PULSE })
    pianist.advance(20_000)
    const grid = { name: '1/4', swing: 50, strength: 1, pulse: PULSE } as const
    let from = 0
    for (const { due } of onsOf(performance).filter(({ due }) => due > 10_000 + 2 * GRID_LEAD_MS)) {
      if (due - from > 35) expect(Math.abs(nearestPoint(grid, due) - due)).toBeLessThan(1e-6)
      from = due - from > 35 ? due : from
    }
  })

  test('strokes are drawn to the grid too', () => {
    const network = shippedNetwork('rubato-drums')
    const notes = render(
      {
        network,
        layout: 'beat-14',
        hasEnds: false,
        step: 'beat',
        seed: 2,
        controls: { ...defaultControls(), tempo: 120, grid: '1/8T', gridStrength: 1 },
      },
      20_000,
    )
    const cell = 500 / 3
    const beside = notes.filter(({ start }) => Math.abs(start / cell - Math.round(start / cell)) * cell > 35)
    expect(notes.length).toBeGreaterThan(40)
    expect(beside.length).toBeLessThan(0.05 * notes.length)
  })
})
