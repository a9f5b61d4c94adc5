import { STEP_MS, type Steps } from '../units.js'
import { chance } from './chance.js'

/**
 * The slow aims of a pianist whom nobody steers: a density and a tonal centre that hold for a minute or so and then
 * change at a breath, as from one movement to the next. Left wholly to itself the network neither drifts nor dies, but
 * it plays hour after hour at 13 to 16 notes/s in no key. The aims are event time and numbers alone: the same seed has
 * the same tides, and a moment gone back to has the one it had.
 */
export interface Tide {
  /** Chooses the aims; 0 to 2^32 - 1. */
  seed: number
  /** What the aims are chosen from. */
  densities: Densities
  /** Stretches begun so far; with 0 there are no aims yet. */
  stretch: number
  /** The stretch ends with the first breath after this. */
  until: Steps
  /** Note-ons per second. */
  density: number
  /** Tonal centre in the network's own pitches: 0-11 for C to B major, 12-23 for C to B minor. */
  centre: number
}

/** What has been played, up to a moment: where the music already is, the tide goes on from. */
export interface Played {
  readonly clock: Steps
  /** Fading counts by pitch class, [12]. */
  readonly recentPitchClasses: Float64Array
  readonly recentDensity: number
}

/** Length of a stretch: shorter is restless, longer makes a listener wait for something new. */
const SHORTEST: Steps = 40_000 / STEP_MS
const LONGEST: Steps = 120_000 / STEP_MS
/** A wait this long is a breath, where the aims may change as music does. */
const BREATH: Steps = 250 / STEP_MS
/** Dense music may have none for minutes: then they change without. */
const LONGEST_OVERTIME: Steps = 20_000 / STEP_MS

/** Shares of the minutes that people play, and (of {@link Densities}) the median. */
export const DENSITY_SHARES = [0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95] as const
const MEDIAN = 3

/**
 * Notes a second of the minutes that a model learned from, by {@link DENSITY_SHARES}: under each lie so many. The outermost
 * minutes are left out: one that misses such an aim by a little is like none in the data.
 */
export type Densities = readonly number[]

/** Of 318 minutes of MAESTRO v2's validation split; meant where a model says nothing. */
export const PIANO_DENSITIES: Densities = [3.3, 3.7, 4.7, 7.3, 10.6, 13.8, 16.4]

/** How well each pitch class fits C major and C minor (Krumhansl & Kessler 1982, probe-tone ratings). */
const PROFILES = [
  [6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88],
  [6.33, 2.68, 3.52, 5.38, 2.6, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17],
] as const
/** The same less their mean, over their deviation: so major and minor can be compared. */
const STANDARD_PROFILES = [standardized(PROFILES[0]), standardized(PROFILES[1])] as const

/**
 * What fits better than this belongs to the centre: the scale's seven, and in minor both sevenths. Only they are asked
 * for, all alike, and the others come all the same. Asking by the ratings themselves was followed too little.
 */
const LEAST_FIT = 2.8

/**
 * Where few notes are aimed at, the choice of notes is drawn at a lower temperature, down to this factor: a wrong note
 * stands out there, and without it sparse minutes were less predictable (to the network) than 99 of 100 that people play.
 */
const SPARSE_TEMPERATURE = 0.8
/** From SPARSE times the median density down the factor is whole, from AMPLE times it up there is none. */
const SPARSE = 4 / 7.3
const AMPLE = 8 / 7.3

const CENTRES = 24

/** Chance's runs are counted from 0 by the performances: no performance gets here. */
const TIDE_RUN = 0xffffffff

/** The tide before the first note. */
export function firstTide(seed: number, densities: Densities = PIANO_DENSITIES): Tide {
  return { seed, densities, stretch: 0, until: 0, density: 0, centre: 0 }
}

/** Copies all of `from` into `to`. Allocates nothing. */
export function copyTide(from: Tide, to: Tide): void {
  to.seed = from.seed
  to.densities = from.densities
  to.stretch = from.stretch
  to.until = from.until
  to.density = from.density
  to.centre = from.centre
}

/** Begins the next stretch, if its time has come. `waited`: the wait just passed, 0 after any other event. */
export function passTide(tide: Tide, played: Played, waited: Steps): void {
  const { clock } = played
  if (tide.stretch > 0) {
    const atBreath = clock >= tide.until && waited >= BREATH
    if (!atBreath && clock < tide.until + LONGEST_OVERTIME) return
  }
  const number = (use: number) => chance(tide.seed, TIDE_RUN, tide.stretch, use)
  const found = findCentre(played.recentPitchClasses)
  if (tide.stretch === 0 && found >= 0) {
    // Played on from a prompt: the first stretch is more of the same.
    tide.density = Math.min(Math.max(played.recentDensity, densityAt(tide, 0)), densityAt(tide, 1))
    tide.centre = found
  } else {
    tide.density = densityAt(tide, number(0))
    tide.centre = found < 0 ? Math.floor(number(1) * CENTRES) : neighbour(found, number(1))
  }
  tide.until = clock + SHORTEST + Math.floor(number(2) * (LONGEST - SHORTEST))
  tide.stretch++
}

/** Writes the tide's centre as weights by pitch class, [12], of any sum. Allocates nothing. */
export function leanToCentre(target: Float64Array, { centre }: Tide): void {
  const profile = PROFILES[centre < 12 ? 0 : 1]
  for (let pc = 0; pc < 12; pc++) target[(pc + centre) % 12] = profile[pc]! > LEAST_FIT ? 1 : 0
}

/** Factor on the temperature of the choice of notes, 0.8-1. */
export function tideTemperature({ density, densities }: Tide): number {
  const ample = Math.min(Math.max((density / densities[MEDIAN]! - SPARSE) / (AMPLE - SPARSE), 0), 1)
  return SPARSE_TEMPERATURE + (1 - SPARSE_TEMPERATURE) * ample
}

/** The density under which `share` of all minutes lie; under the first and over the last percentile: those. */
function densityAt({ densities }: Tide, share: number): number {
  let fromShare: number = DENSITY_SHARES[0]
  let from = densities[0]!
  if (share <= fromShare) return from
  for (const [index, toShare] of DENSITY_SHARES.entries()) {
    const to = densities[index]!
    if (share <= toShare) return from + ((to - from) * (share - fromShare)) / (toShare - fromShare)
    fromShare = toShare
    from = to
  }
  return from
}

/** The key whose profile correlates best with what was played (Krumhansl 1990), or -1 where nothing was. */
function findCentre(pitchClasses: Float64Array): number {
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

function standardized(profile: readonly number[]): number[] {
  const mean = profile.reduce((sum, value) => sum + value, 0) / 12
  const deviation = Math.sqrt(profile.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 12)
  return profile.map((value) => (value - mean) / deviation)
}

/** The same key or one of its neighbours: a fifth up or down, the relative, the parallel. So music modulates. */
function neighbour(centre: number, number: number): number {
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
