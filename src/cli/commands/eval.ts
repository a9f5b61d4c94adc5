import { stepsOf } from '../../engine/language/percussion.js'
import { encodeSteps } from '../../engine/language/performance.js'
import { CONDITIONING_LAYOUTS } from '../../engine/model/conditioning.js'
import { emptyRequest } from '../../engine/model/conditioning-request.js'
import { languageOf } from '../../engine/model/model.js'
import { evaluate } from '../../engine/offline/evaluate.js'
import { comingNotes } from '../../engine/offline/performance-conditioning.js'
import { Refused } from '../../engine/refused.js'
import { openNetwork } from '../../io/models/open-network.js'
import { listMidiFiles, readMidiFile } from '../../io/recording/midi-file-reader.js'
import { choiceFrom, type Flag, helpText, parseFlags } from '../flags/flags.js'
import { HELP_FLAG, JSON_FLAG, NETWORK_FLAGS, type NetworkChoice, networkFrom } from '../flags/music-flags.js'

const EVAL_FLAGS: readonly Flag[] = [
  { name: 'condition', value: 'WHAT', help: 'none, or all: tell the network what is to come (none)' },
  JSON_FLAG,
  ...NETWORK_FLAGS,
  HELP_FLAG,
]

export const EVAL_HELP = helpText(
  'rubato eval PATH... [options]',
  'Measures how well the model foretells MIDI files: mean negative log-likelihood in nats per event.',
  [['Options', EVAL_FLAGS]],
)

/** `rubato eval`. Throws Refused; returns the exit code. */
export async function evalCommand(args: readonly string[]): Promise<number> {
  const given = parseFlags(args, EVAL_FLAGS, true)
  if (given.values.help) {
    process.stdout.write(EVAL_HELP)
    return 0
  }
  if (given.positionals.length === 0)
    throw new Refused('Which files? Give MIDI files or folders to evaluate.')
  return evaluateFiles({
    paths: given.positionals,
    condition: choiceFrom(given, 'condition', ['none', 'all']),
    json: given.values.json === true,
    ...networkFrom(given),
  })
}

/** The performances to evaluate, and how to evaluate them. */
export interface EvalOptions extends NetworkChoice {
  /** MIDI files, and folders to search for them; at least one. */
  readonly paths: readonly string[]
  /** Whether the network is told of the coming notes: with `all`, their density, pitch classes and loudness. */
  readonly condition: 'none' | 'all'
  /** Whether to print one JSON object instead of a table. */
  readonly json: boolean
}

/** Where a command writes: results to `out`; progress (on a terminal only) and refused files to `err`. */
interface EvalOutput {
  readonly out: { write(text: string): unknown }
  readonly err: { write(text: string): unknown; readonly isTTY?: boolean }
}

/** The result of one file. */
interface FileScore {
  readonly path: string
  readonly events: number
  /** Mean negative log-likelihood of an event of this file, in nats. */
  readonly nats: number
}

/**
 * Measures how well the model predicts performances: the mean negative log-likelihood of an event in nats,
 * teacher-forced, per file and over the events of all. `--json` prints `{"files": [{"path", "events", "nats"}],
 * "events", "natsPerEvent"}`, both means in nats per event.
 *
 * A file that can't be used is named on `err` with the reason, and the others are evaluated. Throws {@link Refused}
 * for a path that doesn't exist, a model that can't be used, or when no file could be used.
 *
 * @returns the exit code: 0, or 1 if a file was left out
 */
export async function evaluateFiles(
  options: EvalOptions,
  { out, err }: EvalOutput = { out: process.stdout, err: process.stderr },
): Promise<number> {
  const paths = await listMidiFiles(options.paths)
  const { spec, weights } = options.model
  const { hasEnds, step } = languageOf(spec)
  const fill = CONDITIONING_LAYOUTS.get(spec.conditioning)?.fill
  if (!fill) throw new Refused(`The conditioning layout ${spec.conditioning} isn't known here.`)
  const nothing = emptyRequest()
  const network = await openNetwork(weights, options.backend, options.precision)

  const files: FileScore[] = []
  let events = 0
  let nats = 0
  for (const [n, path] of paths.entries()) {
    if (err.isTTY) err.write(`\r\x1b[K${n + 1}/${paths.length} ${path}`)
    try {
      const notes = stepsOf((await readMidiFile(path, step)).notes, hasEnds, step)
      if (notes.length === 0) throw new Refused(`${path} has no notes.`)
      // `fill` runs even without coming notes, because some networks always receive the place in the bar.
      const coming = options.condition === 'all' ? comingNotes(notes) : () => nothing
      const score = evaluate(network, encodeSteps(notes, hasEnds), { coming, fill })
      files.push({ path, events: score.events, nats: score.nats / score.events })
      events += score.events
      nats += score.nats
    } catch (error) {
      if (!(error instanceof Refused)) throw error
      err.write(`${err.isTTY ? '\r\x1b[K' : ''}${error.message}\n`)
    }
  }
  if (err.isTTY) err.write('\r\x1b[K')
  if (files.length === 0) throw new Refused('None of the files could be evaluated.')

  const natsPerEvent = nats / events
  out.write(
    options.json
      ? `${JSON.stringify({ files, events, natsPerEvent })}\n`
      : table(files, events, natsPerEvent),
  )
  return files.length < paths.length ? 1 : 0
}

function table(files: readonly FileScore[], events: number, natsPerEvent: number): string {
  const row = (count: number | string, mean: number | string, name: string) =>
    `${String(count).padStart(9)}  ${typeof mean === 'number' ? mean.toFixed(4) : mean}  ${name}\n`
  const rows = files.map((file) => row(file.events, file.nats, file.path))
  const total = files.length > 1 ? row(events, natsPerEvent, `all ${files.length} files`) : ''
  return `${row('events', ' nats ', 'file (nats: mean per event)')}${rows.join('')}${total}`
}
