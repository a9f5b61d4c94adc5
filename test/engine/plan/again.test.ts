import { describe, expect, test } from 'vitest'
import { type EventIndex, FIRST_INPUT, isTimeShift, shiftSteps } from '../../../src/engine/language/events.js'
import { shippedNetwork } from '../../helpers/networks.js'
import { type Performance, startPerformance } from '../../helpers/performances.js'

/** The logits after a history, by a network that has received nothing else. */
function freshLogits(history: readonly EventIndex[]): Float32Array {
  const network = shippedNetwork('tiny')
  network.condition(new Float32Array(17))
  for (const event of [FIRST_INPUT, ...history]) network.step(event)
  return network.logits
}

const steps = (events: readonly EventIndex[]) =>
  events.reduce((sum, event) => sum + (isTimeShift(event) ? shiftSteps(event) : 0), 0)

/** How many of `events` remain after going back `ms` from the end, to the start of the wait that reaches so far back. */
function pointBefore(events: readonly EventIndex[], ms: number): number {
  let end = events.length
  for (let back = 0; back < ms / 10; ) {
    end--
    const event = events[end] ?? 0
    if (isTimeShift(event)) back += shiftSteps(event)
  }
  return end
}

/**
 * Whether the network's state is the one after `history`: a fresh network fed with `history` has the open event's logits.
 */
function knows(performance: Performance, history: readonly EventIndex[]): boolean {
  const { struckAt } = performance.pianist.plan.open().moment
  expect([...struckAt].every((at) => at === -1)).toBe(true)
  const sounding = new Set<number>()
  for (const event of history) {
    if (event < 128) sounding.add(event)
    else if (event < 256) sounding.delete(event - 128)
  }
  const offs = [...sounding].sort((a, b) => a - b).map((pitch) => 128 + pitch)
  const expected = freshLogits([...history, ...offs])
  return performance.pianist.plan.openLogits.every((logit, i) => logit === expected[i])
}

describe('again', () => {
  test('goes on from 4 s ago as if nothing had come after, with other random numbers', () => {
    const performance = startPerformance(shippedNetwork('tiny'), 8, { tide: false })
    performance.pianist.advance(30_000)
    const before = [...performance.events]
    const point = pointBefore(before, 4000)
    expect(point).toBeLessThan(before.length)
    performance.command({ type: 'again' })
    expect(knows(performance, before.slice(0, point))).toBe(true)
    expect(performance.pianist.plan.open().moment.clock).toBe(3001)
    performance.pianist.advance(60_000)
    expect(performance.events.slice(before.length, before.length + 20)).not.toEqual(
      before.slice(point, point + 20),
    )
  })

  test('goes further back each time it is repeated', () => {
    const performance = startPerformance(shippedNetwork('tiny'), 8, { tide: false })
    performance.pianist.advance(60_000)
    let history = [...performance.events]
    for (let turn = 0; turn < 6; turn++) {
      const point = pointBefore(history, 4000)
      performance.command({ type: 'again' })
      history = history.slice(0, point)
      expect(knows(performance, history)).toBe(true)
      const sounding = new Set<number>()
      for (const event of history) {
        if (event < 128) sounding.add(event)
        else if (event < 256) sounding.delete(event - 128)
      }
      history.push(...[...sounding].sort((a, b) => a - b).map((pitch) => 128 + pitch))
    }
    expect(steps(history)).toBeLessThan(6000 - 6 * 400)
  })

  test('ends every sounding note once', () => {
    const performance = startPerformance(shippedNetwork('rubato-piano'), 2)
    performance.pianist.advance(12_000)
    const sent = performance.messages.length
    performance.command({ type: 'again' })
    const ids = new Set(performance.messages.flatMap((m) => (m.kind === 'note-on' ? [m.id] : [])))
    for (const message of performance.messages) if (message.kind === 'note-off') ids.delete(message.id)
    expect(ids.size).toBe(0)
    performance.pianist.advance(20_000)
    expect(performance.messages.length).toBeGreaterThan(sent)
  })

  test('does nothing where the checkpoints do not reach: at the start, and after forget', () => {
    const performance = startPerformance(shippedNetwork('tiny'), 8, { tide: false })
    performance.pianist.advance(3000)
    const { clock } = performance.pianist.plan.open().moment
    performance.command({ type: 'again' })
    expect(performance.pianist.plan.open().moment.clock).toBe(clock)
    performance.pianist.advance(20_000)
    performance.command({ type: 'forget' })
    performance.command({ type: 'again' })
    expect(performance.pianist.plan.open().moment).toMatchObject({ previous: FIRST_INPUT, clock: 2001 })
  })

  test('reaches back over a pause, for about 5 minutes and no longer', () => {
    const performance = startPerformance(shippedNetwork('tiny'), 8, { tide: false })
    performance.pianist.advance(10_000)
    performance.command({ type: 'pause' })
    performance.command({ type: 'play' })
    performance.pianist.advance(11_000)
    performance.command({ type: 'again' })
    expect(performance.pianist.plan.open().moment.clock).toBe(1101)
    performance.pianist.advance(700_000)
    let times = 0
    while (performance.pianist.plan.again(400, 1, 70_001)) times++
    expect(times).toBeGreaterThan(40)
    expect(times).toBeLessThan(110)
  })
})
