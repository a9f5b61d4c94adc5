import { chance } from '../chance.js'
import { BREATH_MS, DENSITY_SHARES, type Densities, PIANO_DENSITIES } from '../language/idiom.js'
import { STEP_MS, type Steps } from '../units.js'
import { CENTRES, findCentre, LEAST_FIT, neighbourOf, PROFILES } from './key-finding.js'

/**
 * The slow aims of a pianist whom nobody steers: a density and a tonal centre that hold for a stretch of a minute or so and
 * change at a breath, as from one movement to the next. Without such aims the network neither drifts away nor falls silent,
 * but plays hour after hour at 13 to 16 notes a second in no key. A tide is made of event times and numbers alone: the same
 * seed has the same tides, and going back to a moment brings its tide back.
 */
export interface Tide {
  /** Seed of the choices, 0 to 2^32 - 1. */
  seed: number
  /** The distribution that the density is chosen from. */
  densities: Densities
  /** Number of stretches begun so far; 0 means that there are no aims yet. */
  stretch: number
  /** The stretch ends at the first breath after this time. */
  until: Steps
  /** Density to aim at, in note-ons per second. */
  density: number
  /** Tonal centre to aim at, before transposition: 0-11 for C to B major, 12-23 for C to B minor. */
  centre: number
}

/** The recent music before a moment, from which the tide goes on. */
export interface Played {
  readonly clock: Steps
  /** Fading counts of the pitch classes struck, [12]. */
  readonly recentPitchClasses: Float64Array
  /** Note-ons per second, fading. */
  readonly recentDensity: number
}

/** Limits of the length of a stretch. Shorter stretches are restless, longer ones make a listener wait for something new. */
const SHORTEST_STRETCH: Steps = 40_000 / STEP_MS
const LONGEST_STRETCH: Steps = 120_000 / STEP_MS

/** A wait of this many steps is a breath. */
const BREATH: Steps = BREATH_MS / STEP_MS

/**
 * A stretch ends without a breath when it is this much overdue, because dense music may have no breath for minutes. A
 * shorter limit changes the aims in mid-phrase more often, a longer one makes a stretch too long.
 */
const LONGEST_OVERTIME: Steps = 20_000 / STEP_MS

/** Index of the median among {@link DENSITY_SHARES}. */
const MEDIAN = 3

/**
 * Factor on the temperature of the choice of notes at a sparse density, where a wrong note stands out. Without this factor
 * sparse minutes were less predictable (to the network) than 99 of 100 minutes that people play.
 */
const SPARSE_TEMPERATURE = 0.8

/** Multiples of the median density: up to SPARSE the factor applies in full, from AMPLE on not at all, linearly in between. */
const SPARSE = 4 / 7.3
const AMPLE = 8 / 7.3

/** The run whose random numbers choose tides. The runs of performances count up from 0 and never get here. */
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

/**
 * Begins the next stretch, if its time has come.
 * @param waited the length of the event just passed, if it is a time-shift; 0 for any other event
 */
export function passTide(tide: Tide, played: Played, waited: Steps): void {
  const { clock } = played
  if (tide.stretch > 0) {
    const atBreath = clock >= tide.until && waited >= BREATH
    if (!atBreath && clock < tide.until + LONGEST_OVERTIME) return
  }
  const number = (use: number) => chance(tide.seed, TIDE_RUN, tide.stretch, use)
  const found = findCentre(played.recentPitchClasses)
  if (tide.stretch === 0 && found >= 0) {
    // The performance goes on from a prompt: the first stretch keeps the prompt's density and key.
    tide.density = Math.min(Math.max(played.recentDensity, densityAt(tide, 0)), densityAt(tide, 1))
    tide.centre = found
  } else {
    tide.density = densityAt(tide, number(0))
    tide.centre = found < 0 ? Math.floor(number(1) * CENTRES) : neighbourOf(found, number(1))
  }
  tide.until = clock + SHORTEST_STRETCH + Math.floor(number(2) * (LONGEST_STRETCH - SHORTEST_STRETCH))
  tide.stretch++
}

/** Writes to `target` [12] a weight for each pitch class: 1 for those of the tide's key, 0 for the others. Allocates nothing. */
export function leanToCentre(target: Float64Array, { centre }: Tide): void {
  const profile = PROFILES[centre < 12 ? 0 : 1]
  for (let pc = 0; pc < 12; pc++) target[(pc + centre) % 12] = profile[pc]! > LEAST_FIT ? 1 : 0
}

/** Factor on the temperature of the choice of notes, 0.8-1. */
export function tideTemperature({ density, densities }: Tide): number {
  const ample = Math.min(Math.max((density / densities[MEDIAN]! - SPARSE) / (AMPLE - SPARSE), 0), 1)
  return SPARSE_TEMPERATURE + (1 - SPARSE_TEMPERATURE) * ample
}

/** The density below which `share` (0-1) of the minutes lie, interpolated between the percentiles and clamped to them. */
export function densityAt({ densities }: Tide, share: number): number {
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
