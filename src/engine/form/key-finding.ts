/**
 * Finds the key of what was played. A *centre* is a key: 0-11 for C to B major, 12-23 for C to B minor.
 *
 * How well each pitch class fits C major and C minor (Krumhansl & Kessler 1982, probe-tone ratings).
 */
export const PROFILES = [
  [6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88],
  [6.33, 2.68, 3.52, 5.38, 2.6, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17],
] as const

/** The profiles with mean 0 and deviation 1, so that the fits of major and minor keys can be compared. */
const STANDARD_PROFILES = [standardized(PROFILES[0]), standardized(PROFILES[1])] as const

/**
 * A pitch class whose rating is above this belongs to the key: the seven of the scale, and in minor both sevenths. The tide
 * asks for these alone, all with the same weight; the network plays the others all the same. Weights proportional to the
 * ratings had too little effect on what it played.
 */
export const LEAST_FIT = 2.8

/** Number of centres. */
export const CENTRES = 24

function standardized(profile: readonly number[]): number[] {
  const mean = profile.reduce((sum, value) => sum + value, 0) / 12
  const deviation = Math.sqrt(profile.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 12)
  return profile.map((value) => (value - mean) / deviation)
}

/**
 * The centre whose profile correlates best with `pitchClasses` [12], the weights of the pitch classes played (Krumhansl
 * 1990); -1 if all of them are 0.
 */
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

/**
 * The centre to modulate to from `centre`, chosen by `number` in [0, 1): a third of the time the same, else the key a fifth
 * up or down, the relative or the parallel key.
 */
export function neighbourOf(centre: number, number: number): number {
  const tonic = centre % 12
  const isMinor = centre >= 12
  const neighbours = [
    centre,
    centre,
    ((tonic + 7) % 12) + (isMinor ? 12 : 0),
    ((tonic + 5) % 12) + (isMinor ? 12 : 0),
    isMinor ? (tonic + 3) % 12 : ((tonic + 9) % 12) + 12,
    isMinor ? tonic : tonic + 12,
  ]
  return neighbours[Math.floor(number * neighbours.length)]!
}
