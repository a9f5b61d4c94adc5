import { describe, expect, test } from 'vitest'
import type { Controls } from '../../../src/engine/controls/controls.js'
import { defaultControls } from '../../../src/engine/controls/controls.js'
import { createNoteCollector } from '../../../src/engine/offline/note-collector.js'
import { replayInputs } from '../../../src/engine/offline/rendering.js'
import { viewOf } from '../../../src/engine/pianist/pianist-view.js'
import { LAYOUT, shippedNetwork } from '../../helpers/networks.js'
import { type Performance, startPerformance } from '../../helpers/performances.js'
import { keyDown, keyUp } from '../../helpers/player.js'

const HORIZON = 20
const SEED = 17

/** Sixteen notes that no scale would play, 250 ms each. */
const PHRASE = [60, 67, 61, 68, 62, 69, 63, 70, 64, 71, 65, 72, 66, 73, 67, 74]

function start(controls: Partial<Controls>): Performance {
  return startPerformance(shippedNetwork('tiny'), SEED, controls)
}

/** Plays the first `count` notes of the phrase. @returns when the last key lifts */
function play(performance: Performance, from: number, count = PHRASE.length): number {
  for (const [n, pitch] of PHRASE.slice(0, count).entries()) {
    const at = from + 250 * n
    performance.pianist.advance(at + HORIZON)
    performance.hear(keyDown(at, pitch))
    performance.pianist.advance(at + 200 + HORIZON)
    performance.hear(keyUp(at + 200, pitch))
  }
  return from + 250 * (count - 1) + 200
}

/** The themes that are kept, each by its number of notes. */
const kept = ({ pianist }: Performance) => viewOf(pianist).form?.themes.map(({ notes }) => notes) ?? []

describe('a phrase of the player', () => {
  test('in duet is kept as a theme when the player has paused, and returns when the player leaves the pianist alone', () => {
    const performance = start({ mode: 'duet', fade: 1 })
    performance.pianist.advance(2000)
    const lifted = play(performance, 2000)
    performance.pianist.advance(lifted + 3000)
    // While the player leads nothing returns: the theme waits.
    expect(kept(performance)).not.toContain(PHRASE.length)
    performance.pianist.advance(lifted + 20_000)
    expect(kept(performance)).toContain(PHRASE.length)
    expect(performance.pianist.plan.open().moment.expecting.kept).toBeGreaterThan(0)
  })

  test('in answer is kept when the pianist takes the floor, and returns in a mode in which it plays by itself', () => {
    const performance = start({ mode: 'answer', pause: 0.5 })
    const lifted = play(performance, 1000)
    performance.pianist.advance(lifted + 4000)
    expect(performance.pianist.plan.open().moment.expecting.list).toBeNull()
    performance.set('mode', 'solo')
    performance.pianist.advance(lifted + 20_000)
    expect(kept(performance)).toContain(PHRASE.length)
    expect(performance.pianist.plan.open().moment.expecting.kept).toBeGreaterThan(0)
  })

  test('in continue is kept when it takes over', () => {
    const performance = start({ mode: 'continue' })
    const lifted = play(performance, 1000)
    performance.pianist.advance(lifted + 100)
    performance.command({ type: 'take-over' })
    performance.pianist.advance(lifted + 2000)
    performance.set('mode', 'solo')
    performance.pianist.advance(lifted + 20_000)
    expect(kept(performance)).toContain(PHRASE.length)
  })

  test.each([
    ['of few notes', { mode: 'duet' as const }, 11],
    ['in a mode that doesn’t share history', { mode: 'follow' as const }, PHRASE.length],
    ['without memory', { mode: 'duet' as const, memory: 0 }, PHRASE.length],
  ])('%s is not kept', (_, controls, count) => {
    const performance = start(controls)
    const lifted = play(performance, 1000, count)
    performance.pianist.advance(lifted + 20_000)
    expect(kept(performance)).not.toContain(count)
  })

  test('is kept in a replay of the inputs too, which gives the same notes', () => {
    for (const mode of ['duet', 'answer', 'continue'] as const) {
      const performance = start({ mode, fade: 1 })
      let at = play(performance, 1000)
      performance.pianist.advance(at + 300)
      performance.command({ type: 'take-over' })
      performance.pianist.advance(at + 9000)
      performance.set('mode', 'solo')
      for (const end = at + 30_000; at < end; at += 7) performance.pianist.advance(at)
      const collector = createNoteCollector()
      for (const message of performance.messages) collector.receive(message)
      const { position } = performance.pianist
      const options = {
        network: shippedNetwork('tiny'),
        layout: LAYOUT,
        seed: SEED,
        controls: { ...defaultControls(), mode, fade: 1 },
      }
      expect(replayInputs(options, performance.inputs, position)).toEqual(collector.notes(position))
    }
  })
})

describe('the view of the form', () => {
  test('is null without memory, and before the first note', () => {
    expect(viewOf(start({ memory: 0 }).pianist).form).toBeNull()
    const performance = start({ memory: 0 })
    performance.pianist.advance(20_000)
    expect(viewOf(performance.pianist).form).toBeNull()
  })

  test('names the sections, and the themes with their keys as they sound', () => {
    const performance = start({ transpose: 2, form: 'ABA' })
    performance.pianist.advance(1000)
    const notes = Array.from({ length: 16 }, (_, n) => ({ onset: 40 * n, pitch: 62 + [0, 4, 7, 12][n % 4]! }))
    performance.command({ type: 'give-theme', notes })
    performance.pianist.advance(20_000)
    expect(viewOf(performance.pianist).form).toMatchObject({
      movement: 1,
      sections: ['A', 'B', "A'"],
      current: 0,
      themes: [{ letter: 'A', seconds: 6.01, notes: 16, tonic: 2, mode: 'major' }],
    })
  })

  test('says whether enough has been played to be marked: exactly where marking keeps a theme', () => {
    const performance = start({})
    const seen = new Set<boolean>()
    for (let at = 500; at < 20_000; at += 500) {
      performance.pianist.advance(at)
      const canMark = viewOf(performance.pianist).form?.canMark ?? false
      const { moment } = performance.pianist.plan.open()
      expect(performance.pianist.form.learn({ type: 'mark-theme' }, moment)).toBe(canMark)
      seen.add(canMark)
    }
    expect([...seen].sort()).toEqual([false, true])
  })
})
