/**
 * The conditioning vectors that models are trained with, by the name that a model.json gives: how many numbers each
 * holds. What they mean is each model's card's business and `conditioning.ts`'s.
 */
export const CONDITIONING_LAYOUTS: ReadonlyMap<string, number> = new Map([
  // log density, 12 pitch classes, mean velocity, and a flag for each of the three groups.
  ['rubato-17', 17],
])
