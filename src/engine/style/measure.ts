import { findCentre } from '../form/key-finding.js'
import { eventPitch, isNoteOn, isTimeShift, PITCH_COUNT, shiftSteps } from '../language/events.js'
import { encodeSteps, type StepNote } from '../language/performance.js'
import { firstMoment, type Moment, passEvent } from '../sampling/moment.js'
import { type Pitch, STEP_MS, type Steps } from '../units.js'
import { NEUTRAL_PROFILE } from './neutral-profile.js'
import {
  CHORD,
  degreeShare,
  FIGURE_NAMES,
  FIGURES,
  type FigureName,
  intervalShare,
  registerShare,
  SHARE_NAMES,
  SHARES,
  type ShareName,
  type StyleProfile,
  velocityShare,
  waitShare,
} from './profile.js'

/** A note's length as a multiple of the wait after it counts as at most this: a held bass says nothing about the touch. */
const LONGEST_TOUCH = 10

/** Figures that are compared by their ratio, so their means are geometric. */
const RATIOS: readonly FigureName[] = ['density', 'articulation', 'noteLength']

/**
 * What is known of a manner before it is heard: as if so many notes of the neutral profile had come before, for the figures and
 * for each list of shares. On 120 performances of MAESTRO's training split, profiles of 20 to 500 notes drawn so far predict the
 * next 30 s about best. With fewer, a phrase of 20 notes makes a habit of each chance; with more, it takes minutes until a
 * manner shows. Shares need more, because each is seen rarely.
 */
const FIGURE_WEIGHT = 30
const SHARE_WEIGHT = 100

/**
 * The manner of a performance of `notes`, ordered as `quantize` returns them, drawn towards `neutral` the more the fewer notes
 * there are: by {@link FIGURE_WEIGHT} and {@link SHARE_WEIGHT}. Without notes it is the neutral one. Allocates; never throws.
 */
export function profileOf(notes: readonly StepNote[], neutral: StyleProfile = NEUTRAL_PROFILE): StyleProfile {
  if (notes.length === 0) return { ...neutral, notes: 0 }
  const counts = countShares(notes)
  const shares = SHARE_NAMES.map((name) => [name, drawnShares(counts[name], neutral[name])])
  const played = measureFigures(notes)
  const own = notes.length / (notes.length + FIGURE_WEIGHT)
  const figures = FIGURE_NAMES.map((name) => [name, drawnFigure(name, neutral[name], played[name], own)])
  return { ...Object.fromEntries([...figures, ...shares]), notes: notes.length }
}

/** A figure that is `own` (0-1) of the way from the neutral one to the one played. */
function drawnFigure(name: FigureName, neutral: number, played: number, own: number): number {
  if (RATIOS.includes(name)) return neutral ** (1 - own) * played ** own
  return neutral * (1 - own) + played * own
}

/** The pitch struck last, of a chord the highest; -1 if it doesn't sound any more. Allocates nothing. */
export function lastStruck({ struckAt, sounding, lastStrike }: Moment): Pitch {
  if (sounding === 0) return -1
  for (let pitch = PITCH_COUNT - 1; pitch >= 0; pitch--) if (struckAt[pitch] === lastStrike) return pitch
  return -1
}

/** Whether a note struck at the moment is struck together with the one before. */
export function isInChord({ clock, lastStrike }: Moment): boolean {
  return lastStrike >= 0 && clock - lastStrike < CHORD
}

/** Counts what happens at the moments of a performance, in the very way in which style-factors.ts asks about a moment. */
function countShares(notes: readonly StepNote[]): Record<ShareName, number[]> {
  const counts = Object.fromEntries(
    SHARE_NAMES.map((name) => [name, new Array<number>(SHARES[name]).fill(0)]),
  ) as Record<ShareName, number[]>
  const count = (name: ShareName, index: number) => {
    counts[name][index] = counts[name][index]! + 1
  }
  const moment = firstMoment(0)
  for (const event of encodeSteps(fromZero(notes))) {
    if (isTimeShift(event)) count('waits', waitShare(shiftSteps(event)))
    if (isNoteOn(event)) {
      const pitch = eventPitch(event)
      const centre = findCentre(moment.recentPitchClasses)
      const last = lastStruck(moment)
      count('velocities', velocityShare(moment.bin))
      count('registers', registerShare(pitch))
      if (centre >= 0) count('degrees', degreeShare(pitch, centre))
      if (last >= 0) count('intervals', intervalShare(pitch - last))
    }
    passEvent(moment, event)
  }
  return counts
}

function fromZero(notes: readonly StepNote[]): StepNote[] {
  const origin = notes[0]?.start ?? 0
  return notes.map((note) => ({ ...note, start: note.start - origin, end: note.end - origin }))
}

/** Counts as shares, with the neutral ones added. */
function drawnShares(counts: readonly number[], neutral: readonly number[]): number[] {
  const total = counts.reduce((sum, count) => sum + count, SHARE_WEIGHT)
  return counts.map((count, n) => (count + SHARE_WEIGHT * neutral[n]!) / total)
}

function measureFigures(notes: readonly StepNote[]): Record<FigureName, number> {
  const seconds = (steps: Steps) => (steps * STEP_MS) / 1000
  const span = seconds(notes.at(-1)!.start - notes[0]!.start)
  const velocities = notes.map((note) => note.velocity)
  const pitches = notes.map((note) => note.pitch).toSorted((a, b) => a - b)
  const waits = waitsAfter(notes)
  const velocity = mean(velocities)
  const touches = notes.flatMap(({ start, end }, n) => {
    const wait = waits[n]
    return wait === undefined ? [] : [Math.min((end - start) / wait, LONGEST_TOUCH)]
  })
  const figures: Record<FigureName, number> = {
    notes: notes.length,
    // The last note has no time of its own until the next strike, so it isn't counted.
    density: (notes.length - 1) / Math.max(span, 1),
    velocity,
    velocitySpread: Math.sqrt(mean(velocities.map((value) => (value - velocity) ** 2))),
    lowPitch: pitches[Math.floor((notes.length - 1) * 0.1)]!,
    meanPitch: mean(pitches),
    highPitch: pitches[Math.ceil((notes.length - 1) * 0.9)]!,
    articulation: geometricMean(touches),
    noteLength: geometricMean(notes.map(({ start, end }) => seconds(end - start))),
    chordShare:
      notes.filter(({ start }, n) => n > 0 && start - notes[n - 1]!.start < CHORD).length / notes.length,
  }
  for (const name of FIGURE_NAMES) {
    const [least, most] = FIGURES[name]
    figures[name] = Math.min(Math.max(figures[name], least), most)
  }
  return figures
}

/** For each note the steps to the next strike that isn't of the same chord; undefined where none comes. */
function waitsAfter(notes: readonly StepNote[]): (Steps | undefined)[] {
  let next = 0
  return notes.map(({ start }) => {
    while (next < notes.length && notes[next]!.start - start < CHORD) next++
    const following = notes[next]
    return following && following.start - start
  })
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

/** 1 for no values. */
function geometricMean(values: readonly number[]): number {
  return values.length === 0 ? 1 : Math.exp(mean(values.map(Math.log)))
}
