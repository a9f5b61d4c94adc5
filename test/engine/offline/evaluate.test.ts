import { describe, expect, test } from 'vitest'
import { EVENT_COUNT } from '../../../src/engine/language/events.js'
import { quantize } from '../../../src/engine/language/performance.js'
import { CONDITIONING_LAYOUTS } from '../../../src/engine/model/conditioning.js'
import { createNetwork } from '../../../src/engine/network/create-network.js'
import type { Network } from '../../../src/engine/network/network.js'
import { evaluate, negativeLogLikelihood } from '../../../src/engine/offline/evaluate.js'
import { comingNotes } from '../../../src/engine/offline/performance-conditioning.js'
import { readKernel, readModel } from '../../../src/io/models/model-files.js'
import { readMidiFile } from '../../../src/io/recording/midi-file-reader.js'
import { loggingNetwork } from '../../helpers/networks.js'
import { dataPath, modelReference, noReference, reference } from '../../helpers/reference.js'

/** A network that records its inputs; its logits are `favour` for the event after the last input, and 0 for all others. */
const rememberingNetwork = (favour: number) =>
  loggingNetwork(2, (logits, event) => {
    logits[(event + 1) % EVENT_COUNT] = favour
  })

describe('the likelihood of an event', () => {
  test('is the softmax of its logit', () => {
    expect(negativeLogLikelihood(new Float32Array([0, 0, 0, 0]), 2)).toBeCloseTo(Math.log(4), 12)
    expect(negativeLogLikelihood(new Float32Array([0, Math.log(3)]), 1)).toBeCloseTo(Math.log(4 / 3), 6)
  })

  test('is finite for logits of any size', () => {
    expect(negativeLogLikelihood(new Float32Array([1e4, -1e4]), 1)).toBe(2e4)
    expect(negativeLogLikelihood(new Float32Array([-1e4, -1e4]), 0)).toBeCloseTo(Math.LN2, 9)
  })
})

describe('evaluation', () => {
  test('feeds 355 and then all events but the last, from silence and without conditioning', () => {
    const { network, log } = rememberingNetwork(0)
    const { events, nats } = evaluate(network, [371, 60, 265, 188])
    expect(log).toEqual(['reset', 'condition 0,0', 355, 371, 60, 265])
    expect(events).toBe(4)
    expect(nats).toBeCloseTo(4 * Math.log(EVENT_COUNT), 9)
  })

  test('judges each event by the logits after the one before it', () => {
    const { network } = rememberingNetwork(Math.fround(5))
    const { nats } = evaluate(network, [356, 357, 60, 61])
    const right = Math.log(Math.exp(5) + EVENT_COUNT - 1) - 5
    expect(nats).toBeCloseTo(3 * right + (right + 5), 9)
  })

  test('conditions each event on what comes from its time on, a shift on the time before it', () => {
    const { network, log } = rememberingNetwork(0)
    const notes = quantize([
      { pitch: 60, velocity: 61, start: 0, end: 100 },
      { pitch: 64, velocity: 61, start: 100, end: 200 },
    ])
    evaluate(network, [371, 60, 265, 188, 64, 265, 192], {
      coming: comingNotes(notes),
      fill: (target, { density }) => {
        target[0] = (density ?? Number.NaN) * 3
      },
    })
    expect(log).toEqual([
      'reset',
      'condition 0,0',
      ...['condition 2,0', 355, 371, 60],
      ...['condition 1,0', 265, 188, 64],
      ...['condition 0,0', 265],
    ])
  })

  test('of no events is 0 nats', () => {
    expect(evaluate(rememberingNetwork(0).network, [])).toEqual({ events: 0, nats: 0 })
  })
})

describe.skipIf(noReference !== null)(
  `rubato-piano, told what comes${noReference ? ` (skipped: ${noReference})` : ''}`,
  () => {
    test('has the logits of the reference within 0.001', async () => {
      const { file, events, steps } = reference!.sequence
      const { weights } = readModel(modelReference!)
      const notes = quantize((await readMidiFile(dataPath(file))).notes)
      const network = createNetwork(weights, 'auto', readKernel())
      const atStep = new Map<number, Float32Array>()
      let step = 0
      const watched: Network = {
        ...network,
        step: (event) => {
          network.step(event)
          if (step in steps) atStep.set(step, network.logits.slice())
          step++
        },
      }
      evaluate(watched, events, {
        coming: comingNotes(notes),
        fill: CONDITIONING_LAYOUTS.get('rubato-17')!.fill,
      })
      expect([...atStep.keys()].map(String)).toEqual(Object.keys(steps))
      for (const [n, logits] of atStep) {
        const expected = steps[n]!.logits
        const worst = logits.reduce((most, logit, i) => Math.max(most, Math.abs(logit - expected[i]!)), 0)
        expect(worst).toBeLessThan(1e-3)
      }
    })
  },
)
