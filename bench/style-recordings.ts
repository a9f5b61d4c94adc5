import { join } from 'node:path'
import { quantize, type StepNote } from '../src/engine/language/performance.js'
import type { Gram } from '../src/engine/style/gram.js'
import { SHARE_NAMES, type StyleProfile } from '../src/engine/style/profile.js'
import { STEP_MS, type Steps } from '../src/engine/units.js'
import { readMidiFile } from '../src/io/recording/midi-file-reader.js'
import { performancesIn } from './maestro-table.js'

/** An excerpt begins at this share of a performance, because beginnings are often unlike the rest. */
const BEGINS_AT = 0.3
const LOWEST = 21
const HIGHEST = 108

/** A file of the data set. MAESTRO names no pianists, but the competition's year and the pianist's number in it. */
export interface Recording {
  readonly file: string
  readonly composer: string
  readonly pianist: string | null
}

/** A style by both measures. */
export interface Style {
  readonly gram: Gram
  readonly profile: StyleProfile
}

export const MEASURES: Readonly<Record<string, (a: Style, b: Style) => number>> = {
  'Gram matrices': (a, b) => a.gram.distance(b.gram),
  'shares of the profile': (a, b) => shareDistance(a.profile, b.profile),
}

/** The sum over the lists of shares of the squared Hellinger distances, each 0-2. */
function shareDistance(a: StyleProfile, b: StyleProfile): number {
  let sum = 0
  for (const name of SHARE_NAMES)
    for (const [n, share] of a[name].entries()) sum += (Math.sqrt(share) - Math.sqrt(b[name][n] ?? 0)) ** 2
  return sum
}

export function recordingsOf(folder: string, split: string): Recording[] {
  return performancesIn(join(folder, 'maestro-v2.0.0.csv'), split).map(({ file, composer, year }) => {
    const number = /AUDIO_(\d+)_R\d/.exec(file)?.[1]
    return { file, composer, pianist: number === undefined ? null : `${year} ${number}` }
  })
}

export async function notesOf(folder: string, file: string): Promise<StepNote[]> {
  return quantize((await readMidiFile(join(folder, file))).notes)
}

export function beginOf(notes: readonly StepNote[]): Steps {
  return Math.floor((notes.at(-1)?.start ?? 0) * BEGINS_AT)
}

/** The notes struck from `from` on within `length` steps, transposed; notes that leave the keyboard move to its end. */
export function cut(notes: readonly StepNote[], from: Steps, length: Steps, transpose = 0): StepNote[] {
  const within = notes.filter(({ start }) => start >= from && start < from + length)
  return quantize(
    within.map(({ pitch, velocity, start, end }) => ({
      pitch: Math.min(HIGHEST, Math.max(LOWEST, pitch + transpose)),
      velocity,
      start: start * STEP_MS,
      end: Math.min(end, from + length) * STEP_MS,
    })),
  )
}

/** The first recording of each pianist, and one of another composer or at least another one, if there is any. */
export function piecesByPianist(
  recordings: readonly Recording[],
): (readonly [Recording, Recording | undefined])[] {
  const byPianist = new Map<string, Recording[]>()
  for (const recording of recordings) {
    const { pianist } = recording
    if (pianist !== null) byPianist.set(pianist, [...(byPianist.get(pianist) ?? []), recording])
  }
  return [...byPianist.entries()]
    .toSorted(([a], [b]) => a.localeCompare(b))
    .map(([, pieces]) => {
      const [first, ...others] = pieces
      return [first!, others.find(({ composer }) => composer !== first!.composer) ?? others[0]] as const
    })
}
