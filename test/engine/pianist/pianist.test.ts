import { describe, expect, test } from 'vitest'
import {
  type ControlName,
  type ControlValue,
  defaultControls,
} from '../../../src/engine/controls/controls.js'
import { isNoteOn, isTimeShift, shiftSteps } from '../../../src/engine/language/events.js'
import { createNoteCollector } from '../../../src/engine/offline/note-collector.js'
import { render, renderMusic, replayInputs } from '../../../src/engine/offline/rendering.js'
import { parseMidiFile } from '../../../src/io/recording/midi-file-reader.js'
import { writeMidi } from '../../../src/io/recording/midi-file-writer.js'
import { LAYOUT, scriptedNetwork, shippedNetwork } from '../../helpers/networks.js'
import { type Performance, startPerformance } from '../../helpers/performances.js'
import { randomNumbers } from '../../helpers/random-numbers.js'

function notesOf(performance: Performance, end: number) {
  const collector = createNoteCollector()
  for (const message of performance.messages) collector.receive(message)
  return collector.notes(end)
}

const lastOn = (performance: Performance) =>
  Math.max(...performance.messages.filter(({ kind }) => kind === 'note-on').map(({ due }) => due))

/** Strikes chords of five, then waits 50 ms or 30 ms; never ends a note by itself. */
const chords = scriptedNetwork((event) => {
  const wait = new Map([
    [260, 0.1],
    [258, 0.1],
  ])
  for (let pitch = 60; pitch < 72; pitch++) wait.set(pitch, 0.1)
  return isTimeShift(event) ? new Map([...wait].filter(([next]) => isNoteOn(next))) : wait
})

describe('a recorded input log', () => {
  test.each([
    ['alone', []],
    ['in duet', ['duet']],
    ['with modes that come and go', ['solo', 'follow', 'duet', 'answer', 'continue', 'harmonize']],
  ] as const)('gives the same notes again, %s', (_, modes) => {
    const performance = startPerformance(shippedNetwork('tiny'), 99)
    const random = randomNumbers(4)
    const turns: [ControlName, (r: number) => ControlValue][] = [
      ['temperature', (r) => 0.5 + r],
      ['topP', (r) => 0.6 + 0.4 * r],
      ['density', (r) => 1 + 20 * r],
      ['transpose', (r) => Math.floor(r * 12)],
      ['polyphony', (r) => 1 + Math.floor(r * 8)],
      ['articulation', (r) => 0.1 + 2 * r],
      ['keyLock', (r) => r < 0.5],
      ['key', (r) => (r < 0.5 ? 'D' : 'off')],
      ['register', (r) => [30 + Math.floor(10 * r), 90] as const],
      ...modes.map((mode): [ControlName, (r: number) => ControlValue] => ['mode', () => mode]),
      ['pause', (r) => 0.3 + r / 2],
      ['avoid', (r) => r < 0.5],
    ]
    let at = 0
    for (let n = 0; n < 500; n++) {
      at += 200 * random()
      performance.pianist.advance(at)
      const [name, value] = turns[Math.floor(random() * turns.length)] ?? turns[0] ?? ['topP', () => 1]
      const pitch = 40 + Math.floor(random() * 40)
      const kind = random()
      if (kind < 0.5) performance.set(name, value(random()))
      else if (kind < 0.7) performance.hear({ kind: 'note-on', at: at - 5, channel: 0, pitch, velocity: 80 })
      else if (kind < 0.9) performance.hear({ kind: 'note-off', at: at - 5, channel: 0, pitch, velocity: 0 })
      else if (kind < 0.93) performance.command({ type: 'end' })
      else if (kind < 0.95) performance.command({ type: 'panic' })
      else if (kind < 0.97) performance.command({ type: 'forget' })
      else if (kind < 0.98) performance.command({ type: 'take-over' })
      if (kind >= 0.9) performance.command({ type: 'play' })
    }
    performance.pianist.advance(at + 5000)
    const again = replayInputs(
      { network: shippedNetwork('tiny'), layout: LAYOUT, seed: 99, controls: defaultControls() },
      performance.inputs,
      at + 5000,
    )
    expect(again).toEqual(notesOf(performance, at + 5000))
    expect(again.length).toBeGreaterThan(20)
  })

  test('another seed gives other music', () => {
    const once = (seed: number) =>
      render({ network: shippedNetwork('tiny'), layout: LAYOUT, seed, controls: defaultControls() }, 20_000)
    expect(once(1)).toEqual(once(1))
    expect(once(1)).not.toEqual(once(2))
  })
})

describe('exact controls are exact', () => {
  const seeds = [1, 2, 3]
  const play = (seed: number, controls: object) =>
    render(
      {
        network: shippedNetwork('rubato-piano'),
        layout: LAYOUT,
        seed,
        controls: { ...defaultControls(), ...controls },
      },
      60_000,
    )

  test.each(seeds)('keyLock: every note is in the scale (seed %i)', (seed) => {
    const notes = play(seed, { key: 'E', scale: 'harmonic-minor', keyLock: true, transpose: 5 })
    const scale = new Set([4, 6, 7, 9, 11, 0, 3])
    expect(notes.length).toBeGreaterThan(30)
    expect(notes.filter(({ pitch }) => !scale.has(pitch % 12))).toEqual([])
  })

  test.each(seeds)('register: every note is within the register (seed %i)', (seed) => {
    const notes = play(seed, { register: [48, 72], transpose: -3 })
    expect(notes.length).toBeGreaterThan(30)
    expect(notes.filter(({ pitch }) => pitch < 48 || pitch > 72)).toEqual([])
  })

  test.each(seeds)('polyphony 1: no two notes sound at once (seed %i)', (seed) => {
    const notes = play(seed, { polyphony: 1 })
    expect(notes.length).toBeGreaterThan(30)
    for (const [i, note] of notes.entries()) {
      const next = notes[i + 1]
      if (next) expect(next.start).toBeGreaterThanOrEqual(note.end)
    }
  })

  test.each(seeds)('articulation 0.3: no note is longer than 0.3 s (seed %i)', (seed) => {
    const notes = play(seed, { articulation: 0.3 })
    expect(notes.length).toBeGreaterThan(30)
    expect(Math.max(...notes.map(({ start, end }) => end - start))).toBeLessThanOrEqual(300.000001)
  })
})

describe('polyphony', () => {
  test.each([1, 3, 5])(
    'no more than %i notes sound at once, and no note is cut before 40 ms',
    (polyphony) => {
      const performance = startPerformance(chords, 1, { polyphony, topP: 1 })
      performance.pianist.advance(30_000)
      const notes = notesOf(performance, 30_000)
      expect(notes.length).toBeGreaterThan(100)
      for (const note of notes) {
        const sounding = notes.filter(({ start, end }) => start <= note.start && end > note.start)
        expect(sounding.length).toBeLessThanOrEqual(polyphony)
      }
      const restruck = (note: (typeof notes)[number]) =>
        notes.some(({ pitch, start }) => pitch === note.pitch && start === note.end)
      const cut = notes.filter(({ start, end }) => end - start < 40 && end < 30_000)
      expect(cut.filter((note) => !restruck(note))).toEqual([])
    },
  )
})

describe('history and output', () => {
  test('a note that the network never ends is ended in history after 12 s', () => {
    const one = scriptedNetwork((event) => new Map(event === 355 ? [[60, 1]] : [[256 + 49, 1]]))
    const performance = startPerformance(one, 1, { topP: 1, articulation: 12 })
    performance.pianist.advance(20_000)
    expect(performance.events.filter((event) => event === 128 + 60)).toHaveLength(1)
    const waited = performance.events
      .slice(0, performance.events.indexOf(188))
      .filter(isTimeShift)
      .reduce((sum, event) => sum + shiftSteps(event), 0)
    expect(waited).toBe(1200)
  })

  test('transpose and channel move the sound alone: a note ends by its own id, and no step is run again', () => {
    const plain = startPerformance(chords, 5)
    const moved = startPerformance(chords, 5)
    plain.pianist.advance(10_000)
    for (let at = 0; at < 10_000; at += 500) {
      moved.pianist.advance(at)
      moved.set('transpose', (at / 500) % 5)
      moved.set('channel', 1 + ((at / 500) % 16))
    }
    moved.pianist.advance(10_000)
    expect(moved.events).toEqual(plain.events)
    expect(moved.pianist.plan.steps).toBe(plain.pianist.plan.steps)
    expect(moved.messages.map(({ kind, due }) => [kind, due])).toEqual(
      plain.messages.map(({ kind, due }) => [kind, due]),
    )
  })

  test('dynamicsRange 0 plays at the running mean, velocity limits hold, and delay moves every note', () => {
    const velocities = (controls: object) => {
      const performance = startPerformance(shippedNetwork('tiny'), 5, controls)
      performance.pianist.advance(20_000)
      return performance.messages.flatMap((message) => (message.kind === 'note-on' ? [message.velocity] : []))
    }
    const spread = (values: number[]) => Math.max(...values) - Math.min(...values)
    expect(spread(velocities({ dynamicsRange: 0 }))).toBeLessThan(spread(velocities({})) / 2)
    expect(Math.min(...velocities({ velocityMin: 50 }))).toBe(50)
    expect(Math.max(...velocities({ velocityMax: 70 }))).toBe(70)
    const due = (controls: object) => {
      const performance = startPerformance(shippedNetwork('tiny'), 5, controls)
      performance.pianist.advance(5000)
      return performance.messages.map((message) => message.due)
    }
    expect(due({ delay: 150 })).toEqual(due({}).map((at) => at + 150))
  })

  test('a shortened articulation ends what sounds longer', () => {
    const one = scriptedNetwork((event) => new Map(event === 355 ? [[60, 1]] : [[256 + 49, 1]]))
    const performance = startPerformance(one, 1, { topP: 1 })
    performance.pianist.advance(1000)
    performance.set('articulation', 1.5)
    performance.pianist.advance(3000)
    expect(notesOf(performance, 3000)).toMatchObject([{ start: 0, end: 1500 }])
  })
})

describe('pause, end, panic, forget', () => {
  const playing = (seed: number, at: number, memory = 0.5) => {
    const performance = startPerformance(shippedNetwork('rubato-piano'), seed, { memory })
    performance.pianist.advance(at)
    return performance
  }

  test('pause: no new note-on, what sounds ends within 1 s, and time stands still', () => {
    const performance = playing(1, 6000)
    performance.command({ type: 'pause' })
    performance.pianist.advance(20_000)
    expect(performance.pianist.paused).toBe(true)
    expect(performance.pianist.position).toBe(6000)
    expect(lastOn(performance)).toBeLessThanOrEqual(6000)
    const ends = notesOf(performance, 1e9).map(({ end }) => end)
    expect(Math.max(...ends)).toBeLessThanOrEqual(7000)
  })

  test('a pause is not fed as a wait: after it, history has no longer silence than was played', () => {
    const performance = playing(1, 6000)
    performance.command({ type: 'pause' })
    const before = performance.pianist.plan.open().moment.clock
    performance.command({ type: 'play' })
    const after = performance.pianist.plan.open().moment
    expect(after.clock).toBeLessThanOrEqual(600)
    expect(after.clock).toBeGreaterThanOrEqual(before)
    expect(after.sounding).toBe(0)
    performance.pianist.advance(12_000)
    expect(lastOn(performance)).toBeGreaterThan(6000)
  })

  test.each([1, 2, 3, 4])('end without memory: pauses at a breath, after at most 4 s (seed %i)', (seed) => {
    // With memory the music ends with a cadence, which may take longer.
    const performance = playing(seed, 5000, 0)
    performance.command({ type: 'end' })
    for (let at = 5010; at < 12_000; at += 10) performance.pianist.advance(at)
    expect(performance.pianist.paused).toBe(true)
    expect(performance.pianist.position).toBeLessThanOrEqual(9000)
    const ends = notesOf(performance, 1e9).map(({ end }) => end)
    expect(Math.max(...ends)).toBeLessThanOrEqual(performance.pianist.position + 1000)
  })

  test('panic: nothing more is sent, and going on begins with nothing held', () => {
    const performance = playing(2, 5000)
    const sent = performance.messages.length
    performance.command({ type: 'panic' })
    performance.pianist.advance(9000)
    expect(performance.messages.length).toBe(sent)
    performance.command({ type: 'play' })
    performance.pianist.advance(12_000)
    expect(performance.messages.length).toBeGreaterThan(sent)
  })

  test("forget: notes end, the network's state is zero, and a new run with other music begins", () => {
    const performance = playing(3, 8000)
    performance.command({ type: 'forget' })
    expect(performance.pianist.plan.open().moment).toMatchObject({ previous: 355, sounding: 0, draws: 0 })
    const ends = notesOf(performance, 1e9).map(({ end }) => end)
    expect(Math.max(...ends)).toBeLessThanOrEqual(8000)
    const heard = performance.events.length
    performance.pianist.advance(16_000)
    expect(performance.events.slice(heard, heard + 20)).not.toEqual(performance.events.slice(0, 20))
  })
})

/** Plays three keys far apart, over and over, each until it is struck again. */
const farApart = scriptedNetwork((event) => {
  const order = [36, 60, 84]
  if (!isTimeShift(event)) return new Map([[256 + 29, 1]])
  return new Map(order.map((pitch) => [pitch, 1 / 3]))
})

describe('the pedal', () => {
  /** The moves of the pedal so far: channel, value, time. */
  const movesOf = ({ messages }: Performance) =>
    messages.flatMap((message) =>
      message.kind === 'control-change' ? [[message.channel, message.value, message.due] as const] : [],
    )
  /** A performance that has just come to a time at which the pedal is down. */
  function startWithPedalDown() {
    const performance = startPerformance(farApart, 3, { pedal: 'auto' })
    for (let at = 0; at < 20_000 && movesOf(performance).length % 2 === 0; at += 100)
      performance.pianist.advance(at)
    expect(movesOf(performance).at(-1)?.[1]).toBe(127)
    return performance
  }

  test.each([
    ['when it is switched off', (p: Performance) => p.set('pedal', 'off')],
    ['when the channel changes', (p: Performance) => p.set('channel', 5)],
    ['in a pause', (p: Performance) => p.command({ type: 'pause' })],
    ['after a panic', (p: Performance) => p.command({ type: 'panic' })],
  ])('lifts %s, on the channel on which it is down, and nothing is planned again', (_, act) => {
    const performance = startWithPedalDown()
    const { position, plan } = performance.pianist
    const { steps } = plan
    const down = movesOf(performance).length
    act(performance)
    const [channel, value, due] = movesOf(performance)[down] ?? []
    expect([channel, value]).toEqual([0, 0])
    expect(due).toBeLessThanOrEqual(position + 1100)
    expect(movesOf(performance)).toHaveLength(down + 1)
    expect(plan.steps - steps).toBeLessThan(60)
  })

  test('lifts soon after a new performance begins', () => {
    const performance = startWithPedalDown()
    const { position } = performance.pianist
    const down = movesOf(performance).length
    performance.command({ type: 'forget' })
    performance.pianist.advance(position + 50)
    expect(movesOf(performance)[down]?.slice(0, 2)).toEqual([0, 0])
  })

  test('leaves the notes as they are: with the pedal the same keys are struck at the same times', () => {
    const strikes = (pedal: 'off' | 'auto') =>
      render(
        {
          network: shippedNetwork('tiny'),
          layout: LAYOUT,
          seed: 4,
          controls: { ...defaultControls(), pedal },
        },
        60_000,
      ).map(({ start, pitch, velocity }) => [start, pitch, velocity])
    expect(strikes('auto')).toEqual(strikes('off'))
  })

  test('read back from a file, notes last as long as without it, and fewer keys are down', () => {
    const play = (pedal: 'off' | 'auto') => {
      const controls = { ...defaultControls(), pedal }
      const music = renderMusic({ network: farApart, layout: LAYOUT, seed: 4, controls }, 30_000)
      const file = writeMidi([{ name: 'Rubato', channel: 0, ...music }])
      const held = music.notes.reduce((sum, { start, end }) => sum + end - start, 0)
      return { held, read: parseMidiFile(file, 'pedal.mid').notes }
    }
    const off = play('off')
    const auto = play('auto')
    expect(auto.held).toBeLessThan(0.8 * off.held)
    expect(auto.read).toHaveLength(off.read.length)
    const differences = auto.read.map((note, n) => Math.abs(note.end - (off.read[n]?.end ?? 0)))
    expect(differences.length).toBeGreaterThan(50)
    expect(Math.max(...differences)).toBeLessThan(1)
  })
})
