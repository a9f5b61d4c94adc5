import { chance } from '../../src/engine/chance.js'

/** Reproducible numbers in [0, 1): the same seed, the same test. */
export function randomNumbers(seed: number): () => number {
  let draw = 0
  return () => chance(seed, 0, draw++, 0)
}
