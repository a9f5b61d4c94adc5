import type { Pitch } from '../units.js'

/**
 * The widest that a hand is taken to hold, in semitones: an octave. Fewer: octaves, which every pianist holds, are carried by
 * the pedal. More (some hold a tenth, 16): fewer notes are, but keys stay down that most hands would have left.
 */
const SPAN = 12
const FINGERS = 5

/** A key that is down. */
export interface Key {
  readonly pitch: Pitch
  /** When it was struck; later keys are kept rather than earlier ones. */
  readonly due: number
}

/** Whether two hands can hold keys of these pitches together. */
export function isInReach(pitches: readonly Pitch[]): boolean {
  const sorted = pitches.toSorted((a, b) => a - b)
  const fitsHand = (from: number, to: number) =>
    to <= from || (to - from <= FINGERS && sorted[to - 1]! - sorted[from]! <= SPAN)
  return [...sorted, Number.NaN].some((_, split) => fitsHand(0, split) && fitsHand(split, sorted.length))
}

/**
 * The keys that two hands go on holding: all that were struck at `freshFrom` or later, as far as that is possible, and as many
 * of the others as are in reach with them, later ones rather than earlier ones. Allocates.
 */
export function keysHeld<K extends Key>(keys: readonly K[], freshFrom: number): ReadonlySet<K> {
  if (isInReach(keys.map(({ pitch }) => pitch))) return new Set(keys)
  // By worth: a fresh key outweighs all that are not, then the number of keys counts, then their times.
  const worth = (held: ReadonlySet<K>) => {
    const fresh = [...held].filter(({ due }) => due >= freshFrom).length
    const latest = [...held].reduce((sum, { due }) => sum + due, 0) / held.size
    return [fresh, held.size, latest] as const
  }
  let best: ReadonlySet<K> = new Set<K>()
  for (const left of keys) {
    const inLeft = handFrom(left.pitch, keys)
    for (const right of keys) {
      const held = new Set([
        ...inLeft,
        ...handFrom(
          right.pitch,
          keys.filter((key) => !inLeft.includes(key)),
        ),
      ])
      if (best.size === 0 || isGreater(worth(held), worth(best))) best = held
    }
  }
  return best
}

/** The keys, the latest first, that one hand holds whose lowest finger is at `lowest`. */
function handFrom<K extends Key>(lowest: Pitch, keys: readonly K[]): K[] {
  return keys
    .filter(({ pitch }) => pitch >= lowest && pitch <= lowest + SPAN)
    .toSorted((a, b) => b.due - a.due)
    .slice(0, FINGERS)
}

/** Whether `a` comes after `b` by its first number that differs. */
function isGreater(a: readonly number[], b: readonly number[]): boolean {
  const index = a.findIndex((value, i) => value !== b[i])
  return index >= 0 && a[index]! > b[index]!
}
