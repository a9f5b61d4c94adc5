import { describe, expect, test } from 'vitest'
import { type Controls, defaultControls } from '../../../src/engine/controls/controls.js'
import type { TimedMessage } from '../../../src/engine/language/messages.js'
import { languageOf } from '../../../src/engine/model/model.js'
import { render } from '../../../src/engine/offline/rendering.js'
import { createPianist, type Pianist } from '../../../src/engine/pianist/pianist.js'
import { viewOf } from '../../../src/engine/pianist/pianist-view.js'
import type { Command } from '../../../src/engine/surface/commands.js'
import { BAR_STEPS, STEP_MS } from '../../../src/engine/units.js'
import { modelFolder, readModel } from '../../../src/io/models/model-files.js'
import { shippedNetwork } from '../../helpers/networks.js'
import { randomNumbers } from '../../helpers/random-numbers.js'

const BAR_MS = BAR_STEPS * STEP_MS
const language = languageOf(readModel(modelFolder('rubato-drums')).spec)

function play(seed: number, changes: Partial<Controls> = {}) {
  const messages: TimedMessage[] = []
  const pianist = createPianist({
    ...language,
    network: shippedNetwork('rubato-drums'),
    seed,
    controls: { ...defaultControls(), ...changes },
    emit: (message) => messages.push(message),
  })
  pianist.apply({ kind: 'command', command: { type: 'play' } })
  return { pianist, messages }
}

const give = (pianist: Pianist, command: Command) => pianist.apply({ kind: 'command', command })

/** The strokes of each bar, as drum and sixteenth. */
function barsOf(seed: number, changes: Partial<Controls>, bars: number): Set<string>[] {
  const controls = { ...defaultControls(), tempo: 125, ...changes }
  const played: Set<string>[] = Array.from({ length: bars }, () => new Set())
  const options = { ...language, network: shippedNetwork('rubato-drums'), seed, controls }
  for (const { start, pitch } of render(options, bars * BAR_MS)) {
    const sixteenth = Math.round(start / (BAR_MS / 16))
    played[Math.floor(sixteenth / 16)]?.add(`${pitch}@${sixteenth % 16}`)
  }
  return played
}

const SNARES = [37, 38, 39, 40]

describe('a steady drummer', () => {
  test.each([1, 2, 3, 4])(
    'has backbeats on 2 and 4 in every bar without a fill at steady 1, seed %i',
    (seed) => {
      const bars = barsOf(seed, { steady: 1, fills: '8' }, 17).slice(0, 16)
      for (const [n, bar] of bars.entries()) {
        if (n % 8 === 7) continue
        for (const place of [4, 12])
          expect([n, SNARES.some((drum) => bar.has(`${drum}@${place}`))]).toEqual([n, true])
      }
    },
  )

  test('plays the more of the bar before again the steadier he is', () => {
    const overlapAt = (steady: number) => {
      const bars = [1, 2, 3].map((seed) => barsOf(seed, { steady, fills: 'off' }, 17).slice(4, 16))
      const pairs = bars.flatMap((own) => own.slice(1).map((bar, n) => [own[n]!, bar] as const))
      const shares = pairs.map(
        ([a, b]) => (2 * [...a].filter((stroke) => b.has(stroke)).length) / Math.max(1, a.size + b.size),
      )
      return shares.reduce((sum, share) => sum + share, 0) / shares.length
    }
    const [none, half, full] = [overlapAt(0), overlapAt(0.5), overlapAt(1)]
    expect(half).toBeGreaterThan(none)
    expect(full).toBeGreaterThan(half + 0.1)
    expect(full).toBeGreaterThan(0.9)
  })

  test('at steady 0 remembers and expects nothing', () => {
    const { pianist } = play(2, { steady: 0 })
    for (let at = 0; at < 12 * BAR_MS; at += 400) {
      pianist.advance(at)
      const { expecting, groove } = pianist.plan.open().moment
      expect([expecting.list, groove.pattern, groove.bar]).toEqual([null, null, -1])
    }
    expect(viewOf(pianist).groove).toBeNull()
  })

  test('tells the place of the next fill', () => {
    const { pianist } = play(1, { steady: 1, fills: '4' })
    const told: unknown[] = []
    for (let bar = 0; bar < 5; bar++) {
      pianist.advance((bar + 0.5) * BAR_MS)
      const { groove } = viewOf(pianist)
      told.push([groove?.bar, groove?.of, groove?.fillIn])
    }
    expect(told).toEqual([
      [1, 4, 3],
      [2, 4, 2],
      [3, 4, 1],
      [4, 4, 0],
      [1, 4, 3],
    ])
  })
})

/** Plays 80 s with commands at random times; `ahead` ms are planned ahead at each of them. */
function playRandomly(seed: number, ahead: (random: number) => number): readonly TimedMessage[] {
  const { pianist, messages } = play(seed)
  const random = randomNumbers(seed)
  const pick = <T>(...choices: T[]): T => choices[Math.floor(random() * choices.length)]!
  for (let at = 0; at < 80_000; at += 3000 * random()) {
    pianist.advance(at)
    const further = ahead(random())
    if (!pianist.paused) pianist.plan.sampleBeyond(at + further)
    if (random() < 0.15) pianist.apply({ kind: 'bar', clock: pick(0, 24, 96, 192, 7) })
    give(
      pianist,
      pick<Command>(
        { type: 'set', control: 'steady', value: pick(0, 0.5, 0.7, 1) },
        { type: 'set', control: 'fills', value: pick('off', '4', '8') },
        { type: 'set', control: 'density', value: pick(null, 4, 12) },
        { type: 'set', control: 'memory', value: pick(0, 0.5) },
        { type: 'mute', on: pick(true, false) },
        { type: 'again' },
        { type: 'play' },
        { type: 'play' },
        { type: 'end' },
      ),
    )
  }
  return messages
}

describe("a drummer's bars", () => {
  test.each([1, 2, 3, 4])('do not depend on how far ahead they were planned, seed %i', (seed) => {
    const near = playRandomly(seed, () => 0)
    expect(near.length).toBeGreaterThan(100)
    expect(playRandomly(seed, (random) => 1000 * random)).toEqual(near)
  })

  test('go on while he is muted: what is heard afterwards is what would have been', () => {
    const heard = play(5)
    heard.pianist.advance(20 * BAR_MS)
    const muted = play(5)
    muted.pianist.advance(4 * BAR_MS)
    give(muted.pianist, { type: 'mute', on: true })
    muted.pianist.advance(8 * BAR_MS)
    expect(muted.pianist.ahead()).toEqual([])
    give(muted.pianist, { type: 'mute', on: false })
    muted.pianist.advance(20 * BAR_MS)
    const onsOf = ({ messages }: typeof heard) =>
      messages.flatMap((message) => (message.kind === 'note-on' ? [[message.due, message.pitch]] : []))
    const isSilent = (due: number | undefined) => due! > 4 * BAR_MS && due! <= 8 * BAR_MS
    expect(onsOf(muted)).toEqual(onsOf(heard).filter(([due]) => !isSilent(due)))
  })
})

test('he comes in with a kick on 1, wherever the bar line is told to be', () => {
  for (const seed of [1, 2, 3, 4, 5, 6])
    for (const bar of [1, 30, 150]) {
      const { pianist, messages } = play(seed, { steady: 0.7 })
      pianist.plan.sampleBeyond(1000)
      pianist.apply({ kind: 'bar', clock: bar })
      pianist.advance((bar + 3) * STEP_MS)
      const kicks = messages.filter(
        (message) =>
          message.kind === 'note-on' &&
          message.pitch === 36 &&
          Math.abs(message.due - bar * STEP_MS) <= 2 * STEP_MS,
      )
      expect([seed, bar, kicks.length]).toEqual([seed, bar, 1])
    }
})
