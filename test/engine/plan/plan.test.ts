import { describe, expect, test } from 'vitest'
import { chance } from '../../../src/engine/chance.js'
import { defaultControls } from '../../../src/engine/controls/controls.js'
import {
  FIRST_INPUT,
  isTimeShift,
  noteOn,
  shiftSteps,
  timeShift,
} from '../../../src/engine/language/events.js'
import { createPlan } from '../../../src/engine/plan/plan.js'
import { createDistribution } from '../../../src/engine/sampling/distribution.js'
import type { DrawPolicy } from '../../../src/engine/sampling/draw-policy.js'
import { createMask } from '../../../src/engine/sampling/event-mask.js'
import { chiSquare, chiSquareLimit } from '../../helpers/chi-square.js'
import { scriptedNetwork, shippedNetwork } from '../../helpers/networks.js'
import { startPerformance } from '../../helpers/performances.js'
import { randomNumbers } from '../../helpers/random-numbers.js'

const TEN_MINUTES = 600_000

/** Uneven weights of the waits of 1 to 20 steps; a note follows each wait. */
const WAITS = Array.from({ length: 20 }, (_, i) => 1 + ((i * 7) % 5) + (i === 9 ? 6 : 0))
const waitWeights = new Map(WAITS.map((weight, i) => [timeShift(i + 1), weight]))
const waitingNetwork = () =>
  scriptedNetwork((event) => (isTimeShift(event) ? new Map([[noteOn(60), 1]]) : waitWeights))

/** The share of each wait when the weights are raised to 1 / temperature. */
function waitShares(temperature: number): number[] {
  const raised = WAITS.map((weight) => weight ** (1 / temperature))
  const sum = raised.reduce((a, b) => a + b, 0)
  return raised.map((weight) => weight / sum)
}

describe('a rewind under the same controls', () => {
  test.each(['tiny', 'rubato-piano'] as const)('is invisible: %s', (model) => {
    const duration = model === 'tiny' ? TEN_MINUTES : 60_000
    const plain = startPerformance(shippedNetwork(model), 7)
    plain.pianist.advance(duration)

    const random = randomNumbers(1)
    const rewound = startPerformance(shippedNetwork(model), 7)
    for (let at = 400 * random(); at < duration; at += 400 * random()) {
      rewound.pianist.advance(at)
      // Half of the rewinds come when much is planned, half when nothing is: both must give the same events.
      if (random() < 0.5) rewound.pianist.plan.drop()
      else for (let i = 0; i < 20; i++) rewound.pianist.plan.sample()
      rewound.pianist.plan.rewind(at)
    }
    rewound.pianist.advance(duration)
    expect(rewound.events).toEqual(plain.events)
    expect(rewound.messages).toEqual(plain.messages)
    expect(plain.events.length).toBeGreaterThan(duration / 1000)
  })

  test('is invisible after controls have been changed and changed back', () => {
    const plain = startPerformance(shippedNetwork('tiny'), 3)
    const turned = startPerformance(shippedNetwork('tiny'), 3)
    plain.pianist.advance(60_000)
    for (let at = 90; at < 60_000; at += 170) {
      turned.pianist.advance(at)
      turned.set('temperature', 1.4)
      turned.set('density', 9)
      turned.set('temperature', 1)
      turned.set('density', null)
    }
    turned.pianist.advance(60_000)
    expect(turned.events).toEqual(plain.events)
  })
})

describe('a wait that is rewound', () => {
  const N = 100_000

  test('a wait redrawn with fresh numbers every 3 steps has the exact distribution', () => {
    const distribution = createDistribution()
    const masses = new Float64Array(101)
    const logits = new Float32Array(388).fill(Number.NEGATIVE_INFINITY)
    for (const [event, weight] of waitWeights) logits[event] = Math.log(weight)
    distribution.shape(logits, { ...defaultControls(), topP: 1 }, createMask(), 0)
    distribution.massesBefore(masses)
    const random = randomNumbers(20)
    const counts = new Array<number>(20).fill(0)
    for (let n = 0; n < N; n++) {
      let wait = shiftSteps(distribution.draw(random()))
      for (let passed = 4; passed <= wait; passed += 3) {
        const before = masses[passed - 1] ?? Number.NaN
        wait = shiftSteps(distribution.drawShift(before + random() * (1 - before), passed, before))
      }
      counts[wait - 1] = (counts[wait - 1] ?? 0) + 1
    }
    const { statistic, freedom } = chiSquare(
      counts,
      waitShares(1).map((share) => share * N),
    )
    expect(freedom).toBe(19)
    expect(statistic).toBeLessThan(chiSquareLimit(freedom))
  })

  test('has at each step the hazard of the distribution in force, through the plan itself', () => {
    const temperatures = [1, 0.5] as const
    let turn = 0
    const controls = { ...defaultControls(), topP: 1 }
    const policy: DrawPolicy = {
      draw: () => ({ ...controls, temperature: temperatures[turn % 2] ?? 1 }),
      polyphony: 32,
      others: new Uint8Array(128),
      mustEnd: () => -1,
      pass: () => {},
      condition: () => 1,
      mask: (allowed) => allowed.fill(1),
    }
    const plan = createPlan(waitingNetwork(), policy, 5)
    const counts = new Array<number>(20).fill(0)
    const commitUpTo = (horizon: number) => {
      while (plan.due(horizon)) plan.commit()
    }
    commitUpTo(0)
    for (let n = 0; n < N; n++) {
      // A wait begins here, right after a note.
      const start = plan.open().moment.clock * 10
      turn = 0
      plan.rewind(start)
      for (let horizon = start + 30; plan.nextDue() > horizon; horizon += 30) {
        commitUpTo(horizon)
        turn++
        plan.rewind(horizon)
      }
      const end = plan.nextDue()
      commitUpTo(end)
      const waited = (end - start) / 10
      counts[waited - 1] = (counts[waited - 1] ?? 0) + 1
    }
    const survival = (shares: readonly number[], from: number) =>
      shares.slice(from - 1).reduce((a, b) => a + b, 0)
    const expected: number[] = []
    let alive = 1
    for (let wait = 1; wait <= 20; wait++) {
      const shares = waitShares(temperatures[Math.floor((wait - 1) / 3) % 2] ?? 1)
      const hazard = (shares[wait - 1] ?? 0) / survival(shares, wait)
      expected.push(alive * hazard * N)
      alive *= 1 - hazard
    }
    const { statistic, freedom } = chiSquare(counts, expected)
    expect(freedom).toBeGreaterThan(10)
    expect(statistic).toBeLessThan(chiSquareLimit(freedom))
  })

  test('never ends before the horizon, and goes on where the new nucleus leaves no wait that is long enough', () => {
    let topP = 1
    const policy: DrawPolicy = {
      draw: () => ({ ...defaultControls(), topP }),
      polyphony: 32,
      others: new Uint8Array(128),
      mustEnd: () => -1,
      pass: () => {},
      condition: () => 1,
      mask: (allowed) => allowed.fill(1),
    }
    // After a note the wait is almost always one step, and twenty or thirty steps once in a hundred times each.
    const network = scriptedNetwork((event) =>
      isTimeShift(event)
        ? new Map([[noteOn(60), 1]])
        : new Map([
            [timeShift(1), 0.98],
            [timeShift(20), 0.01],
            [timeShift(30), 0.01],
          ]),
    )
    const plan = createPlan(network, policy, 11)
    let horizon = 0
    let cornered = 0
    while (cornered < 20) {
      horizon += 50
      for (let planned = plan.due(horizon); planned; planned = plan.due(horizon)) plan.commit()
      const { event, moment } = plan.open()
      if (shiftSteps(event) < 20) continue
      cornered++
      // Now the nucleus contains only the wait of one step, which has gone by.
      topP = 0.9
      plan.rewind(horizon)
      const first = plan.open().event
      expect([timeShift(20), timeShift(30)]).toContain(first)
      expect((moment.clock + shiftSteps(first)) * 10).toBeGreaterThan(horizon)
      plan.rewind(horizon)
      expect(plan.open().event).toBe(first)
      topP = 1
      plan.rewind(horizon)
      expect(plan.nextDue()).toBeGreaterThan(horizon)
    }
  })
})

describe('the first event after a change', () => {
  test('has bit for bit the logits of a fresh teacher-forced run with the new conditioning', () => {
    const performance = startPerformance(shippedNetwork('rubato-piano'), 21, { density: 4, tide: false })
    /** The densities that were asked for, each with the event of history from which on it was. */
    const asked = [{ from: 0, density: 4 }]
    for (let at = 700; at < 8000; at += 700) {
      performance.pianist.advance(at)
      for (let i = 0; i < 15; i++) performance.pianist.plan.sample()
      const density = 2 + asked.length * 3
      performance.set('density', density)
      asked.push({ from: performance.events.length, density })
      const logits = performance.pianist.plan.openLogits.slice()

      const fresh = shippedNetwork('rubato-piano')
      const vector = new Float32Array(17)
      vector[14] = 1
      for (let index = 0; index <= performance.events.length; index++) {
        vector[0] = Math.log2(1 + (asked.findLast(({ from }) => from <= index)?.density ?? 0)) / 5
        fresh.condition(vector)
        fresh.step(performance.events[index - 1] ?? FIRST_INPUT)
      }
      expect(logits).toEqual(fresh.logits)
    }
    expect(asked.length).toBe(12)
  })

  test('a change of temperature that changes no event takes no network step', () => {
    const performance = startPerformance(shippedNetwork('tiny'), 2)
    performance.pianist.advance(5000)
    for (let i = 0; i < 30; i++) performance.pianist.plan.sample()
    const { steps } = performance.pianist.plan
    performance.set('temperature', 1.0001)
    performance.set('transpose', 3)
    performance.set('channel', 4)
    expect(performance.pianist.plan.steps).toBe(steps)
  })
})

describe('chance', () => {
  test('is uniform, and differs for another seed, run, draw or fresh number', () => {
    const counts = new Array<number>(100).fill(0)
    for (let n = 0; n < 100_000; n++) {
      const cell = Math.floor(chance(9, 1, n, 0) * 100)
      counts[cell] = (counts[cell] ?? 0) + 1
    }
    const { statistic, freedom } = chiSquare(counts, new Array<number>(100).fill(1000))
    expect(statistic).toBeLessThan(chiSquareLimit(freedom))
    const numbers = [
      chance(1, 0, 0, 0),
      chance(0, 1, 0, 0),
      chance(0, 0, 1, 0),
      chance(0, 0, 0, 1),
      chance(0, 0, 0, 0),
    ]
    expect(new Set(numbers).size).toBe(5)
    for (const number of numbers) expect(number).toBeGreaterThanOrEqual(0)
  })
})
