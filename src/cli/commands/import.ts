import { languageOf, type ModelSpec } from '../../engine/model/model.js'
import { unsupportedControls } from '../../engine/pianist/unsupported-controls.js'
import { Refused } from '../../engine/refused.js'
import { messageOf } from '../../io/error-text.js'
import { importModel } from '../../io/models/model-import.js'
import { INTERRUPTED_CODE } from '../exits.js'
import { type Flag, helpText, parseFlags } from '../flags/flags.js'
import { HELP_FLAG } from '../flags/music-flags.js'

const FLAGS: readonly Flag[] = [HELP_FLAG]

export const IMPORT_HELP = helpText(
  'rubato import SOURCE DEST',
  "Makes a model folder of Magenta's published weights (a folder or http(s) address with a weights_manifest.json), of a training run, or of a safetensors file.",
  [['Options', FLAGS]],
)

/** Signs of the bar that shows the progress. */
const BAR_WIDTH = 30

/** `rubato import`. Throws Refused; returns the exit code. */
export async function importCommand(args: readonly string[]): Promise<number> {
  const given = parseFlags(args, FLAGS, true)
  if (given.values.help) {
    process.stdout.write(IMPORT_HELP)
    return 0
  }
  const [source, target, ...more] = given.positionals
  if (!source || !target || more.length > 0)
    throw new Refused('From where, and to which folder? rubato import SOURCE DEST')
  const stop = new AbortController()
  const interrupt = () => stop.abort()
  // The handler acts once, so that a second Ctrl-C ends the program as it would without this handler.
  process.once('SIGINT', interrupt)
  try {
    const spec = await importModel(source, target, showProgress, { notice, stop: stop.signal })
    clearBar()
    process.stdout.write(describe(spec, target))
    return 0
  } catch (error) {
    clearBar()
    if (!stop.signal.aborted) throw error
    notice(messageOf(error))
    return INTERRUPTED_CODE
  } finally {
    process.off('SIGINT', interrupt)
  }
}

/** Shows a sentence on stderr, in place of the bar. */
function notice(sentence: string): void {
  clearBar()
  process.stderr.write(`${sentence}\n`)
}

function clearBar(): void {
  if (process.stderr.isTTY) process.stderr.write('\r\x1b[K')
}

function showProgress(bytes: number, of: number): void {
  if (!process.stderr.isTTY) return
  const done = Math.round((BAR_WIDTH * bytes) / Math.max(1, of))
  const bar = '#'.repeat(done).padEnd(BAR_WIDTH, '.')
  process.stderr.write(`\r${bar} ${(bytes / 1e6).toFixed(1)} of ${(of / 1e6).toFixed(1)} MB`)
}

function describe(spec: ModelSpec, target: string): string {
  const { layers, units } = spec.network
  const { layout, hasEnds } = languageOf(spec)
  const unsupported = Object.entries(unsupportedControls(layout, hasEnds))
  const lines = [
    `${target}: ${layers} layers of ${units} units, ${spec.events}, conditioning ${layout}. Play it: rubato --model ${target}`,
    ...unsupported.map(([name, why]) => `  ${name} does nothing with it: ${why}.`),
  ]
  return `${lines.join('\n')}\n`
}
