import { expect, test } from 'vitest'
import { type EventIndex, velocityBin } from '../../../src/engine/language/events.js'
import { encodeSteps, quantize } from '../../../src/engine/language/performance.js'
import { type Edge, feedEdges, mergeEdges } from '../../../src/engine/plan/merge.js'
import { firstMoment, passEvent } from '../../../src/engine/sampling/moment.js'
import { randomNumbers } from '../../helpers/random-numbers.js'

/** The events that the edges are encoded as, from the first moment on. */
function fed(edges: readonly Edge[]): EventIndex[] {
  const moment = firstMoment(0)
  moment.bin = 0
  const events: EventIndex[] = []
  feedEdges(edges, moment, (event) => {
    events.push(event)
    passEvent(moment, event)
  })
  return events
}

test('two hands merged are encoded as one performance, to the last event', () => {
  const random = randomNumbers(7)
  for (let n = 0; n < 50; n++) {
    const notes = Array.from({ length: 120 }, (_, i) => {
      const start = i === 0 ? 0 : 20_000 * random()
      // The hands play in different registers, so that neither strikes a pitch of the other's.
      const pitch = (i % 2 === 0 ? 30 : 70) + Math.floor(20 * random())
      return { pitch, velocity: 1 + Math.floor(126 * random()), start, end: start + 10 + 2000 * random() }
    })
    const steps = quantize(notes)
    const edges = (hand: (pitch: number) => boolean): Edge[] =>
      steps
        .filter(({ pitch }) => hand(pitch))
        .flatMap(({ pitch, velocity, start, end }) => [
          { clock: start, pitch, bin: velocityBin(velocity) },
          { clock: end, pitch, bin: 0 as const },
        ])
    const left = edges((pitch) => pitch < 60)
    const right = edges((pitch) => pitch >= 60)
    expect(fed(mergeEdges(left, right))).toEqual([...encodeSteps(steps)])
  }
})

test('an edge that is put in wins over later edges of the same pitch that were played', () => {
  const played: Edge[] = [
    { clock: 2, pitch: 60, bin: 10 },
    { clock: 5, pitch: 60, bin: 11 },
    { clock: 6, pitch: 60, bin: 0 },
    { clock: 6, pitch: 64, bin: 12 },
  ]
  expect(mergeEdges(played, [{ clock: 5, pitch: 60, bin: 20 }])).toEqual([
    { clock: 2, pitch: 60, bin: 10 },
    { clock: 5, pitch: 60, bin: 20 },
    { clock: 6, pitch: 64, bin: 12 },
  ])
})

test('a sounding pitch is ended before it is struck again, and the end of a silent pitch is left out', () => {
  const edges: Edge[] = [
    { clock: 0, pitch: 60, bin: 10 },
    { clock: 3, pitch: 60, bin: 10 },
    { clock: 4, pitch: 61, bin: 0 },
  ]
  expect(fed(mergeEdges([], edges))).toEqual([365, 60, 258, 188, 60, 256])
})
