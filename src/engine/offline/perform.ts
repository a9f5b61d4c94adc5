import { chance } from '../chance.js'
import { expectedSpread, MOST_STRETCH, type Score, spreadOf } from '../form/score.js'
import { beginScore } from '../form/score-place.js'
import { type EventIndex, PITCH_COUNT } from '../language/events.js'
import type { StepNote } from '../language/performance.js'
import { layoutOf } from '../model/conditioning.js'
import type { ModelSpec } from '../model/model.js'
import type { Network } from '../network/network.js'
import { ScoreOutlook } from '../pianist/steering/score-outlook.js'
import { PLAIN_SETTINGS } from '../sampling/distribution.js'
import type { DrawPolicy } from '../sampling/draw-policy.js'
import { notesOfEvents } from '../sampling/event-notes.js'
import { limitToScore, overdueEnd } from '../sampling/score-mask.js'
import type { Velocity } from '../units.js'
import { beginContinuation } from './continuation.js'
import { NOBODY, ScorePlayer, type ScoreReader } from './score-player.js'

/** What a performance of a score is a function of. */
export interface PerformOptions {
  readonly network: Network
  /** The conditioning layout of the network's model. */
  readonly layout: ModelSpec['conditioning']
  /** 0 to 2^32 - 1. */
  readonly seed: number
  /** At least one chord. */
  readonly score: Score
  /** Number of performances that are made side by side, at least 1. Default {@link READERS}. */
  readonly readers?: number
}

/**
 * Performances side by side. Velocities of fewer follow each one's chance more than what is likely; more take as much more time and
 * gain little.
 */
const READERS = 8

/**
 * The power of the likelihoods with which performances are weighed. At 1 the network is believed entirely, and soon one performance has all
 * the weight, so that its chance is no longer averaged out; at 0 the notes of the score say nothing of how loud they are.
 */
const TRUST = 0.5

/** The run whose random numbers choose among the performances. Those of the performances count up from 0. */
const CHOICE_RUN = 0xfffffffd

/**
 * Plays a score: every note once, in the order of its chords, with the network's timing, loudness and lengths.
 *
 * Several performances are made side by side (a particle filter: Gordon, Salmond & Smith 1993). After each chord they are weighed by
 * how likely the network finds the score's notes in them; when few have most of the weight, the others go on from those. Timing and
 * lengths are those of the likeliest. Each velocity is the weighted mean, over all performances, of the distribution from which it was drawn, because
 * the chance of a single draw hides what the network knows; a mean varies less, so the velocities are then spread about their mean until their standard deviation
 * is that which the score is expected to have or, where nobody has foretold its loudness, that of the single performance.
 *
 * @param onProgress receives, after every chord, the share that is done, 0-1
 * @returns notes in the order of their strikes, from step 0 on
 * @throws Refused for a layout that the program doesn't know
 */
export function perform(options: PerformOptions, onProgress?: (share: number) => void): StepNote[] {
  const { score, seed } = options
  const readers = openReaders(options)
  const player = new ScorePlayer(readers[0]!.going, seed)
  const means: number[][] = []
  for (const [n, { pitches }] of score.chords.entries()) {
    for (const reader of readers) while (reader.going.moment.place.chord <= n) player.step(reader)
    const shares = sharesOf(readers)
    means.push(
      pitches.map((pitch) =>
        readers.reduce((sum, { velocities }, i) => sum + velocities[pitch]! * shares[i]!, 0),
      ),
    )
    if (isUneven(shares)) chooseAnew(readers, shares, chance(seed, CHOICE_RUN, n, 0))
    onProgress?.((n + 1) / score.chords.length)
  }
  const shares = sharesOf(readers)
  const best = readers[shares.indexOf(Math.max(...shares))]!
  while (best.going.moment.sounding > 0) player.step(best)
  const notes = notesOf(best.going.events(), score, means)
  return averaged(
    notes,
    expectedSpread(score)?.whole ?? spreadOf(notes.map(({ velocity }) => velocity)).deviation,
  )
}

function openReaders({ network, layout, seed, score, readers = READERS }: PerformOptions): ScoreReader[] {
  const outlook = new ScoreOutlook(layoutOf(layout).fill)
  const policy: DrawPolicy = {
    draw: () => PLAIN_SETTINGS,
    polyphony: PITCH_COUNT,
    others: NOBODY,
    mustEnd: (moment) => overdueEnd(moment, NOBODY),
    condition: (target, moment) => {
      outlook.condition(target, moment)
      return 1
    },
    mask: (allowed, moment) => limitToScore(allowed, moment, NOBODY),
    pass: () => {},
  }
  const first = beginContinuation({ network, policy, seed })
  beginScore(first.moment.place, score, 0)
  return Array.from({ length: readers }, (_, run) => ({
    going: run === 0 ? first : first.fork(run),
    weight: 0,
    velocities: new Float64Array(PITCH_COUNT),
  }))
}

/** The share of each reader in the weight of all. */
function sharesOf(readers: readonly ScoreReader[]): number[] {
  const top = Math.max(...readers.map(({ weight }) => weight))
  const masses = readers.map(({ weight }) => Math.exp((weight - top) * TRUST))
  const sum = masses.reduce((a, b) => a + b, 0)
  return masses.map((mass) => mass / sum)
}

/** Whether the shares are as uneven as if fewer than half of the readers had equal ones (the effective sample size of Kong 1992). */
function isUneven(shares: readonly number[]): boolean {
  return shares.reduce((sum, share) => sum + share * share, 0) > 2 / shares.length
}

/** Lets readers of small shares go on from where those of large ones are: systematic resampling (Kitagawa 1996). */
function chooseAnew(readers: readonly ScoreReader[], shares: readonly number[], number: number): void {
  const copies = readers.map(() => 0)
  let mass = 0
  let placed = 0
  for (const [i, share] of shares.entries()) {
    mass += share * readers.length
    for (; placed < readers.length && placed + number < mass; placed++) copies[i]!++
  }
  const left = readers.filter((_, i) => copies[i] === 0)
  for (const [i, reader] of readers.entries()) {
    for (let copy = 1; copy < copies[i]!; copy++) left.pop()?.going.become(reader.going)
    reader.weight = 0
  }
}

/** A note as one performance has it. */
interface ReadNote extends StepNote {
  /** The mean velocity of the note in all performances. */
  readonly mean: Velocity
}

/** The notes of a performance of a score; `means` holds the mean velocity of each pitch of each chord. */
function notesOf(
  events: readonly EventIndex[],
  { chords }: Score,
  means: readonly (readonly Velocity[])[],
): ReadNote[] {
  const notes = notesOfEvents(events, Number.POSITIVE_INFINITY)
  let first = 0
  return chords.flatMap(({ pitches }, n) => {
    const own = notes.slice(first, first + pitches.length)
    first += pitches.length
    return own.map((note) => ({ ...note, mean: means[n]![pitches.indexOf(note.pitch)]! }))
  })
}

/** The notes with the means for velocities, spread about their mean until their standard deviation is `deviation`. */
function averaged(notes: readonly ReadNote[], deviation: Velocity): StepNote[] {
  const mean = spreadOf(notes.map((note) => note.mean))
  const stretch = mean.deviation > 0 ? Math.min(deviation / mean.deviation, MOST_STRETCH) : 1
  return notes.map((note) => {
    const velocity = Math.round(mean.centre + (note.mean - mean.centre) * stretch)
    return {
      pitch: note.pitch,
      start: note.start,
      end: note.end,
      velocity: Math.min(Math.max(velocity, 1), 127),
    }
  })
}
