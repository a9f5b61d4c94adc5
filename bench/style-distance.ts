import { type Flag, helpText, numberFrom, parseFlags, textFrom } from '../src/cli/flags/flags.js'
import { HELP_FLAG, NETWORK_FLAGS, networkFrom } from '../src/cli/flags/music-flags.js'
import { encodeSteps, type StepNote } from '../src/engine/language/performance.js'
import { Refused } from '../src/engine/refused.js'
import { gramOf } from '../src/engine/style/gram.js'
import { profileOf } from '../src/engine/style/measure.js'
import {
  FIGURE_NAMES,
  LEAST_STYLE_NOTES,
  SHARE_NAMES,
  SHARES,
  type StyleProfile,
} from '../src/engine/style/profile.js'
import { STEP_MS, type Steps } from '../src/engine/units.js'
import { messageOf } from '../src/io/error-text.js'
import { openNetwork } from '../src/io/models/open-network.js'
import {
  beginOf,
  cut,
  MEASURES,
  notesOf,
  piecesByPianist,
  type Recording,
  recordingsOf,
  type Style,
} from './style-recordings.js'
import { printTable, round } from './table.js'

const FLAGS: readonly Flag[] = [
  { name: 'split', value: 'NAME', help: 'the performances of train, validation or test (validation)' },
  { name: 'people', value: 'N', help: 'how many pianists at most (60)' },
  { name: 'seconds', value: 'N', help: 'length of an excerpt, of which each half is a style (60)' },
  {
    name: 'mean',
    help: 'print the mean profile of all performances of the split, as JSON, and nothing else',
  },
  ...NETWORK_FLAGS,
  HELP_FLAG,
]
const HELP = helpText(
  'node build/bench/style-distance.js MAESTRO-FOLDER [options]',
  'Measures whether the style of one half of an excerpt is nearest to that of its other half, among ten pianists.',
  [['Options', FLAGS]],
)

/** References among which the right one must be found. */
const REFERENCES = 10
/** Semitones by which halves are transposed, one after another, so that the key tells nothing. */
const TRANSPOSITIONS = [-5, 3, -2, 6, 1, -4, 5, -1, 4, -3, 2]
/** The styles of a pianist's excerpts; null where there are too few notes or no second piece. */
interface Pianist {
  readonly reference: Style
  readonly candidates: Readonly<Record<Candidate, Style | null>>
}

const CANDIDATES = {
  same: 'the other half',
  transposed: 'the other half in another key',
  other: 'another piece of the same pianist',
} as const
type Candidate = keyof typeof CANDIDATES
const CANDIDATE_NAMES = Object.keys(CANDIDATES) as Candidate[]

/**
 * The share of all choices of nine wrong references that leave the right one nearest, in the mean of the pianists, in percent.
 */
function percentRight(
  asked: readonly { readonly reference: Style; readonly candidate: Style }[],
  measure: (a: Style, b: Style) => number,
): number {
  let sum = 0
  for (const pianist of asked) {
    const { candidate } = pianist
    const own = measure(pianist.reference, candidate)
    const others = asked.length - 1
    const nearer = asked.filter(({ reference }) => measure(reference, candidate) < own).length
    let right = 1
    for (let n = 0; n < REFERENCES - 1; n++) right *= Math.max(0, others - nearer - n) / (others - n)
    sum += right
  }
  return round((100 * sum) / asked.length, 1)
}

/** The styles of the first `most` pianists whose excerpts of `half` steps have enough notes. */
async function pianistsOf(
  folder: string,
  recordings: readonly Recording[],
  most: number,
  half: Steps,
  styleOf: (notes: readonly StepNote[]) => Style | null,
): Promise<Pianist[]> {
  const pianists: Pianist[] = []
  for (const [first, second] of piecesByPianist(recordings)) {
    if (pianists.length === most) break
    const notes = await notesOf(folder, first.file)
    const from = beginOf(notes)
    const reference = styleOf(cut(notes, from, half))
    if (!reference) continue
    const transpose = TRANSPOSITIONS[pianists.length % TRANSPOSITIONS.length]
    const others = second && (await notesOf(folder, second.file))
    const candidates = {
      same: styleOf(cut(notes, from + half, half)),
      transposed: styleOf(cut(notes, from + half, half, transpose)),
      other: others ? styleOf(cut(others, beginOf(others), half)) : null,
    }
    pianists.push({ reference, candidates })
  }
  return pianists
}

async function meanProfile(folder: string, recordings: readonly Recording[]): Promise<StyleProfile> {
  const profiles: StyleProfile[] = []
  for (const { file } of recordings) profiles.push(profileOf(await notesOf(folder, file)))
  const mean = (value: (profile: StyleProfile) => number) =>
    Number((profiles.reduce((sum, profile) => sum + value(profile), 0) / profiles.length).toPrecision(4))
  const figures = FIGURE_NAMES.map((name) => [name, mean((profile) => profile[name])])
  const shares = SHARE_NAMES.map((name) => [
    name,
    Array.from({ length: SHARES[name] }, (_, n) => mean((profile) => profile[name][n]!)),
  ])
  return { ...Object.fromEntries([...figures, ...shares]), notes: 0 }
}

async function main(): Promise<void> {
  const given = parseFlags(process.argv.slice(2), FLAGS, true)
  if (given.values.help) {
    process.stdout.write(HELP)
    return
  }
  const [folder] = given.positionals
  if (folder === undefined)
    throw new Refused('Give the folder of MAESTRO: node build/bench/style-distance.js FOLDER')
  const recordings = recordingsOf(folder, textFrom(given, 'split') ?? 'validation')
  if (recordings.length === 0) throw new Refused(`${folder} has no recordings of that split.`)
  if (given.values.mean) {
    process.stdout.write(`${JSON.stringify(await meanProfile(folder, recordings))}\n`)
    return
  }
  const most = numberFrom(given, 'people', { min: REFERENCES, max: 1000 }, 60)
  const half: Steps = numberFrom(given, 'seconds', { min: 10, max: 600 }, 60) * (500 / STEP_MS)
  const { model, backend, precision } = networkFrom(given)
  const network = await openNetwork(model.weights, backend, precision)
  const styleOf = (notes: readonly StepNote[]): Style | null =>
    notes.length < LEAST_STYLE_NOTES
      ? null
      : { gram: gramOf(network, model.spec.network, encodeSteps(notes)), profile: profileOf(notes) }
  const pianists = await pianistsOf(folder, recordings, most, half, styleOf)
  printTable(
    `The right one of ${REFERENCES} references is nearest, in percent (chance: ${100 / REFERENCES})`,
    CANDIDATE_NAMES.map((name) => {
      const asked = pianists.flatMap(({ reference, candidates }) => {
        const candidate = candidates[name]
        return candidate ? [{ reference, candidate }] : []
      })
      const percents = Object.entries(MEASURES).map(([title, measure]) => [
        title,
        percentRight(asked, measure),
      ])
      return { candidate: CANDIDATES[name], pianists: asked.length, ...Object.fromEntries(percents) }
    }),
  )
}

try {
  await main()
} catch (error) {
  process.stderr.write(`${messageOf(error)}\n`)
  process.exitCode = error instanceof Refused ? 2 : 1
}
