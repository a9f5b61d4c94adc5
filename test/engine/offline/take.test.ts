import { describe, expect, test } from 'vitest'
import { type BeatReport, createTempoMap, tempoMapOf } from '../../../src/engine/clock/tempo-map.js'
import { type Controls, defaultControls, MODES } from '../../../src/engine/controls/controls.js'
import type { HeardMessage, TimedMessage } from '../../../src/engine/language/messages.js'
import { languageOf } from '../../../src/engine/model/model.js'
import { createNoteCollector } from '../../../src/engine/offline/note-collector.js'
import { replayTake, type Take } from '../../../src/engine/offline/take.js'
import { createPerformer } from '../../../src/engine/performer/performer.js'
import { profileOf } from '../../../src/engine/style/measure.js'
import type { Style } from '../../../src/engine/style/profile.js'
import type { Command, GivenNote } from '../../../src/engine/surface/commands.js'
import type { TakenInput } from '../../../src/engine/surface/inputs.js'
import { modelFolder, readModel } from '../../../src/io/models/model-files.js'
import { writeMidi } from '../../../src/io/recording/midi-file-writer.js'
import { LAYOUT, shippedNetwork } from '../../helpers/networks.js'
import { randomNumbers } from '../../helpers/random-numbers.js'

const MINUTES = 10
const HORIZON = 20

function anyTheme(random: () => number): GivenNote[] {
  return Array.from({ length: 10 + Math.floor(40 * random()) }, (_, n) => ({
    onset: 20 * n,
    pitch: 48 + Math.floor(36 * random()),
  }))
}

function anyStyle(random: () => number): Style {
  const notes = Array.from({ length: 40 }, (_, n) => ({
    pitch: 40 + Math.floor(40 * random()),
    velocity: 1 + Math.floor(126 * random()),
    start: 15 * n,
    end: 15 * n + 1 + Math.floor(60 * random()),
  }))
  return { name: 'any.mid', profile: profileOf(notes) }
}

/** A random command, as a player may give it at any time. */
function anyCommand(random: () => number, pedal: Controls['pedal']): Command {
  const kind = Math.floor(random() * 20)
  const start = defaultControls()
  switch (kind) {
    case 0:
      return { type: 'pause' }
    case 1:
      return { type: 'end' }
    case 2:
      return { type: 'again' }
    case 3:
      return { type: 'forget' }
    case 4:
      return { type: 'undo' }
    case 5:
      return {
        type: 'set-some',
        controls: { ...start, pedal, density: 12, transpose: Math.floor(random() * 9) - 4 },
      }
    case 6:
      return { type: 'set', control: 'articulation', value: 0.1 + random() }
    case 7:
      return { type: 'set', control: 'delay', value: Math.floor(random() * 100) }
    case 8:
      return { type: 'set', control: 'polyphony', value: 1 + Math.floor(random() * 8) }
    case 9:
      return { type: 'set', control: 'guidance', value: random() < 0.5 ? 1 : 2 }
    case 10:
      return { type: 'set', control: 'density', value: random() < 0.3 ? null : 2 + Math.floor(16 * random()) }
    case 11:
      return { type: 'mark-theme' }
    case 12:
      return { type: 'give-theme', notes: anyTheme(random) }
    case 17:
      return { type: 'take-style' }
    case 18:
      return { type: 'set-style', style: random() < 0.3 ? null : anyStyle(random) }
    case 19:
      return { type: 'set', control: 'styleStrength', value: random() < 0.3 ? 0 : random() }
    case 13:
      return { type: 'set', control: 'memory', value: random() < 0.3 ? 0 : random() }
    default:
      return { type: 'set', control: 'temperature', value: 0.7 + 0.6 * random() }
  }
}

/** Commands that change whose turn it is. */
function anyTurn(random: () => number): Command {
  if (random() < 0.3) return { type: 'take-over' }
  return { type: 'set', control: 'mode', value: MODES[Math.floor(random() * MODES.length)] ?? 'duet' }
}

function anyHeard(random: () => number, at: number): HeardMessage {
  const pitch = 48 + Math.floor(12 * random())
  const kind = random()
  if (kind < 0.45) return { kind: 'note-on', at, channel: 0, pitch, velocity: 1 + Math.floor(126 * random()) }
  if (kind < 0.9) return { kind: 'note-off', at, channel: 0, pitch, velocity: 64 }
  return { kind: 'control-change', at, channel: 0, controller: 64, value: random() < 0.2 ? 127 : 0 }
}

/** Ten minutes on a simulated clock, 500 commands and 500 heard messages at random, a machine that stalls now and then. */
function playLive(panics: boolean, seed = 3, minutes = MINUTES, pedal: Controls['pedal'] = 'off') {
  const random = randomNumbers(seed + 2)
  const changesModes = seed !== 3
  const inputs: TakenInput[] = []
  const live = createNoteCollector()
  const messages: TimedMessage[] = []
  const controls = { ...defaultControls(), density: 6, pedal }
  const performer = createPerformer({
    network: shippedNetwork('tiny'),
    layout: LAYOUT,
    seed,
    controls,
    horizon: HORIZON,
    emit: (message) => {
      messages.push(message)
      live.receive(message)
    },
    onInput: (input) => inputs.push(input),
  })
  let now = 5000.123
  const end = now + minutes * 60_000
  const arrivals = Array.from({ length: 100 * minutes }, (_, i) => ({
    at: now + random() * (end - now),
    isHeard: i % 2 === 0,
  }))
  arrivals.sort((a, b) => a.at - b.at)
  performer.receive({ kind: 'command', command: { type: 'play' }, at: now })
  let panicked = 0
  for (const { at, isHeard } of [...arrivals, { at: end, isHeard: true }]) {
    while (now < at) {
      const wake = performer.tick(now)
      now = wake <= now ? now + 0.2 : Math.min(wake, at)
      if (random() < 0.003) now += 3000 * random()
    }
    if (changesModes && random() < 0.15)
      performer.receive({ kind: 'command', command: anyTurn(random), at: now, by: 'keys' })
    if (isHeard) performer.receive({ kind: 'heard', message: anyHeard(random, now), at: now })
    else if (panics && random() < 0.05) {
      performer.receive({ kind: 'command', command: { type: 'panic' }, at: now })
      panicked++
    } else performer.receive({ kind: 'command', command: anyCommand(random, pedal), at: now, by: 'keys' })
    // *play* follows half of the inputs, because a random command may have paused the music.
    if (random() < 0.5) performer.receive({ kind: 'command', command: { type: 'play' }, at: now })
  }
  const take: Take = {
    program: '',
    weights: '',
    backend: '',
    model: 'tiny',
    seed,
    controls,
    prompt: [],
    followTransport: false,
    horizon: HORIZON,
    // The take as it is after it has been written to a file and read.
    inputs: JSON.parse(JSON.stringify(inputs)) as TakenInput[],
    position: performer.pianist.position,
  }
  return { take, messages, live, panicked, slips: performer.snapshot(now).slips, now }
}

const midi = (notes: Parameters<typeof writeMidi>[0][number]['notes']) =>
  Buffer.from(writeMidi([{ name: 'Rubato', channel: 0, notes }]))
const network = () => ({ network: shippedNetwork('tiny'), layout: LAYOUT })

describe('a take', () => {
  test('ten minutes with 500 commands, 500 heard messages and stalls are replayed byte for byte', () => {
    const { take, live, slips } = playLive(false)
    expect(slips).toBeGreaterThan(5)
    expect(take.inputs.filter(({ input }) => input.kind === 'command').length).toBeGreaterThan(500)
    const { notes: again } = replayTake(take, network())
    const end = Math.max(...again.map((note) => note.end))
    expect(again.length).toBeGreaterThan(500)
    expect(Buffer.compare(midi(again), midi(live.notes(end)))).toBe(0)
  })

  test.each([11, 12, 13, 14, 15, 16])(
    'with all modes in turn, keys, stalls and pauses it is replayed byte for byte (%d)',
    (seed) => {
      const { take, live } = playLive(false, seed, 3)
      const { notes: again } = replayTake(take, network())
      const end = Math.max(...again.map((note) => note.end))
      expect(again.length).toBeGreaterThan(50)
      expect(Buffer.compare(midi(again), midi(live.notes(end)))).toBe(0)
    },
  )

  test('with the pedal is replayed byte for byte, its moves included', () => {
    const { take, live } = playLive(false, 3, MINUTES, 'auto')
    const again = replayTake(take, network())
    const end = Math.max(...again.notes.map((note) => note.end))
    const until = ({ at }: { at: number }) => at < end - 1000
    expect(again.controlChanges.length).toBeGreaterThan(4)
    expect(again.controlChanges.filter(until)).toEqual(live.controlChanges(end).filter(until))
    expect(Buffer.compare(midi(again.notes), midi(live.notes(end)))).toBe(0)
  })

  test('of drums is replayed at the times of every tempo that was set', () => {
    const { spec } = readModel(modelFolder('rubato-drums'))
    const language = languageOf(spec)
    const inputs: TakenInput[] = []
    const live = createNoteCollector()
    const controls = { ...defaultControls(), tempo: 120 }
    const performer = createPerformer({
      network: shippedNetwork('rubato-drums'),
      ...language,
      seed: 3,
      controls,
      horizon: HORIZON,
      emit: live.receive,
      onInput: (input) => inputs.push(input),
    })
    let now = 1000
    const command = (what: Command) => performer.receive({ kind: 'command', command: what, at: now })
    const reports: BeatReport[] = []
    const playOn = (end: number) => {
      while (now < end) {
        now = Math.max(now + 0.5, Math.min(performer.tick(now), now + 60, end))
        reports.push({ at: now, beat: performer.snapshot(now).beat, beatsPerBar: 4 })
      }
    }
    command({ type: 'play' })
    for (const tempo of [60, 180, 97]) {
      playOn(now + 3000)
      command({ type: 'set', control: 'tempo', value: tempo })
    }
    playOn(16_000)
    const take: Take = {
      ...{ program: '', weights: '', backend: '', model: 'rubato-drums', seed: 3, controls, prompt: [] },
      ...{ followTransport: false, horizon: HORIZON, inputs, position: performer.pianist.position },
    }
    const { notes: again, beats } = replayTake(take, { network: shippedNetwork('rubato-drums'), ...language })
    const end = Math.max(...again.map((note) => note.end))
    expect(again.length).toBeGreaterThan(40)
    expect(Buffer.compare(midi(again), midi(live.notes(end)))).toBe(0)

    // The bars of the replay's file are those of a recording.
    const [first] = again
    const replayed = tempoMapOf(beats, first!.start)
    const recorded = createTempoMap()
    for (const report of reports) {
      if (recorded.stretches.length === 0 && report.at >= first!.start) recorded.begin(first!.start)
      recorded.report(report)
    }
    expect(replayed.stretches.length).toBeLessThan(12)
    for (const { start } of again) expect(replayed.beatAt(start)).toBeCloseTo(recorded.beatAt(start), 3)
    expect(recorded.meters).toEqual([{ beat: 0, sixteenths: 16 }])
    expect(replayed.meters).toEqual(recorded.meters)
  })

  test('with panics is the same at each replay, and no note sounds across a panic', () => {
    const { take, panicked } = playLive(true)
    expect(panicked).toBeGreaterThan(5)
    const { notes: again } = replayTake(take, network())
    expect(Buffer.compare(midi(again), midi(replayTake(take, network()).notes))).toBe(0)
    for (const { horizon, origin, input } of take.inputs) {
      if (input.kind !== 'command' || input.command.type !== 'panic') continue
      const at = origin + horizon - HORIZON
      expect(again.filter(({ start, end }) => start < at && end > at + 1e-6)).toEqual([])
    }
  })

  test('with panics and the pedal has the pedal up at each panic', () => {
    const { take, panicked } = playLive(true, 3, MINUTES, 'auto')
    expect(panicked).toBeGreaterThan(5)
    const { controlChanges } = replayTake(take, network())
    expect(controlChanges.length).toBeGreaterThan(4)
    expect(controlChanges.map(({ value }) => value)).toEqual(
      controlChanges.map((_, n) => (n % 2 === 0 ? 127 : 0)),
    )
    for (const { horizon, origin, input } of take.inputs) {
      if (input.kind !== 'command' || input.command.type !== 'panic') continue
      const at = origin + horizon - HORIZON
      expect(controlChanges.findLast((change) => change.at <= at)?.value ?? 0).toBe(0)
    }
  })

  test('with another seed is other music', () => {
    const { take } = playLive(false)
    const { notes: other } = replayTake({ ...take, seed: 4 }, network())
    expect(Buffer.compare(midi(other), midi(replayTake(take, network()).notes))).not.toBe(0)
  })
})
