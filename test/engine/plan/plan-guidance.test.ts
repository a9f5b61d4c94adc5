import { describe, expect, test } from 'vitest'
import { FIRST_INPUT } from '../../../src/engine/language/events.js'
import { shippedNetwork } from '../../helpers/networks.js'
import { startPerformance } from '../../helpers/performances.js'

describe('guidance in the plan', () => {
  test('has after each change bit for bit the logits of a fresh run whose second state began as a copy', () => {
    const performance = startPerformance(shippedNetwork('tiny'), 21, { density: 6, tide: false })
    /** The guidances in force, each with the event of history from which on it was. */
    const asked = [{ from: 0, guidance: 1 }]
    for (const [turn, guidance] of [2, 1, 0.5, 3, 1, 1.5].entries()) {
      performance.pianist.advance(1500 * (turn + 1))
      for (let i = 0; i < 15; i++) performance.pianist.plan.sample()
      performance.set('guidance', guidance)
      asked.push({ from: performance.events.length, guidance })
      const logits = performance.pianist.plan.openLogits.slice()

      const fresh = shippedNetwork('tiny')
      const vector = new Float32Array(17)
      vector[0] = Math.log2(7) / 5
      vector[14] = 1
      for (let index = 0; index <= performance.events.length; index++) {
        fresh.condition(vector, asked.findLast(({ from }) => from <= index)?.guidance ?? 1)
        fresh.step(performance.events[index - 1] ?? FIRST_INPUT)
      }
      expect(logits).toEqual(fresh.logits)
    }
    expect(asked.length).toBe(7)
  })

  test('changes the music if something is asked for, and nothing if nothing is', () => {
    const play = (guidance: number, density: number | null) => {
      const performance = startPerformance(shippedNetwork('tiny'), 6, { guidance, density, tide: false })
      performance.pianist.advance(20_000)
      return performance.events
    }
    expect(play(3, 8)).not.toEqual(play(1, 8))
    expect(play(3, null)).toEqual(play(1, null))
  })

  test('a rewind without a change changes nothing, because the plan has the states of both lanes', () => {
    const controls = { guidance: 2, density: 8 }
    const once = startPerformance(shippedNetwork('tiny'), 9, controls)
    once.pianist.advance(30_000)
    const rewound = startPerformance(shippedNetwork('tiny'), 9, controls)
    for (let at = 0; at <= 30_000; at += 370) {
      rewound.pianist.advance(at)
      if (at % 740 === 0) rewound.pianist.plan.drop()
      rewound.pianist.plan.rewind(at)
    }
    rewound.pianist.advance(30_000)
    expect(rewound.events).toEqual(once.events)
  })

  test('leaves the music as it was, if it is changed and changed back at once', () => {
    const once = startPerformance(shippedNetwork('tiny'), 9, { guidance: 2, density: 8 })
    once.pianist.advance(20_000)
    const turned = startPerformance(shippedNetwork('tiny'), 9, { guidance: 2, density: 8 })
    for (let at = 0; at <= 20_000; at += 500) {
      turned.pianist.advance(at)
      turned.set('guidance', 1)
      turned.set('guidance', 2)
    }
    turned.pianist.advance(20_000)
    expect(turned.events).toEqual(once.events)
  })
})
