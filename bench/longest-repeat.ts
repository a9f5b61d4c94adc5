/**
 * Length of the longest stretch of `events` that occurs twice without overlapping itself; 0 where no event does. Exact: places
 * are ranked by their next 1, 2, 4... events (prefix doubling, Karp, Miller & Rosenberg 1972), and the length is found by
 * doubling and bisection, since the first part of a stretch that occurs twice does too.
 */
export function longestRepeat(events: ArrayLike<number>): number {
  const ranks = [Array.from(events)]
  for (let size = 1; isRepeated(ranks, size); size *= 2) ranks.push(doubled(ranks.at(-1)!, size))
  const notRepeated = 2 ** (ranks.length - 1)
  let [least, most] = [Math.floor(notRepeated / 2), notRepeated - 1]
  while (least < most) {
    const length = Math.ceil((least + most) / 2)
    if (isRepeated(ranks, length)) least = length
    else most = length - 1
  }
  return least
}

/** Ranks of stretches of twice `size`, from those of stretches of `size`: equal where the stretches are. */
function doubled(ranks: readonly number[], size: number): number[] {
  const found = new Map<number, number>()
  return ranks.slice(0, ranks.length - size).map((rank, at) => {
    const pair = pairOf(rank, ranks[at + size]!)
    const known = found.get(pair) ?? found.size
    found.set(pair, known)
    return known
  })
}

/** Whether a stretch of `length` occurs twice, by the ranks of the two stretches of a power of 2 that cover it. */
function isRepeated(ranks: readonly (readonly number[])[], length: number): boolean {
  const power = Math.floor(Math.log2(length))
  const rank = ranks[power]!
  const rest = length - 2 ** power
  const first = new Map<number, number>()
  for (let at = 0; at + rest < rank.length; at++) {
    const pair = pairOf(rank[at]!, rank[at + rest]!)
    const before = first.get(pair)
    if (before === undefined) first.set(pair, at)
    else if (at - before >= length) return true
  }
  return false
}

/** One number for two below 2^26. */
function pairOf(a: number, b: number): number {
  return a * 2 ** 26 + b
}
