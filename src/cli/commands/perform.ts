import { scoreOf } from '../../engine/form/score.js'
import { languageOf } from '../../engine/model/model.js'
import { perform } from '../../engine/offline/perform.js'
import { Refused } from '../../engine/refused.js'
import { STEP_MS } from '../../engine/units.js'
import { requireWritable, writeWhole } from '../../io/atomic-file.js'
import { openNetwork } from '../../io/models/open-network.js'
import { writeMidi } from '../../io/recording/midi-file-writer.js'
import { type Flag, helpText, parseFlags, textFrom } from '../flags/flags.js'
import { HELP_FLAG, NETWORK_FLAGS, networkFrom, SEED_FLAG, seedFrom } from '../flags/music-flags.js'
import {
  EXPRESSION_FLAG,
  FREEDOM_FLAG,
  freedomFrom,
  readScore,
  requirePianist,
  withLoudness,
} from '../flags/score-flags.js'
import { showShare } from '../progress.js'

const FLAGS: readonly Flag[] = [
  { name: 'output', short: 'o', value: 'FILE', help: 'the MIDI file to write' },
  FREEDOM_FLAG,
  EXPRESSION_FLAG,
  SEED_FLAG,
  ...NETWORK_FLAGS,
  HELP_FLAG,
]

export const PERFORM_HELP = helpText(
  'rubato perform SCORE.mid -o FILE.mid [options]',
  "Plays the notes of a score, each once, with a pianist's timing, loudness and lengths.",
  [['Options', FLAGS]],
)

/** `rubato perform`. Throws Refused; returns the exit code. */
export async function performCommand(args: readonly string[]): Promise<number> {
  const given = parseFlags(args, FLAGS, true)
  if (given.values.help) {
    process.stdout.write(PERFORM_HELP)
    return 0
  }
  const [path, ...others] = given.positionals
  if (path === undefined || others.length > 0)
    throw new Refused('Which score? Give one MIDI file: rubato perform SCORE.mid -o FILE.mid.')
  const output = textFrom(given, 'output')
  if (output === null) throw new Refused('Where to? Give the MIDI file to write with -o FILE.mid.')
  requireWritable(output)
  const freedom = freedomFrom(given)
  const seed = seedFrom(given)
  const { model, backend, precision } = networkFrom(given)
  requirePianist(model)
  const file = await readScore(path)
  const score = withLoudness(scoreOf(file.notes, freedom), given)
  const network = await openNetwork(model.weights, backend, precision)
  const started = performance.now()
  const tellProgress = showShare((share) => `${Math.floor(share * 100)} % of the score`)
  const steps = perform({ network, layout: languageOf(model.spec).layout, seed, score }, tellProgress)
  const notes = steps.map((note) => ({ ...note, start: note.start * STEP_MS, end: note.end * STEP_MS }))
  writeWhole(output, writeMidi([{ name: `Rubato, seed ${seed}`, channel: 0, notes }]))
  const took = ((performance.now() - started) / 1000).toFixed(1)
  const seconds = Math.round(notes.reduce((last, { end }) => Math.max(last, end), 0) / 1000)
  process.stdout.write(`${output}: ${notes.length} notes, ${seconds} s, seed ${seed}, made in ${took} s.\n`)
  if (file.doubled > 0)
    process.stdout.write(`Notes that the score strikes twice at a time are played once: ${file.doubled}.\n`)
  return 0
}
