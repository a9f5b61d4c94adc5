import { describe, expect, test } from 'vitest'
import { type Controls, defaultControls } from '../../../src/engine/controls/controls.js'
import { isNoteOn, isTimeShift } from '../../../src/engine/language/events.js'
import type { TimedMessage } from '../../../src/engine/language/messages.js'
import { createPianist, type Pianist } from '../../../src/engine/pianist/pianist.js'
import type { Command } from '../../../src/engine/surface/commands.js'
import { LAYOUT, scriptedNetwork, shippedNetwork } from '../../helpers/networks.js'
import { randomNumbers } from '../../helpers/random-numbers.js'

/** Strikes a note of two octaves, or two together, and waits 40 to 300 ms; every note may end. */
const melodies = () =>
  scriptedNetwork((event) => {
    const next = new Map<number, number>()
    for (let pitch = 24; pitch < 100; pitch++) next.set(pitch, 1e-6)
    if (isTimeShift(event)) for (let pitch = 55; pitch < 79; pitch++) next.set(pitch, 0.1)
    else {
      for (const wait of [4, 12, 20, 30]) next.set(255 + wait, isNoteOn(event) ? 0.4 : 0.9)
      for (let pitch = 55; pitch < 79; pitch++) next.set(pitch, 0.005)
    }
    for (let pitch = 55; pitch < 79; pitch++) next.set(128 + pitch, 0.02)
    return next
  })

interface Playing {
  readonly pianist: Pianist
  readonly messages: TimedMessage[]
}

function play(seed: number, controls: Partial<Controls> = {}, network = melodies()): Playing {
  const messages: TimedMessage[] = []
  const pianist = createPianist({
    network,
    layout: LAYOUT,
    seed,
    controls: { ...defaultControls(), ...controls },
    emit: (message) => messages.push(message),
  })
  pianist.apply({ kind: 'command', command: { type: 'play' } })
  return { pianist, messages }
}

const give = ({ pianist }: Playing, command: Command) => pianist.apply({ kind: 'command', command })
const momentOf = ({ pianist }: Playing) => pianist.plan.open().moment

/** Plays 5 minutes with commands at random times; `ahead` ms are planned ahead at each of them. */
function playRandomly(
  seed: number,
  ahead: (random: number) => number,
  isOnGrid = false,
): readonly TimedMessage[] {
  const playing = play(seed, isOnGrid ? { grid: '1/16', gridStrength: 1 } : {}, shippedNetwork('tiny'))
  const random = randomNumbers(seed)
  const pick = <T>(...choices: T[]): T => choices[Math.floor(random() * choices.length)]!
  for (let at = 0; at < 300_000; at += 2000 * random()) {
    playing.pianist.advance(at)
    const further = ahead(random())
    if (!playing.pianist.paused) playing.pianist.plan.sampleBeyond(at + further)
    if (isOnGrid && random() < 0.2) {
      const pulse = { at: 500 * random(), beatMs: 400 + 300 * random() }
      playing.pianist.apply({ kind: 'pulse', pulse })
    }
    const kind = random()
    const pitch = 40 + Math.floor(40 * random())
    if (kind < 0.4) {
      const note = { at: at - 5, channel: 0, pitch }
      playing.pianist.apply({ kind: 'heard', message: { ...note, kind: 'note-on', velocity: 70 } })
      if (kind < 0.3) playing.pianist.advance(at + 300)
      playing.pianist.apply({ kind: 'heard', message: { ...note, kind: 'note-off', velocity: 0 } })
    }
    give(
      playing,
      pick<Command>(
        {
          type: 'set',
          control: 'mode',
          value: pick('solo', 'follow', 'follow', 'duet', 'answer', 'harmonize'),
        },
        { type: 'set', control: 'density', value: pick(null, 2, 8, 20) },
        { type: 'set', control: 'memory', value: pick(0, 0.5, 1) },
        { type: 'set', control: 'form', value: pick('free', 'variations', 'ABA', 'rondo') },
        { type: 'set', control: 'key', value: pick('off', 'D', 'F#') },
        { type: 'set', control: 'scale', value: pick('major', 'minor') },
        { type: 'set', control: 'transpose', value: pick(0, 3) },
        { type: 'set', control: 'tide', value: pick(true, false) },
        { type: 'set', control: 'temperature', value: 0.5 + random() },
        { type: 'mark-theme' },
        {
          type: 'give-theme',
          notes: Array.from({ length: 20 }, (_, n) => ({ onset: 30 * n, pitch: 60 + ((n * 5) % 17) })),
        },
        { type: 'end' },
        { type: 'play' },
        { type: 'play' },
        { type: 'again' },
        ...(isOnGrid
          ? ([
              { type: 'set', control: 'grid', value: pick('off', '1/8', '1/16', '1/8T') },
              { type: 'set', control: 'gridStrength', value: pick(0, 0.5, 1, 1) },
              { type: 'set', control: 'swing', value: pick(50, 66) },
            ] as const)
          : []),
      ),
    )
  }
  return playing.messages
}

describe('the form of the music', () => {
  test.each([1, 2, 3, 4, 5, 6])('does not depend on how far ahead the music was planned, seed %i', (seed) => {
    const near = playRandomly(seed, () => 0)
    expect(near.length).toBeGreaterThan(400)
    expect(playRandomly(seed, (random) => 1000 * random)).toEqual(near)
  })

  test.each([11, 12, 13])('nor does it on a grid whose beat moves, seed %i', (seed) => {
    const near = playRandomly(seed, () => 0, true)
    expect(near.length).toBeGreaterThan(400)
    expect(playRandomly(seed, (random) => 1000 * random, true)).toEqual(near)
  })

  test('at memory 0 nothing is remembered and nothing expected', () => {
    const playing = play(3, { memory: 0 })
    for (let at = 0; at < 120_000; at += 500) {
      playing.pianist.advance(at)
      expect(momentOf(playing).expecting.list).toBeNull()
    }
    expect(momentOf(playing).form.movement).toBe(0)
  })

  test('themes are remembered and return', () => {
    const playing = play(3)
    playing.pianist.advance(180_000)
    const { form, expecting } = momentOf(playing)
    expect(form.themes.length).toBeGreaterThan(0)
    expect(form.recalls).toBeGreaterThan(1)
    expect(expecting.kept).toBeGreaterThan(20)
  })

  test('a marked theme is adopted and returns', () => {
    const playing = play(5, { form: 'free' })
    playing.pianist.advance(20_000)
    const before = momentOf(playing).form.adopted
    give(playing, { type: 'mark-theme' })
    playing.pianist.advance(45_000)
    expect(before).toBe(0)
    expect(momentOf(playing).form.adopted).toBe(1)
    expect(momentOf(playing).form.recalls).toBeGreaterThan(0)
  })

  test.each([1, 2, 3, 4, 5, 6, 7, 8])('end plays a cadence within 8 s and pauses, seed %i', (seed) => {
    const playing = play(seed, { key: 'D', scale: 'minor' })
    playing.pianist.advance(30_000)
    give(playing, { type: 'end' })
    playing.pianist.advance(38_100)
    expect(playing.pianist.paused).toBe(true)
    expect(playing.pianist.position).toBeLessThan(38_000)
    const strikes = playing.messages.flatMap((message) => (message.kind === 'note-on' ? [message] : []))
    const last = strikes.slice(-5)
    expect(new Set(last.map(({ pitch }) => pitch % 12))).toEqual(new Set([2, 5, 9]))
    const dominant = strikes.slice(-10, -5)
    expect(new Set(dominant.map(({ pitch }) => pitch % 12))).toEqual(new Set([9, 1, 4, 7]))
  })

  test('play takes an end back that was asked for', () => {
    const playing = play(2)
    playing.pianist.advance(30_000)
    give(playing, { type: 'end' })
    give(playing, { type: 'play' })
    const sent = playing.messages.length
    playing.pianist.advance(60_000)
    expect(playing.pianist.paused).toBe(false)
    expect(playing.messages.length).toBeGreaterThan(sent + 50)
  })

  test('after a cadence the music goes on with another movement', () => {
    const playing = play(2)
    playing.pianist.advance(30_000)
    give(playing, { type: 'end' })
    playing.pianist.advance(39_000)
    const { movement } = momentOf(playing).form
    give(playing, { type: 'play' })
    const sent = playing.messages.length
    playing.pianist.advance(60_000)
    expect(momentOf(playing).form.movement).toBe(movement + 1)
    expect(playing.messages.length).toBeGreaterThan(sent + 20)
  })
})
