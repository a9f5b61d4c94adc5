import { expect, test } from 'vitest'
import type { Sync } from '../../../src/engine/clock/sync.js'
import { type Controls, defaultControls } from '../../../src/engine/controls/controls.js'
import type { TimedMessage } from '../../../src/engine/language/messages.js'
import { languageOf } from '../../../src/engine/model/model.js'
import { createPerformer } from '../../../src/engine/performer/performer.js'
import { modelFolder, readModel } from '../../../src/io/models/model-files.js'
import { LAYOUT, shippedNetwork } from '../../helpers/networks.js'

const START = 1000
const BEAT_MS = 500

/** Plays for half a minute at 120 BPM, on a simulated clock; the song's beat 0 is at 1000 ms, or where the music begins. */
function play(sync: Sync, part: 'piano' | 'drums', controls: Partial<Controls>, move = 0) {
  const messages: TimedMessage[] = []
  const drums = languageOf(readModel(modelFolder('rubato-drums')).spec)
  let now = START
  const performer = createPerformer({
    ...(part === 'drums'
      ? { network: shippedNetwork('rubato-drums'), ...drums }
      : { network: shippedNetwork('tiny'), layout: LAYOUT }),
    seed: 12,
    controls: { ...defaultControls(), memory: 0, steady: 0, ...controls },
    emit: (message) => messages.push(message),
    sync,
  })
  const tell = (at: number) =>
    performer.receiveClock({ kind: 'timeline', at, beat: (at - START - move) / BEAT_MS, tempo: 120 })
  if (sync === 'clock')
    performer.receive({ kind: 'heard', message: { kind: 'transport', at: now, action: 'start' }, at: now })
  if (sync === 'link') tell(START)
  performer.receive({ kind: 'command', command: { type: 'play' }, at: now })
  for (let ticks = 0; now < START + 30_000; ) {
    const nextTick = START + (ticks * BEAT_MS) / 24
    if (nextTick <= now) {
      if (sync === 'clock') performer.receiveClock({ kind: 'clock', at: nextTick })
      if (sync === 'link' && ticks % 48 === 0) tell(nextTick)
      ticks++
      continue
    }
    const wake = performer.tick(now)
    now = wake <= now ? now + 0.75 : Math.min(wake, nextTick)
  }
  const beat = performer.snapshot(now).beat
  const origin = beat === null || beat.position === null ? Number.NaN : beat.at - beat.position * BEAT_MS
  return { onsets: messages.flatMap((message) => (message.kind === 'note-on' ? [message.due] : [])), origin }
}

/** How far each onset after the first two seconds is from the nearest sixteenth, in ms. */
function distances(onsets: readonly number[], origin: number): number[] {
  const cell = BEAT_MS / 4
  return onsets
    .filter((due) => due > START + 2000)
    .map((due) => Math.abs((due - origin) / cell - Math.round((due - origin) / cell)) * cell)
}

const ON = { grid: '1/16', gridStrength: 1 } as const

test.each<[Sync, 'piano' | 'drums']>([
  ['off', 'piano'],
  ['master', 'piano'],
  ['clock', 'piano'],
  ['link', 'piano'],
  ['off', 'drums'],
  ['clock', 'drums'],
  ['link', 'drums'],
])("with --sync %s the notes of the %s lie on the band's sixteenths", (sync, part) => {
  const { onsets, origin } = play(sync, part, ON, 130)
  if (sync === 'link') expect((((origin - START - 130) % BEAT_MS) + BEAT_MS) % BEAT_MS).toBeCloseTo(0, 3)
  const off = distances(onsets, origin).toSorted((a, b) => a - b)
  expect(off.length).toBeGreaterThan(20)
  // The last notes of a chord may come up to 30 ms after its first.
  expect(off[Math.floor(off.length / 2)]).toBeLessThan(6)
  expect(off.filter((distance) => distance > 35).length).toBeLessThan(0.05 * off.length)
})

test('without a grid the notes lie anywhere', () => {
  const { onsets } = play('link', 'piano', {})
  expect(distances(onsets, START).filter((distance) => distance > 35).length).toBeGreaterThan(5)
})
