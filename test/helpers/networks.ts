import { EVENT_COUNT, type EventIndex, FIRST_INPUT } from '../../src/engine/language/events.js'
import { createNetwork } from '../../src/engine/network/create-network.js'
import type { Network } from '../../src/engine/network/network.js'
import { modelFolder, readKernel, readModel } from '../../src/io/models/model-files.js'

export const LAYOUT = 'rubato-17'

/** A new network of a model that comes with Rubato. */
export function shippedNetwork(
  name: 'tiny' | 'rubato-piano' | 'rubato-pop' | 'rubato-melody' | 'rubato-drums',
): Network {
  return createNetwork(readModel(modelFolder(name)).weights, 'auto', readKernel())
}

/**
 * A network that follows a script: `weightsAfter` gives the logits after an event, as probabilities by event (anything not
 * named is impossible). Its only state is the event that it was fed last.
 */
export function scriptedNetwork(
  weightsAfter: (event: EventIndex) => ReadonlyMap<EventIndex, number>,
): Network {
  const logits = new Float32Array(EVENT_COUNT)
  let heard = FIRST_INPUT
  return {
    backend: 'scripted',
    conditioningSize: 17,
    stateSize: 1,
    logits,
    condition: () => {},
    step: (event) => {
      heard = event
      logits.fill(Number.NEGATIVE_INFINITY)
      for (const [next, weight] of weightsAfter(event)) logits[next] = Math.log(weight)
    },
    feed: (event) => {
      heard = event
    },
    save: (target, offset = 0) => {
      target[offset] = heard
    },
    restore: (source, offset = 0) => {
      heard = source[offset] ?? FIRST_INPUT
    },
    reset: () => {
      heard = FIRST_INPUT
    },
  }
}

/** A network that records what it is fed; `favour` changes the logits after an event, which are all 0 otherwise. */
export function loggingNetwork(
  conditioningSize: number,
  favour: (logits: Float32Array, event: EventIndex) => void,
) {
  const log: (string | number)[] = []
  const logits = new Float32Array(EVENT_COUNT)
  const network: Network = {
    backend: 'test',
    conditioningSize,
    stateSize: 0,
    logits,
    condition: (vector) => log.push(`condition ${[...vector]}`),
    step: (event) => {
      log.push(event)
      logits.fill(0)
      favour(logits, event)
    },
    feed: (event) => log.push(event),
    save: () => {},
    restore: () => {},
    reset: () => log.push('reset'),
  }
  return { network, log }
}
