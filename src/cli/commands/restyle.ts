import { quantize, type StepNote } from '../../engine/language/performance.js'
import { languageOf } from '../../engine/model/model.js'
import { Refused } from '../../engine/refused.js'
import { restyle } from '../../engine/restyle/restyle.js'
import { LEAST_STYLE_NOTES } from '../../engine/style/profile.js'
import { STEP_MS } from '../../engine/units.js'
import { requireWritable, writeWhole } from '../../io/atomic-file.js'
import { openNetwork } from '../../io/models/open-network.js'
import { readMidiFile } from '../../io/recording/midi-file-reader.js'
import { writeMidi } from '../../io/recording/midi-file-writer.js'
import { type Flag, helpText, numberFrom, parseFlags, textFrom } from '../flags/flags.js'
import { HELP_FLAG, NETWORK_FLAGS, networkFrom, SEED_FLAG, seedFrom } from '../flags/music-flags.js'
import { showShare } from '../progress.js'

/** The balance if nobody says. With less, the style is heard less; with more, the content's harmony is kept less. 0.9 gained nothing. */
const BALANCE = 0.7

/** How many ways are tried if nobody says. Twice as many take twice the time. */
const BEAM = 8

/** The fewest notes of a melody: fewer are none. */
const LEAST_CONTENT = 4

/** The longest content and style, in minutes: the tables of a longer one would fill the memory. */
const LONGEST = 30

const FLAGS: readonly Flag[] = [
  { name: 'style', value: 'FILE', help: 'a MIDI file whose manner the music takes on' },
  { name: 'output', short: 'o', value: 'FILE', help: 'the MIDI file to write' },
  {
    name: 'balance',
    value: 'N',
    help: `from the content alone, 0, to all of the style that keeps the melody, 1 (${BALANCE})`,
  },
  {
    name: 'beam',
    value: 'N',
    help: `how many ways are tried for each phrase, of which the best goes on (1 to 64; ${BEAM})`,
  },
  {
    name: 'keep-key',
    help: 'stay in the key of the content; else it may move to the key in which it is nearest to the style',
  },
  SEED_FLAG,
  ...NETWORK_FLAGS,
  HELP_FLAG,
]

export const RESTYLE_HELP = helpText(
  'rubato restyle CONTENT.mid --style STYLE.mid -o OUT.mid [options]',
  'Plays the melody, bass and harmony of one MIDI file in the manner of another.',
  [['Options', FLAGS]],
)

/** `rubato restyle`. Throws Refused; returns the exit code. */
export async function restyleCommand(args: readonly string[]): Promise<number> {
  const given = parseFlags(args, FLAGS, true)
  if (given.values.help) {
    process.stdout.write(RESTYLE_HELP)
    return 0
  }
  const [path] = given.positionals
  if (path === undefined || given.positionals.length > 1)
    throw new Refused('Which music? Give one MIDI file whose melody stays.')
  const stylePath = textFrom(given, 'style')
  if (stylePath === null) throw new Refused('In what manner? Give a MIDI file with --style STYLE.mid.')
  const output = textFrom(given, 'output')
  if (output === null) throw new Refused('Where to? Give the MIDI file to write with -o FILE.mid.')
  const balance = numberFrom(given, 'balance', { min: 0, max: 1 }, BALANCE)
  const beam = numberFrom(given, 'beam', { min: 1, max: 64, whole: true }, BEAM)
  requireWritable(output)
  const seed = seedFrom(given)
  const { model, backend, precision } = networkFrom(given)
  const { hasEnds, step } = languageOf(model.spec)
  if (!hasEnds) throw new Refused('Drums have no melody that could stay; choose --model piano or melody.')
  if (step === 'beat')
    throw new Refused(
      `The model ${model.spec.name} plays in beats, and performances needn't have any; choose --model piano or melody.`,
    )
  const content = await readNotes(path, LEAST_CONTENT, 'hold a melody')
  const style = await readNotes(stylePath, LEAST_STYLE_NOTES, 'show a manner')
  const open = () => openNetwork(model.weights, backend, precision)
  const [network, ear] = [await open(), await open()]
  const seconds = Math.ceil((lengthOf(content) * STEP_MS) / 1000)
  const started = performance.now()
  const mayTranspose = given.values['keep-key'] !== true
  const { notes, transposition, styleLoss, contentLoss } = restyle(
    { network, ear, spec: model.spec, content, style, balance, mayTranspose, seed, beam },
    showShare((share) => `${Math.floor(share * 100)} % of the work`),
  )
  const played = notes.map((note) => ({ ...note, start: note.start * STEP_MS, end: note.end * STEP_MS }))
  writeWhole(output, writeMidi([{ name: `Rubato, seed ${seed}`, channel: 0, notes: played }]))
  const took = ((performance.now() - started) / 1000).toFixed(1)
  const losses = `style loss ${styleLoss.toFixed(3)}, content loss ${contentLoss.toFixed(3)}`
  const moved = transposition === 0 ? '' : `moved by ${transposition} semitones, `
  process.stdout.write(
    `${output}: ${notes.length} notes, ${seconds} s, ${moved}${losses}, seed ${seed}, made in ${took} s.\n`,
  )
  return 0
}

/** The notes of a file on the event clock. Throws Refused where they are too few or too many. */
async function readNotes(path: string, least: number, use: string): Promise<StepNote[]> {
  const notes = quantize((await readMidiFile(path)).notes)
  if (notes.length < least)
    throw new Refused(`${path} has ${notes.length || 'no'} notes; it takes at least ${least} to ${use}.`)
  if (lengthOf(notes) * STEP_MS > LONGEST * 60_000)
    throw new Refused(`${path} lasts longer than ${LONGEST} minutes; give a part of it.`)
  return notes
}

function lengthOf(notes: readonly StepNote[]): number {
  return notes.reduce((last, { end }) => Math.max(last, end), 0)
}
