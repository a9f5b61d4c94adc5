import { expect, test } from 'vitest'
import { defaultControls } from '../../../src/engine/controls/controls.js'
import { chordOf, hasTone, type Progression } from '../../../src/engine/language/chords.js'
import type { TimedMessage } from '../../../src/engine/language/messages.js'
import { createPerformer, type PerformerOptions } from '../../../src/engine/performer/performer.js'
import type { Ms } from '../../../src/engine/units.js'
import { LAYOUT, shippedNetwork } from '../../helpers/networks.js'
import { randomNumbers } from '../../helpers/random-numbers.js'

const A_MINOR = chordOf(0b1000010001, 9)
const F_SHARP = chordOf(0b10001000010, 6)
const CHORDS: Progression = {
  spans: [
    { chord: A_MINOR, beats: 2 },
    { chord: F_SHARP, beats: 2 },
  ],
  beatsPerBar: 4,
}

/** Steps of the event clock and the tolerance of the pulse: so near to a change either chord may sound. */
const TOLERANCE_MS: Ms = 14

/** A performer on a simulated clock, with chords locked. */
function start(
  options: Partial<PerformerOptions>,
  hear: (now: Ms, receive: ReturnType<typeof createPerformer>) => void,
) {
  const messages: TimedMessage[] = []
  const performer = createPerformer({
    network: shippedNetwork('tiny'),
    layout: LAYOUT,
    seed: 12,
    controls: { ...defaultControls(), chordLock: 'locked' },
    emit: (message) => messages.push(message),
    ...options,
  })
  let now = 1000
  const runUntil = (end: Ms) => {
    while (now < end) {
      hear(now, performer)
      performer.tick(now)
      now += 1
    }
  }
  return { performer, messages, runUntil }
}

/** How many notes there are from process time `from` on, and how many sound outside the chord of the band's beat. */
function judge(messages: readonly TimedMessage[], beatAt: (at: Ms) => number, beatMs: Ms, from: Ms) {
  const ends = new Map(messages.flatMap((m) => (m.kind === 'note-off' ? [[m.id, m.due] as const] : [])))
  let notes = 0
  let outside = 0
  for (const m of messages) {
    if (m.kind !== 'note-on' || m.due < from) continue
    notes++
    for (let at = m.due; at < (ends.get(m.id) ?? m.due); at += 5) {
      const beat = beatAt(at)
      const toChange = Math.abs(beat / 2 - Math.round(beat / 2)) * 2 * beatMs
      const { tones } = Math.floor(beat / 2) % 2 === 0 ? A_MINOR : F_SHARP
      if (toChange > TOLERANCE_MS && !hasTone(tones, m.pitch)) outside++
    }
  }
  return { notes, outside }
}

test.each([1, 2])('chords keep to the beat of a band whose clock jitters, seed %i', (seed) => {
  const random = randomNumbers(seed)
  const beatMs = 60_000 / 96
  let tick = 0
  const { performer, messages, runUntil } = start({ sync: 'clock', seed }, (now, hearer) => {
    for (; 1500 + (tick * beatMs) / 24 <= now; tick++)
      hearer.receiveClock({ kind: 'clock', at: 1500 + (tick * beatMs) / 24 + random() })
  })
  performer.receive({ kind: 'command', command: { type: 'set-progression', progression: CHORDS }, at: 1000 })
  performer.receive({
    kind: 'heard',
    message: { kind: 'transport', at: 1490, action: 'start' },
    at: 1490,
  })
  runUntil(40_000)
  const { notes, outside } = judge(messages, (at) => (at - 1500) / beatMs, beatMs, 4000)
  expect(notes).toBeGreaterThan(15)
  expect(outside).toBe(0)
})

test('without a band the first chord begins with the music, and the snapshot tells where it is', () => {
  const { performer, messages, runUntil } = start({}, () => {})
  performer.receive({ kind: 'command', command: { type: 'set-progression', progression: CHORDS }, at: 1000 })
  performer.receive({ kind: 'command', command: { type: 'play' }, at: 1000 })
  runUntil(40_000)
  const { beat, chords } = performer.snapshot(40_000)
  expect(beat?.source).toBe('ours')
  expect(chords).toMatchObject({ latched: null, current: Math.floor((beat?.position ?? 0) / 2) % 2 })
  const origin = 40_000 - (beat?.position ?? 0) * 500
  const { notes, outside } = judge(messages, (at) => (at - origin) / 500, 500, 1000)
  expect(notes).toBeGreaterThan(15)
  expect(outside).toBe(0)
})
