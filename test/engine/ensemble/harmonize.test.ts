import { describe, expect, test } from 'vitest'
import type { Controls } from '../../../src/engine/controls/controls.js'
import { INTERVAL_NAMES } from '../../../src/engine/language/intervals.js'
import type { TimedMessage } from '../../../src/engine/language/messages.js'
import { KEY_NAMES, scaleMask } from '../../../src/engine/language/scales.js'
import { shippedNetwork } from '../../helpers/networks.js'
import { type Performance, startPerformance } from '../../helpers/performances.js'
import { keyDown, keyUp } from '../../helpers/player.js'
import { randomNumbers } from '../../helpers/random-numbers.js'

type NoteOn = Extract<TimedMessage, { kind: 'note-on' }>

const HORIZON = 20
const start = (controls: Partial<Controls>) =>
  startPerformance(shippedNetwork('tiny'), 5, { mode: 'harmonize', ...controls })
const strikesIn = ({ messages }: Performance, from = 0) =>
  messages.slice(from).filter((message): message is NoteOn => message.kind === 'note-on')
const isIn = (mask: number, pitch: number) => ((mask >> (pitch % 12)) & 1) === 1
const clash = (a: number, b: number) => [1, 11].includes(Math.abs(a - b) % 12)

/** Strikes a key at `at` and lifts it 200 ms later. @returns the notes added to it */
function touch(performance: Performance, at: number, pitch: number): NoteOn[] {
  performance.pianist.advance(at + HORIZON)
  const before = performance.messages.length
  performance.hear(keyDown(at, pitch))
  const added = strikesIn(performance, before)
  performance.pianist.advance(at + 200 + HORIZON)
  performance.hear(keyUp(at + 200, pitch))
  return added
}

/** Strikes the keys of a chord `apart` ms after each other. @returns the added notes that sound 40 ms after the last key */
function strikeChord(
  performance: Performance,
  at: number,
  pitches: readonly number[],
  apart: number,
): NoteOn[] {
  const before = performance.messages.length
  for (const [n, pitch] of pitches.entries()) {
    performance.pianist.advance(at + apart * n + HORIZON)
    const from = performance.messages.length
    performance.hear(keyDown(at + apart * n, pitch))
    // Nothing waits for the rest of the chord.
    for (const { due } of strikesIn(performance, from)) expect(due).toBeLessThanOrEqual(at + apart * n + 12)
  }
  const last = at + apart * (pitches.length - 1)
  performance.pianist.advance(last + 40)
  const ended = new Set(performance.messages.flatMap((m) => (m.kind === 'note-off' ? [m.id] : [])))
  const sounding = strikesIn(performance, before).filter(({ id }) => !ended.has(id))
  for (const pitch of pitches) performance.hear(keyUp(last + 200, pitch))
  performance.pianist.advance(last + 300)
  return sounding
}

describe('notes added to keys', () => {
  test.each(INTERVAL_NAMES)('keep to the scale of every key, with intervals %s', (intervals) => {
    const random = randomNumbers(3)
    const left: string[] = []
    let added = 0
    for (const key of KEY_NAMES.slice(1)) {
      for (const scale of ['major', 'minor', 'pentatonic', 'blues', 'whole-tone'] as const) {
        const performance = start({ key, scale, intervals, voices: 3, transpose: key === 'E' ? 5 : 0 })
        for (let n = 0; n < 12; n++) {
          const pitch = 48 + Math.floor(30 * random())
          const notes = touch(performance, 1000 + 300 * n, pitch)
          // Each key gets a note at least, also one that isn't in the scale.
          if (notes.length === 0) left.push(`${key} ${scale}: none for ${pitch}`)
          added += notes.length
          for (const note of notes)
            if (!isIn(scaleMask(key, scale), note.pitch))
              left.push(`${key} ${scale}: ${note.pitch} for ${pitch}`)
        }
      }
    }
    expect(left).toEqual([])
    expect(added).toBeGreaterThan(1200)
  })

  test("without a key they keep to that of the player's last notes, and follow when it changes", () => {
    for (const tonic of [0, 4, 10]) {
      const performance = start({ intervals: 'thirds', voices: 2 })
      const scale = [0, 4, 7, 5, 9, 2, 11, 7, 0].map((degree) => 60 + tonic + degree)
      const other = scale.map((pitch) => pitch + 6)
      const outside = (pitches: readonly number[], from: number, mask: number) =>
        pitches
          .flatMap((pitch, n) => touch(performance, from + 300 * n, pitch))
          .filter(({ pitch }) => !isIn(mask, pitch))
      outside(scale, 1000, 0)
      expect(outside(scale, 5000, scaleMask(KEY_NAMES[1 + tonic]!, 'major'))).toEqual([])
      for (let n = 0; n < 5; n++) outside(other, 9000 + 3000 * n, 0)
      expect(outside(other, 26_000, scaleMask(KEY_NAMES[1 + ((tonic + 6) % 12)]!, 'major'))).toEqual([])
    }
  })

  test.each(INTERVAL_NAMES)(
    'agree with all keys of a chord struck within 30 ms, with intervals %s',
    (intervals) => {
      const random = randomNumbers(8)
      let added = 0
      let chords = 0
      for (const [key, scale] of [
        ['C', 'major'],
        ['F#', 'minor'],
        ['off', 'major'],
      ] as const) {
        const performance = start({ key, scale, intervals, voices: 3 })
        for (let n = 0; n < 60; n++) {
          const size = 2 + Math.floor(3 * random())
          const pitches = [...new Set(Array.from({ length: size }, () => 48 + Math.floor(30 * random())))]
          const sounding = strikeChord(
            performance,
            1000 + 1000 * n,
            pitches,
            Math.floor((31 / size) * random()),
          )
          added += sounding.length
          chords++
          for (const { pitch } of sounding) {
            expect(pitches).not.toContain(pitch)
            if (key !== 'off') expect(isIn(scaleMask(key, scale), pitch)).toBe(true)
            const others = sounding.filter((other) => other.pitch !== pitch)
            expect(others.length).toBe(sounding.length - 1)
            expect(others.filter((other) => clash(other.pitch, pitch))).toEqual([])
            // An interval that is free may clash with its own key, and with no other.
            const clashing = pitches.filter((own) => clash(own, pitch))
            expect(clashing.length).toBeLessThanOrEqual(intervals === 'free' ? 1 : 0)
          }
        }
      }
      expect(added).toBeGreaterThan(chords)
    },
  )

  test('of a key struck 31 ms after another know nothing of it, and all end with their keys', () => {
    const performance = start({ intervals: 'consonant', voices: 2 })
    performance.pianist.advance(1020)
    performance.hear(keyDown(1000, 60))
    const first = strikesIn(performance)
    expect(first.length).toBe(2)
    performance.pianist.advance(1051)
    performance.hear(keyDown(1031, 61))
    const ended = performance.messages.filter(({ kind }) => kind === 'note-off')
    expect(ended).toEqual([])
    performance.pianist.advance(1520)
    for (const pitch of [60, 61]) performance.hear(keyUp(1500, pitch))
    const ends = performance.messages.flatMap((message) => (message.kind === 'note-off' ? [message.id] : []))
    expect(ends.toSorted()).toEqual(
      strikesIn(performance)
        .map(({ id }) => id)
        .toSorted(),
    )
  })
})
