import { DENSITY_SHARES, type Densities, PIANO_DENSITIES } from '../language/idiom.js'
import { STEP_MS, type Steps } from '../units.js'
import { chance } from './chance.js'
import { CENTRES, findCentre, LEAST_FIT, neighbour, PROFILES } from './key-finding.js'

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

const MEDIAN = 3

/**
 * Where few notes are aimed at, the choice of notes is drawn at a lower temperature, down to this factor: a wrong note
 * stands out there, and without it sparse minutes were less predictable (to the network) than 99 of 100 that people play.
 */
const SPARSE_TEMPERATURE = 0.8

/** From SPARSE times the median density down the factor is whole, from AMPLE times it up there is none. */
const SPARSE = 4 / 7.3
const AMPLE = 8 / 7.3

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
