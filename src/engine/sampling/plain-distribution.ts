import type { EventIndex } from '../language/events.js'

/** Writes to `target` the probabilities of all events by `logits`, both [388]: temperature 1, no mask. Allocates nothing. */
export function softmaxPlainly(target: Float64Array, logits: Float32Array): void {
  let top = Number.NEGATIVE_INFINITY
  for (const logit of logits) top = Math.max(top, logit)
  let sum = 0
  for (let event = 0; event < logits.length; event++) {
    target[event] = Math.exp(logits[event]! - top)
    sum += target[event]!
  }
  for (let event = 0; event < logits.length; event++) target[event] = target[event]! / sum
}

/** Number of the mass at `number` in [0, 1) of the sum of `masses`; the last where they have no sum. */
export function pick(masses: readonly number[], number: number): number {
  const sum = masses.reduce((a, b) => a + b, 0)
  let mass = 0
  for (const [n, own] of masses.entries()) {
    mass += own
    if (mass > number * sum) return n
  }
  return masses.length - 1
}

/** The sum of `probabilities` [388] of the note-ons that `pitches` [128] marks. Allocates nothing. */
export function massOf(probabilities: Float64Array, pitches: Uint8Array): number {
  let mass = 0
  for (let pitch = 0; pitch < pitches.length; pitch++) if (pitches[pitch] === 1) mass += probabilities[pitch]!
  return mass
}

/** The `count` likeliest events of `first` to `end` - 1, the likeliest first. */
export function likeliest(
  probabilities: Float64Array,
  first: EventIndex,
  end: EventIndex,
  count: number,
): EventIndex[] {
  return Array.from({ length: end - first }, (_, n) => first + n)
    .sort((a, b) => probabilities[b]! - probabilities[a]! || a - b)
    .slice(0, count)
}
