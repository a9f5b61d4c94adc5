/**
 * Pearson's chi-square statistic of counts against expected counts, and its degrees of freedom; cells expecting
 * under 5 are joined with the next.
 */
export function chiSquare(
  counts: readonly number[],
  expected: readonly number[],
): { statistic: number; freedom: number } {
  let statistic = 0
  let cells = 0
  let count = 0
  let expects = 0
  for (const [i, e] of expected.entries()) {
    count += counts[i] ?? 0
    expects += e
    if (expects < 5 && i < expected.length - 1) continue
    if (expects > 0) statistic += (count - expects) ** 2 / expects
    cells++
    count = 0
    expects = 0
  }
  return { statistic, freedom: cells - 1 }
}

/** Value that chi-square with `freedom` degrees exceeds once in a thousand times (Wilson and Hilferty 1931). */
export function chiSquareLimit(freedom: number): number {
  const z = 3.0902
  const a = 2 / (9 * freedom)
  return freedom * (1 - a + z * Math.sqrt(a)) ** 3
}
