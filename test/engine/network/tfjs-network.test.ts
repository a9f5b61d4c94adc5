import { describe, expect, test } from 'vitest'
import { EVENT_COUNT } from '../../../src/engine/language/events.js'
import { createJsNetwork } from '../../../src/engine/network/js-network.js'
import { createTfjsNetwork, type TensorFlow } from '../../../src/engine/network/tfjs-network.js'
import { Refused } from '../../../src/engine/refused.js'
import { loadTfjs, type TfjsChoice } from '../../../src/io/models/load-tfjs.js'
import { modelFolder, readModel } from '../../../src/io/models/model-files.js'
import { openNetwork } from '../../../src/io/models/open-network.js'
import { randomNumbers } from '../../helpers/random-numbers.js'

/** The library on a backend, or a sentence with the reason why it can't be loaded. */
async function probe(choice: TfjsChoice): Promise<TensorFlow | string> {
  try {
    return await loadTfjs(choice)
  } catch (error) {
    if (error instanceof Refused) return error.message
    throw error
  }
}

/** The backends of one library, which are tested one at a time. */
const CHOICES = ['tfjs-cpu', 'tfjs-wasm', 'tfjs-node'] as const
const probes = new Map<TfjsChoice, TensorFlow | string>()
for (const choice of CHOICES) probes.set(choice, await probe(choice))

describe.each(CHOICES)('TensorFlow.js as %s', (choice) => {
  const found = probes.get(choice)
  const missing = typeof found === 'string' ? ` (skipped: ${found})` : ''
  const { weights } = readModel(modelFolder('tiny'))

  test.skipIf(missing !== '')(
    `has our network's logits through conditioning, guidance and going back${missing}`,
    async () => {
      const network = createTfjsNetwork(await loadTfjs(choice), choice, weights)
      const ours = createJsNetwork(weights)
      const random = randomNumbers(17)
      const states = [new Float32Array(network.stateSize), new Float32Array(ours.stateSize)] as const
      for (let n = 0; n < 60; n++) {
        if (n % 7 === 0) {
          const vector = Float32Array.from({ length: weights.conditioningSize }, random)
          const guidance = n % 14 === 0 ? 1 : 1.7
          network.condition(vector, guidance)
          ours.condition(vector, guidance)
        }
        if (n === 20) {
          network.save(states[0])
          ours.save(states[1])
        }
        if (n === 40) {
          network.restore(states[0])
          ours.restore(states[1])
        }
        const event = Math.floor(EVENT_COUNT * random())
        if (n % 5 === 0) {
          network.feed(event)
          ours.feed(event)
          continue
        }
        network.step(event)
        ours.step(event)
        for (let i = 0; i < EVENT_COUNT; i++)
          expect(Math.abs(network.logits[i]! - ours.logits[i]!)).toBeLessThan(1e-4)
      }
    },
  )
})

test('a missing package is named, with how to install it; only auto falls back', async () => {
  const { weights } = readModel(modelFolder('tiny'))
  const found = probes.get('tfjs-node')
  if (typeof found === 'string') {
    expect(found).toMatch(
      /^The tfjs-node backend can't be used: .+; install it with: npm i -D @tensorflow\/tfjs-node$/,
    )
    await expect(openNetwork(weights, 'tfjs-node', 'auto')).rejects.toThrow(found)
  }
  await expect(openNetwork(weights, 'tfjs-wasm', 'int16')).rejects.toThrow(/no int16 precision/)
  expect((await openNetwork(weights, 'auto', 'auto')).backend).toBe('wasm int16')
})
