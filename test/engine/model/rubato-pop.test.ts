import { describe, expect, test } from 'vitest'
import { type Controls, defaultControls } from '../../../src/engine/controls/controls.js'
import { isNoteOff, isNoteOn } from '../../../src/engine/language/events.js'
import type { TimedMessage } from '../../../src/engine/language/messages.js'
import { languageOf } from '../../../src/engine/model/model.js'
import { createNoteCollector } from '../../../src/engine/offline/note-collector.js'
import { render } from '../../../src/engine/offline/rendering.js'
import { replayTake, type Take } from '../../../src/engine/offline/take.js'
import { createPerformer } from '../../../src/engine/performer/performer.js'
import { createPianist } from '../../../src/engine/pianist/pianist.js'
import type { Command } from '../../../src/engine/surface/commands.js'
import type { TakenInput } from '../../../src/engine/surface/inputs.js'
import { modelFolder, readModel } from '../../../src/io/models/model-files.js'
import { shippedNetwork } from '../../helpers/networks.js'

const { spec } = readModel(modelFolder('rubato-pop'))
const language = languageOf(spec)
const HORIZON = 20

const controlsWith = (changes: Partial<Controls>): Controls => ({ ...defaultControls(), ...changes })

const play = (changes: Partial<Controls>, onEvent = (_: number) => {}) =>
  render(
    { network: shippedNetwork('rubato-pop'), ...language, seed: 3, controls: controlsWith(changes), onEvent },
    20_000,
  )

describe('rubato-pop', () => {
  test('plays notes with lengths, at the tempo of the controls', () => {
    const events: number[] = []
    const slow = play({ tempo: 62.5 }, (event) => events.push(event))
    expect(slow.length).toBeGreaterThan(20)
    expect(events.some(isNoteOn) && events.some(isNoteOff)).toBe(true)
    const fast = play({ tempo: 125 })
    for (const [n, { start, pitch, velocity }] of slow.slice(0, -8).entries()) {
      expect(fast[n]).toMatchObject({ pitch, velocity })
      expect(start).toBeCloseTo(2 * fast[n]!.start, 6)
    }
  })

  test('lies on the sixteenths of its bars, which begin at 0', () => {
    const notes = play({ tempo: 125, timingTemperature: 0.7 })
    const near = notes.filter(({ start }) => Math.abs(start / 120 - Math.round(start / 120)) <= 0.25)
    // Of notes spread evenly half would be.
    expect(near.length / notes.length).toBeGreaterThan(0.7)
  })

  test('has no themes to return', () => {
    expect(play({ memory: 1, form: 'rondo' })).toEqual(play({}))
  })

  test('follows a pulse; drums are told their bars alone', () => {
    const followsPulse = (name: 'rubato-pop' | 'rubato-drums' | 'rubato-piano') =>
      createPianist({
        network: shippedNetwork(name),
        ...languageOf(readModel(modelFolder(name)).spec),
        seed: 1,
        controls: defaultControls(),
        emit: () => {},
      }).ensemble.followsPulse
    expect(followsPulse('rubato-pop')).toBe(true)
    expect(followsPulse('rubato-drums')).toBe(false)
    expect(followsPulse('rubato-piano')).toBe(false)
  })

  test('plays the chord that is held, and in its own pitches where they are transposed', () => {
    for (const transpose of [0, 5]) {
      const held = playOver([53, 56, 60, 65], transpose)
      const single = playOver([53], transpose)
      expect(held.tones).toBeGreaterThan(0.6)
      expect(held.tones).toBeGreaterThan(single.tones)
      // Few notes are the bass by chance.
      expect(held.bass).toBeGreaterThan(0.25)
    }
  })

  test('is replayed from a take at every tempo and in every mode, with whatever lookahead it was played', () => {
    const takes = [60, 1000].map((lookahead) => playLive(lookahead))
    const [first, second] = takes.map(({ take }) =>
      replayTake(take, { network: shippedNetwork('rubato-pop'), ...language }),
    )
    expect(first?.notes.length).toBeGreaterThan(30)
    for (const [n, replayed] of [first, second].entries()) {
      // A replay ends at the position of the pianist, and what begins there is left out.
      const end = replayed?.notes.at(-1)?.start ?? 0
      const heard = takes[n]?.live.notes(end + 1).filter(({ start }) => start <= end)
      expect(end).toBeGreaterThan((takes[n]?.now ?? 0) - 1000)
      expect(replayed?.notes.map(sounding)).toEqual(heard?.map(sounding))
    }
    expect(second?.notes.map(sounding)).toEqual(first?.notes.map(sounding))
  })
})

/** The shares of the notes, while `keys` are held in follow mode, that are tones of F minor and that are its bass. */
function playOver(keys: readonly number[], transpose: number) {
  const classes: number[] = []
  const pianist = createPianist({
    network: shippedNetwork('rubato-pop'),
    ...language,
    seed: 5,
    controls: controlsWith({ mode: 'follow', transpose }),
    emit: (message) => {
      if (message.kind === 'note-on') classes.push(message.pitch % 12)
    },
  })
  pianist.apply({ kind: 'command', command: { type: 'play' } })
  for (const pitch of keys) {
    const message = { kind: 'note-on', at: pianist.position, channel: 0, pitch, velocity: 70 } as const
    pianist.apply({ kind: 'heard', message })
  }
  pianist.advance(30_000)
  const shareOf = (wanted: readonly number[]) =>
    classes.filter((pc) => wanted.includes(pc)).length / classes.length
  return { tones: shareOf([5, 8, 0]), bass: shareOf([5]) }
}

const sounding = ({ start, pitch, velocity }: { start: number; pitch: number; velocity: number }) => ({
  start,
  pitch,
  velocity,
})

/** A performer that changes tempo and mode and is played to. */
function playLive(lookahead: number) {
  const inputs: TakenInput[] = []
  const live = createNoteCollector()
  const controls = controlsWith({ tempo: 120 })
  const performer = createPerformer({
    network: shippedNetwork('rubato-pop'),
    ...language,
    seed: 3,
    controls,
    horizon: HORIZON,
    lookahead,
    emit: (message: TimedMessage) => live.receive(message),
    onInput: (input) => inputs.push(input),
  })
  let now = 1000
  const runUntil = (end: number) => {
    while (now < end) now = Math.max(now + 0.5, Math.min(performer.tick(now), end))
  }
  const command = (what: Command) => performer.receive({ kind: 'command', command: what, at: now })
  command({ type: 'play' })
  for (const [tempo, mode] of [
    [60, 'follow'],
    [180, 'duet'],
    [97, 'solo'],
  ] as const) {
    runUntil(now + 2000)
    command({ type: 'set', control: 'tempo', value: tempo })
    command({ type: 'set', control: 'mode', value: mode })
    performer.receive({
      kind: 'heard',
      at: now,
      message: { kind: 'note-on', at: now, channel: 0, pitch: 60, velocity: 70 },
    })
    runUntil(now + 500)
    performer.receive({
      kind: 'heard',
      at: now,
      message: { kind: 'note-off', at: now, channel: 0, pitch: 60, velocity: 0 },
    })
    runUntil(now + 1500)
  }
  const take: Take = {
    ...{ program: '', weights: '', backend: '', model: 'rubato-pop', seed: 3, controls, prompt: [] },
    ...{ followTransport: false, horizon: HORIZON, inputs, position: performer.pianist.position },
  }
  return { take, live, now }
}
