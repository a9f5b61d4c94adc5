/** How well each pitch class fits C major and C minor (Krumhansl & Kessler 1982, probe-tone ratings). */
export const PROFILES = [
  [6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88],
  [6.33, 2.68, 3.52, 5.38, 2.6, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17],
] as const

/** The same less their mean, over their deviation: so major and minor can be compared. */
export const STANDARD_PROFILES = [standardized(PROFILES[0]), standardized(PROFILES[1])] as const

/**
 * What fits better than this belongs to the centre: the scale's seven, and in minor both sevenths. Only they are asked
 * for, all alike, and the others come all the same. Asking by the ratings themselves was followed too little.
 */
export const LEAST_FIT = 2.8
export const CENTRES = 24
export function standardized(profile: readonly number[]): number[] {
  const mean = profile.reduce((sum, value) => sum + value, 0) / 12
  const deviation = Math.sqrt(profile.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 12)
  return profile.map((value) => (value - mean) / deviation)
}

/** The key whose profile correlates best with what was played (Krumhansl 1990), or -1 where nothing was. */
export function findCentre(pitchClasses: Float64Array): number {
  let best = -1
  let bestFit = 0
  for (let centre = 0; centre < CENTRES; centre++) {
    const profile = STANDARD_PROFILES[centre < 12 ? 0 : 1]
    let fit = 0
    for (let pc = 0; pc < 12; pc++) fit += pitchClasses[(pc + centre) % 12]! * profile[pc]!
    if (fit > bestFit) {
      best = centre
      bestFit = fit
    }
  }
  return best
}

/** The same key or one of its neighbours: a fifth up or down, the relative, the parallel. So music modulates. */
export function neighbour(centre: number, number: number): number {
  const tonic = centre % 12
  const isMinor = centre >= 12
  const ways = [
    centre,
    centre,
    ((tonic + 7) % 12) + (isMinor ? 12 : 0),
    ((tonic + 5) % 12) + (isMinor ? 12 : 0),
    isMinor ? (tonic + 3) % 12 : ((tonic + 9) % 12) + 12,
    isMinor ? tonic : tonic + 12,
  ]
  return ways[Math.floor(number * ways.length)]!
}
