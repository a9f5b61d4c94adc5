import { describe, expect, test } from 'vitest'
import { type Controls, defaultControls } from '../../../src/engine/controls/controls.js'
import { chordOf, hasTone, type Progression } from '../../../src/engine/language/chords.js'
import type { HeardMessage, TimedMessage } from '../../../src/engine/language/messages.js'
import { createPianist, type Pianist } from '../../../src/engine/pianist/pianist.js'
import type { Command } from '../../../src/engine/surface/commands.js'
import type { Ms, Pitch } from '../../../src/engine/units.js'
import { LAYOUT, shippedNetwork } from '../../helpers/networks.js'
import { keyDown, keyUp } from '../../helpers/player.js'
import { randomNumbers } from '../../helpers/random-numbers.js'

const mask = (...pcs: number[]) => pcs.reduce((bits, pc) => bits | (1 << pc), 0)
const A_MINOR = chordOf(mask(9, 0, 4), 9)
const F_SHARP = chordOf(mask(6, 10, 1), 6)
const G_OVER_B = chordOf(mask(7, 11, 2), 11)

/** Two bars: A minor and F sharp major, then G over B and nothing. */
const CHORDS: Progression = {
  spans: [
    { chord: A_MINOR, beats: 2 },
    { chord: F_SHARP, beats: 2 },
    { chord: G_OVER_B, beats: 3 },
    { chord: null, beats: 1 },
  ],
  beatsPerBar: 4,
}

interface Playing {
  readonly pianist: Pianist
  readonly messages: TimedMessage[]
}

function play(seed: number, controls: Partial<Controls> = {}, hasEnds = true): Playing {
  const messages: TimedMessage[] = []
  const pianist = createPianist({
    network: shippedNetwork('tiny'),
    layout: LAYOUT,
    seed,
    hasEnds,
    controls: { ...defaultControls(), ...controls },
    emit: (message) => messages.push(message),
  })
  pianist.apply({ kind: 'pulse', pulse: { at: 0, beatMs: 500 } })
  pianist.apply({ kind: 'command', command: { type: 'play' } })
  return { pianist, messages }
}

const give = ({ pianist }: Playing, command: Command) => pianist.apply({ kind: 'command', command })

interface Note {
  readonly pitch: Pitch
  readonly start: Ms
  readonly end: Ms
}

function notesOf(messages: readonly TimedMessage[], end: Ms): Note[] {
  const ends = new Map(messages.flatMap((m) => (m.kind === 'note-off' ? [[m.id, m.due] as const] : [])))
  return messages.flatMap((m) =>
    m.kind === 'note-on' ? [{ pitch: m.pitch, start: m.due, end: ends.get(m.id) ?? end }] : [],
  )
}

/** The pitch classes in force at plan time `at` while CHORDS are played from beat 0 on; all where there is no chord. */
function tonesAt(at: Ms): number {
  const beat = (at / 500) % 8
  const { chord } = CHORDS.spans[beat < 2 ? 0 : beat < 4 ? 1 : beat < 7 ? 2 : 3]!
  return chord?.tones ?? 0xfff
}

/** Plays 80 s with commands and keys at random times; `ahead` ms are planned ahead at each of them. */
function playRandomly(seed: number, ahead: (random: number) => number): readonly TimedMessage[] {
  const playing = play(seed)
  const { pianist } = playing
  const random = randomNumbers(seed)
  const pick = <T>(...choices: T[]): T => choices[Math.floor(random() * choices.length)]!
  give(playing, { type: 'set-progression', progression: CHORDS })
  for (let at = 0; at < 80_000; at += 1500 * random()) {
    pianist.advance(at)
    const further = ahead(random())
    if (!pianist.paused) pianist.plan.sampleBeyond(at + further)
    const kind = random()
    const root = 36 + Math.floor(12 * random())
    if (kind < 0.3) {
      const keys = [root, root + pick(3, 4), root + 7]
      for (const key of keys) pianist.apply({ kind: 'heard', message: keyDown(at - 5, key) })
      pianist.advance(at + 200)
      for (const key of keys) pianist.apply({ kind: 'heard', message: keyUp(at + 195, key) })
    } else if (kind < 0.5) {
      const beatMs = pick(400, 500, 510)
      pianist.apply({
        kind: 'pulse',
        pulse: pick({ at: at - 900 * random(), beatMs }, { at: 0, beatMs: 500 }, null),
      })
    } else
      give(
        playing,
        pick<Command>(
          { type: 'set', control: 'chordLock', value: pick('soft', 'locked') },
          { type: 'set', control: 'chordLatch', value: pick(true, false) },
          { type: 'set-progression', progression: pick(CHORDS, null, { ...CHORDS, beatsPerBar: 3 }) },
          { type: 'set', control: 'mode', value: pick('solo', 'follow', 'duet', 'answer', 'harmonize') },
          { type: 'set', control: 'key', value: pick('off', 'D', 'F#') },
          { type: 'set', control: 'keyLock', value: pick(true, false) },
          { type: 'set', control: 'transpose', value: pick(0, 3) },
          { type: 'set', control: 'memory', value: pick(0, 1) },
          { type: 'end' },
          { type: 'play' },
          { type: 'play' },
          { type: 'again' },
          { type: 'forget' },
        ),
      )
  }
  return playing.messages
}

describe('chords', () => {
  test.each([1, 2, 3, 4])('do not depend on how far ahead the music was planned, seed %i', (seed) => {
    const near = playRandomly(seed, () => 0)
    expect(near.length).toBeGreaterThan(100)
    expect(playRandomly(seed, () => 1000)).toEqual(near)
    expect(playRandomly(seed, (random) => 1000 * random)).toEqual(near)
  })

  test.each([1, 2, 3])('locked, no note sounds outside the chord at its time, seed %i', (seed) => {
    const playing = play(seed, { chordLock: 'locked', key: 'C', keyLock: true, transpose: 5 })
    give(playing, { type: 'set-progression', progression: CHORDS })
    playing.pianist.advance(60_000)
    const notes = notesOf(playing.messages, 60_000)
    expect(notes.length).toBeGreaterThan(60)
    for (const { pitch, start, end } of notes)
      for (let at = start; at < end; at += 10)
        expect(hasTone(tonesAt(at), pitch), `${pitch} at ${at}`).toBe(true)
  })

  test.each([1, 2, 3])('locked, no note is sent outside the chord on a grid either, seed %i', (seed) => {
    const playing = play(seed, { chordLock: 'locked', grid: '1/16', gridStrength: 1 })
    give(playing, { type: 'set-progression', progression: CHORDS })
    playing.pianist.advance(60_000)
    const notes = notesOf(playing.messages, 60_000)
    expect(notes.length).toBeGreaterThan(60)
    for (const { pitch, start, end } of notes)
      for (let at = start; at < end; at += 5)
        expect(hasTone(tonesAt(at), pitch), `${pitch} at ${at}`).toBe(true)
  })

  test.each([1, 2, 3])('locked, no note is cut to a click by the next chord, seed %i', (seed) => {
    const playing = play(seed, { chordLock: 'locked' })
    give(playing, { type: 'set-progression', progression: CHORDS })
    playing.pianist.advance(60_000)
    const cut = notesOf(playing.messages, 60_000).filter(
      ({ end, start }) => end < 60_000 && end % 500 === 0 && end - start < 60,
    )
    expect(cut.filter(({ pitch, end }) => !hasTone(tonesAt(end), pitch))).toEqual([])
  })

  test.each([1, 2, 3])('soft, no note sounds beside the chord for over 200 ms, seed %i', (seed) => {
    const playing = play(seed)
    give(playing, { type: 'set-progression', progression: CHORDS })
    playing.pianist.advance(60_000)
    let beside = 0
    for (const { pitch, start, end } of notesOf(playing.messages, 60_000)) {
      let lasts = 0
      for (let at = start; at < end; at += 10) {
        lasts = hasTone(tonesAt(at), pitch) ? 0 : lasts + 10
        expect(lasts).toBeLessThanOrEqual(200)
        if (lasts > 0) beside++
      }
    }
    expect(beside).toBeGreaterThan(0)
  })

  test('a progression that is given while it plays begins with the next bar, the one before goes on until then', () => {
    const playing = play(1, { chordLock: 'locked' })
    const { chords } = playing.pianist.ensemble
    give(playing, { type: 'set-progression', progression: CHORDS })
    playing.pianist.advance(1250)
    give(playing, {
      type: 'set-progression',
      progression: { spans: [{ chord: G_OVER_B, beats: 4 }], beatsPerBar: 4 },
    })
    expect(chords.at(125)).toEqual(F_SHARP)
    expect(chords.at(199)).toEqual(F_SHARP)
    expect(chords.at(200)).toEqual(G_OVER_B)
    expect(chords.shown(1250)).toMatchObject({ current: null, beatsLeft: 2 })
    expect(chords.shown(2000)).toMatchObject({ current: 0, beatsLeft: 4 })
  })

  test('a song that begins anew begins with the first chord', () => {
    const playing = play(1)
    const { chords } = playing.pianist.ensemble
    playing.pianist.advance(3000)
    give(playing, { type: 'set-progression', progression: CHORDS })
    playing.pianist.advance(5100)
    playing.pianist.apply({ kind: 'pulse', pulse: { at: 5100, beatMs: 400 } })
    expect(chords.at(511)).toEqual(A_MINOR)
    expect(chords.at(510 + 85)).toEqual(F_SHARP)
  })

  test('without a beat a progression is in force nowhere', () => {
    const playing = play(1)
    give(playing, { type: 'set-progression', progression: CHORDS })
    playing.pianist.apply({ kind: 'pulse', pulse: null })
    expect(playing.pianist.ensemble.chords.at(10)).toBeNull()
    expect(playing.pianist.ensemble.chords.shown(100)).toMatchObject({ current: null, beatsLeft: null })
  })

  test('a chord that three keys played stays in force, before a progression, until the latch is off', () => {
    const playing = play(1, { chordLatch: true, chordLock: 'locked', mode: 'solo' })
    const { pianist } = playing
    give(playing, { type: 'set-progression', progression: CHORDS })
    pianist.advance(3000)
    for (const key of [42, 46, 49]) pianist.apply({ kind: 'heard', message: keyDown(3000, key) })
    for (const key of [42, 46, 49]) pianist.apply({ kind: 'heard', message: keyUp(3000, key) })
    pianist.advance(13_000)
    expect(pianist.ensemble.chords.shown(13_000)?.latched).toBe('F#')
    const struck = playing.messages.filter((m) => m.kind === 'note-on' && m.due > 3010)
    expect(struck.length).toBeGreaterThan(3)
    for (const m of struck) if (m.kind === 'note-on') expect([6, 10, 1]).toContain(m.pitch % 12)
    give(playing, { type: 'set', control: 'chordLatch', value: false })
    expect(pianist.ensemble.chords.at(1410)).toEqual(G_OVER_B)
    expect(pianist.ensemble.chords.latched).toBeNull()
  })

  test.each([1, 2, 3, 4])('end comes to a pause under locked chords too, seed %i', (seed) => {
    const playing = play(seed, { chordLock: 'locked', memory: 1 })
    give(playing, { type: 'set-progression', progression: CHORDS })
    playing.pianist.advance(20_000)
    give(playing, { type: 'end' })
    playing.pianist.advance(29_000)
    expect(playing.pianist.paused).toBe(true)
  })

  test('a chord that is played legato takes the place of the one before, and a melody makes none', () => {
    const playing = play(1, { chordLatch: true, mode: 'solo' })
    const { pianist } = playing
    const hear = (message: HeardMessage) => pianist.apply({ kind: 'heard', message })
    const latched = () => pianist.ensemble.chords.latched?.symbol
    pianist.advance(1000)
    for (const key of [60, 62]) hear(keyDown(0, key))
    for (const key of [60, 62]) hear(keyUp(100, key))
    expect(latched()).toBeUndefined()
    for (const key of [48, 52, 55]) hear(keyDown(200, key))
    expect(latched()).toBe('C')
    for (const key of [53, 57, 60]) hear(keyDown(600, key))
    for (const key of [48, 52, 55]) hear(keyUp(650, key))
    expect(latched()).toBe('F')
    for (const key of [57, 60, 53]) hear(keyUp(900, key))
    expect(latched()).toBe('F')
    for (const key of [47, 50, 55]) hear(keyDown(950, key))
    expect(latched()).toBe('G/B')
  })

  test('strokes keep to no chords', () => {
    const playing = play(1, { chordLatch: true }, false)
    give(playing, { type: 'set-progression', progression: CHORDS })
    for (const key of [42, 46, 49]) playing.pianist.apply({ kind: 'heard', message: keyDown(0, key) })
    expect(playing.pianist.ensemble.chords.isGiven).toBe(false)
    expect(playing.pianist.ensemble.followsPulse).toBe(false)
  })

  test('no chords: the music is as it was', () => {
    const [plain, cleared] = [play(4), play(4)]
    give(cleared, { type: 'set-progression', progression: null })
    give(cleared, { type: 'set', control: 'chordLock', value: 'locked' })
    give(cleared, { type: 'set', control: 'chordLatch', value: true })
    plain.pianist.advance(20_000)
    cleared.pianist.advance(20_000)
    expect(cleared.messages).toEqual(plain.messages)
    expect(plain.messages.length).toBeGreaterThan(10)
  })
})
