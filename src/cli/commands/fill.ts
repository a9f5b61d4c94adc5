import { languageOf } from '../../engine/model/model.js'
import { fillGap } from '../../engine/offline/fill.js'
import { Refused } from '../../engine/refused.js'
import { requireWritable, writeWhole } from '../../io/atomic-file.js'
import { openNetwork } from '../../io/models/open-network.js'
import { readMidiFile } from '../../io/recording/midi-file-reader.js'
import { writeMidi } from '../../io/recording/midi-file-writer.js'
import { type Flag, helpText, numberFrom, parseFlags, textFrom } from '../flags/flags.js'
import { HELP_FLAG, NETWORK_FLAGS, networkFrom, SEED_FLAG, seedFrom } from '../flags/music-flags.js'
import { showProgress } from '../progress.js'

/** How many ways are tried if nobody says. With fewer, luck decides; twice as many take twice the time for little. */
const CANDIDATES = 12

const FLAGS: readonly Flag[] = [
  { name: 'from', value: 'SECONDS', help: 'where the gap begins, from the beginning of the file' },
  { name: 'to', value: 'SECONDS', help: 'where it ends: up to 120 s later, and before the last note' },
  { name: 'output', short: 'o', value: 'FILE', help: 'the MIDI file to write' },
  {
    name: 'candidates',
    value: 'N',
    help: `how many ways are tried, of which the likeliest is kept (1 to 64; ${CANDIDATES})`,
  },
  SEED_FLAG,
  ...NETWORK_FLAGS,
  HELP_FLAG,
]

export const FILL_HELP = helpText(
  'rubato fill FILE.mid --from S --to S -o OUT.mid [options]',
  'Plays the notes between two times of a MIDI file anew, so that they fit what is before and after them.',
  [['Options', FLAGS]],
)

/** `rubato fill`. Throws Refused; returns the exit code. */
export async function fillCommand(args: readonly string[]): Promise<number> {
  const given = parseFlags(args, FLAGS, true)
  if (given.values.help) {
    process.stdout.write(FILL_HELP)
    return 0
  }
  const [path] = given.positionals
  if (path === undefined || given.positionals.length > 1)
    throw new Refused('Which file? Give one MIDI file to fill.')
  const output = textFrom(given, 'output')
  if (output === null) throw new Refused('Where to? Give the MIDI file to write with -o FILE.mid.')
  const from = timeFrom(given, 'from')
  const to = timeFrom(given, 'to')
  const candidates = numberFrom(given, 'candidates', { min: 1, max: 64, whole: true }, CANDIDATES)
  requireWritable(output)
  const seed = seedFrom(given)
  const { model, backend, precision } = networkFrom(given)
  const { layout, hasEnds, step } = languageOf(model.spec)
  if (!hasEnds) throw new Refused('Drums have no gaps that can be filled; choose --model piano or melody.')
  if (step === 'beat')
    throw new Refused(
      `The model ${model.spec.name} plays in beats, which a gap of seconds doesn't keep; choose --model piano or melody.`,
    )
  const { notes } = await readMidiFile(path)
  const network = await openNetwork(model.weights, backend, precision)
  const started = performance.now()
  const options = { network, layout, seed, candidates, notes, from: 1000 * from, to: 1000 * to }
  const filling = fillGap(options, showProgress(Number((to - from).toFixed(2))))
  writeWhole(output, writeMidi([{ name: `Rubato, seed ${seed}`, channel: 0, notes: filling.notes }]))
  const took = ((performance.now() - started) / 1000).toFixed(1)
  const likelihood = `${filling.nats.toFixed(2)} nats per event, the median one ${filling.medianNats.toFixed(2)}`
  process.stdout.write(
    `${output}: ${filling.played} notes from ${from} to ${to} s, the likeliest of ${candidates} ways (${likelihood}), seed ${seed}, made in ${took} s.\n`,
  )
  return 0
}

/** A time in seconds. Throws Refused where it is missing. */
function timeFrom(given: Parameters<typeof numberFrom>[0], flag: 'from' | 'to'): number {
  const seconds = numberFrom(given, flag, { min: 0, max: 86_400 }, null)
  if (seconds === null) throw new Refused('Which gap? Give its times in seconds with --from and --to.')
  return seconds
}
