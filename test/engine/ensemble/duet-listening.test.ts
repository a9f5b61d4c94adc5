import { describe, expect, test } from 'vitest'
import type { Controls } from '../../../src/engine/controls/controls.js'
import { balanced } from '../../../src/engine/ensemble/modes/duet-listening.js'
import type { HeardMessage, TimedMessage } from '../../../src/engine/language/messages.js'
import { shippedNetwork } from '../../helpers/networks.js'
import { type Performance, startPerformance } from '../../helpers/performances.js'
import { keyDown, keyUp, pedal, randomPlaying } from '../../helpers/player.js'
import { randomNumbers } from '../../helpers/random-numbers.js'

type NoteOn = Extract<TimedMessage, { kind: 'note-on' }>

const HORIZON = 20
const start = (controls: Partial<Controls> = {}, model: 'tiny' | 'rubato-piano' = 'rubato-piano', seed = 7) =>
  startPerformance(shippedNetwork(model), seed, { mode: 'duet', ...controls })
const strikesIn = ({ messages }: Performance, from: number, to: number) =>
  messages.filter(
    (message): message is NoteOn => message.kind === 'note-on' && message.due >= from && message.due < to,
  )
const density = (performance: Performance, from: number, to: number) =>
  (1000 * strikesIn(performance, from, to).length) / (to - from)
const velocity = (performance: Performance, from: number, to: number) => {
  const struck = strikesIn(performance, from, to)
  return struck.reduce((sum, note) => sum + note.velocity, 0) / struck.length
}

/** Chords of a hymn in four voices, one every 2.4 s. */
const HYMN = [
  [48, 55, 64, 72],
  [53, 57, 60, 69],
  [55, 59, 62, 67],
  [45, 52, 60, 64],
]
const CHORD_MS = 2400

/** Plays the hymn from `from` to `to`: 1.7 notes a second at velocity 48. */
function hymn(from: number, to: number, strength = 48): HeardMessage[] {
  const messages: HeardMessage[] = []
  for (let n = 0; from + n * CHORD_MS < to; n++) {
    const at = from + n * CHORD_MS
    for (const pitch of HYMN[n % HYMN.length]!)
      messages.push(keyDown(at, pitch, strength), keyUp(at + CHORD_MS - 30, pitch))
  }
  return messages.sort((a, b) => a.at - b.at)
}

/** A broken chord of `perSecond` notes a second. */
function arpeggios(from: number, to: number, perSecond: number, strength: number): HeardMessage[] {
  const pitches = [48, 55, 60, 64, 67, 72, 76, 72, 67, 64, 60, 55]
  const messages: HeardMessage[] = []
  for (let n = 0; from + (1000 * n) / perSecond < to; n++) {
    const at = from + (1000 * n) / perSecond
    const pitch = pitches[n % pitches.length]!
    messages.push(keyDown(at, pitch, strength), keyUp(at + 900 / perSecond, pitch))
  }
  return messages
}

function hear(performance: Performance, messages: readonly HeardMessage[]): void {
  for (const message of messages) {
    performance.pianist.advance(message.at + HORIZON)
    performance.hear(message)
  }
}

describe('a duet that listens', () => {
  test('beside a slow hymn it plays as slowly and softly, in the chord or a step from it', () => {
    const performance = start()
    hear(performance, hymn(1000, 40_000))
    performance.pianist.advance(40_000)
    const asked = balanced(4 / (CHORD_MS / 1000), 0.5)
    expect(asked).toBeLessThan(2.5)
    const played = density(performance, 6000, 40_000)
    expect(played / asked).toBeGreaterThan(1 / 1.5)
    expect(played / asked).toBeLessThan(1.5)
    expect(Math.abs(velocity(performance, 6000, 40_000) - 48)).toBeLessThan(10)
    const struck = strikesIn(performance, 6000, 40_000)
    const chordAt = (at: number) => HYMN[Math.floor((at - 1000) / CHORD_MS) % HYMN.length]!
    const isIn = ({ due, pitch }: NoteOn) =>
      [due, due - 40].some((at) => chordAt(at).some((other) => (other - pitch) % 12 === 0))
    const fits = struck.filter((note, n) => {
      const next = struck[n + 1]
      return isIn(note) || (next && isIn(next) && Math.abs(next.pitch - note.pitch) <= 2)
    })
    expect(fits.length / struck.length).toBeGreaterThan(0.8)
  })

  test("its density and loudness follow the player's within 2 s, up and down", () => {
    const performance = start({}, 'rubato-piano', 3)
    hear(performance, [
      ...hymn(1000, 15_000, 40),
      ...arpeggios(15_400, 26_000, 11, 85),
      ...hymn(26_200, 38_000, 40),
    ])
    performance.pianist.advance(38_000)
    const busy = balanced(11, 0.5)
    for (const [from, to, asked, loudness] of [
      [5000, 15_000, balanced(4 / 2.4, 0.5), 40],
      [17_400, 26_000, busy, 85],
      [28_200, 38_000, balanced(4 / 2.4, 0.5), 40],
    ] as const) {
      const ratio = density(performance, from, to) / asked
      expect(ratio).toBeGreaterThan(1 / 1.5)
      expect(ratio).toBeLessThan(1.5)
      expect(Math.abs(velocity(performance, from, to) - loudness)).toBeLessThan(12)
    }
  })

  test("in the player's pause it plays by itself, and a density or dynamics set by hand comes before the player's", () => {
    const pausing = start()
    hear(pausing, hymn(1000, 10_000))
    pausing.pianist.advance(30_000)
    expect(density(pausing, 15_000, 30_000)).toBeGreaterThan(1.5 * density(pausing, 4000, 12_000))
    const set = start({ density: 9, dynamics: 90 })
    hear(set, hymn(1000, 20_000))
    expect(density(set, 5000, 20_000)).toBeGreaterThan(6)
    expect(velocity(set, 5000, 20_000)).toBeGreaterThan(75)
  })

  test('without listening it is the duet of earlier takes', () => {
    const performance = start({ listen: false })
    hear(performance, hymn(1000, 20_000))
    expect(density(performance, 5000, 20_000)).toBeGreaterThan(4)
  })

  test.each([1, 2, 3, 4, 5, 6])('does not depend on how far ahead it was planned, seed %i', (seed) => {
    const messages = (ahead: (random: number) => number) => {
      const performance = start({ balance: seed / 6 }, 'tiny', seed)
      const random = randomNumbers(seed)
      for (const message of withPedal(seed)) {
        performance.pianist.advance(message.at + HORIZON)
        performance.pianist.plan.sampleBeyond(message.at + HORIZON + ahead(random()))
        performance.hear(message)
        if (random() < 0.02) performance.set('listen', random() < 0.7)
        if (random() < 0.02) performance.set('transpose', Math.floor(6 * random()))
        if (random() < 0.01) performance.command({ type: 'again' })
      }
      performance.pianist.advance(70_000)
      return performance.messages
    }
    const near = messages(() => 0)
    expect(near.length).toBeGreaterThan(200)
    expect(messages((random) => 1000 * random)).toEqual(near)
  })
})

/** A minute of random playing, in parts of 10 s with pauses between them, some of it with the pedal. */
function withPedal(seed: number): HeardMessage[] {
  const parts = [0, 1, 2, 3, 4].flatMap((part): HeardMessage[] => {
    const from = 1000 + 12_000 * part
    const playing = randomPlaying(10 * seed + part, part % 2 === 0 ? 9000 : 5000).map((message) => ({
      ...message,
      at: message.at + from,
    }))
    const pedals = [0, 1, 2].flatMap((n) => [
      pedal(from + 3000 * n + 500, true),
      pedal(from + 3000 * n + 2000, false),
    ])
    return [...playing, ...pedals]
  })
  return parts.sort((a, b) => a.at - b.at)
}
