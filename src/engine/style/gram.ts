import { chance } from '../chance.js'
import { type EventIndex, FIRST_INPUT, isNoteOn } from '../language/events.js'
import type { Network } from '../network/network.js'

/**
 * Numbers to which the h of a layer is reduced before it is multiplied with itself. With 32, the right one of ten references
 * is nearest about 4 times in 100 less often where the key differs; 128 and the whole h gain nothing that can be measured, and
 * four times the arithmetic.
 */
export const GRAM_SIZE = 64
/** Numbers of a symmetric matrix of that size: its upper triangle, row by row. */
const TRIANGLE = (GRAM_SIZE * (GRAM_SIZE + 1)) / 2

/** Seed of the places and signs of the reduction. Matrices can be compared only if it was the same. */
const REDUCTION_SEED = 64

/** The layers and units of a network whose state is looked at. */
export interface GramShape {
  readonly layers: number
  /** Units of each layer. */
  readonly units: number
}

/** How the h of each layer is reduced. */
interface Reduction extends GramShape {
  /** For each unit of each layer its place among the reduced numbers, and its sign. */
  readonly places: Uint8Array
  readonly signs: Int8Array
}

function reductionOf({ layers, units }: GramShape): Reduction {
  const number = (use: number, unit: number) => chance(REDUCTION_SEED, use, unit, 0)
  const length = layers * units
  return {
    layers,
    units,
    places: Uint8Array.from({ length }, (_, unit) => Math.floor(number(0, unit) * GRAM_SIZE)),
    signs: Int8Array.from({ length }, (_, unit) => (number(1, unit) < 0.5 ? -1 : 1)),
  }
}

/**
 * The style of a stretch of music, as a network hears it: for each hidden layer the Gram matrix of h, the sum over the
 * notes struck of h h^T (Gatys, Ecker & Bethge 2015, "A Neural Algorithm of Artistic Style", where the sum runs over the places of
 * an image). Before that, h [units] is reduced to [64]: each unit is added, with a sign, to one number; places and signs are
 * hashed, and inner products are kept in the mean (Weinberger et al. 2009, "Feature Hashing for Large Scale Multitask
 * Learning"). Only the states just after a note-on count.
 */
export class Gram {
  /** Notes added. */
  #count = 0
  readonly #reduction: Reduction
  /** The upper triangles, layer after layer. */
  readonly #sums: Float64Array
  readonly #reduced = new Float64Array(GRAM_SIZE)

  /** @param like its shape, or a Gram of the same network */
  constructor(like: GramShape | Gram) {
    this.#reduction = like instanceof Gram ? like.#reduction : reductionOf(like)
    this.#sums = new Float64Array(this.#reduction.layers * TRIANGLE)
  }

  get count(): number {
    return this.#count
  }

  /** The entry at row `i` and column `j` of a layer's matrix, 0 to {@link GRAM_SIZE} - 1. */
  at(layer: number, i: number, j: number): number {
    const row = Math.min(i, j)
    const before = row * GRAM_SIZE - (row * (row - 1)) / 2
    return this.#sums[layer * TRIANGLE + before + Math.abs(i - j)]!
  }

  /** Adds the state of a network just after a note-on, as `Network.save` writes it: h of its lane 0. Allocates nothing. */
  add(state: Float32Array): void {
    const { layers, units, places, signs } = this.#reduction
    const reduced = this.#reduced
    for (let layer = 0; layer < layers; layer++) {
      reduced.fill(0)
      const from = layer * 2 * units
      for (let unit = 0; unit < units; unit++) {
        const place = places[layer * units + unit]!
        reduced[place] = reduced[place]! + signs[layer * units + unit]! * state[from + unit]!
      }
      let at = layer * TRIANGLE
      for (let i = 0; i < GRAM_SIZE; i++) {
        const value = reduced[i]!
        for (let j = i; j < GRAM_SIZE; j++, at++) this.#sums[at] = this.#sums[at]! + value * reduced[j]!
      }
    }
    this.#count++
  }

  /** Takes over all of `other`, which must be of the same shape. Allocates nothing. */
  copyFrom(other: Gram): void {
    this.#sums.set(other.#sums)
    this.#count = other.#count
  }

  /** A second one that goes on from here by itself. Allocates. */
  fork(): Gram {
    const fork = new Gram(this)
    fork.copyFrom(this)
    return fork
  }

  /**
   * How far two styles are apart, 0-2: the squared distance of the matrices, each brought to Frobenius norm 1, in the mean of
   * the layers. So the lengths of the two stretches don't matter. Without notes on either side it is 2. Allocates nothing.
   */
  distance(other: Gram): number {
    if (this.#count === 0 || other.#count === 0) return 2
    const { layers } = this.#reduction
    let sum = 0
    for (let layer = 0; layer < layers; layer++) {
      const norms = Math.sqrt(
        product(this.#sums, this.#sums, layer) * product(other.#sums, other.#sums, layer),
      )
      sum += norms === 0 ? 2 : 2 - (2 * product(this.#sums, other.#sums, layer)) / norms
    }
    return Math.max(0, sum / layers)
  }
}

/** The Frobenius inner product of a layer's matrices. */
function product(a: Float64Array, b: Float64Array, layer: number): number {
  let diagonal = 0
  let above = 0
  let at = layer * TRIANGLE
  for (let i = 0; i < GRAM_SIZE; i++) {
    diagonal += a[at]! * b[at]!
    at++
    for (let j = i + 1; j < GRAM_SIZE; j++, at++) above += a[at]! * b[at]!
  }
  return diagonal + 2 * above
}

/**
 * Listens to events with a network, from the state it is in, and adds what it hears to `gram`. `state` [stateSize] is scratch.
 * Allocates nothing.
 */
export function listen(
  network: Network,
  events: ArrayLike<EventIndex>,
  gram: Gram,
  state: Float32Array,
): void {
  for (let n = 0; n < events.length; n++) {
    network.feed(events[n]!)
    if (!isNoteOn(events[n]!)) continue
    network.save(state)
    gram.add(state)
  }
}

/**
 * The style of a performance as a network hears it, teacher-forced from silence and without conditioning. Resets the
 * network first and leaves it after the last event. Music whose style is compared with this one should be heard in the same way,
 * because conditioning moves h too. Allocates.
 */
export function gramOf(network: Network, shape: GramShape, events: ArrayLike<EventIndex>): Gram {
  const gram = new Gram(shape)
  network.reset()
  network.condition(new Float32Array(network.conditioningSize))
  network.feed(FIRST_INPUT)
  listen(network, events, gram, new Float32Array(network.stateSize))
  return gram
}
