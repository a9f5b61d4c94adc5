import { tempoMapOf } from '../../engine/clock/tempo-map.js'
import { languageOf } from '../../engine/model/model.js'
import { type Provenance, replayTake, type Take } from '../../engine/offline/take.js'
import { Refused } from '../../engine/refused.js'
import { requireWritable, writeWhole } from '../../io/atomic-file.js'
import { openNetwork } from '../../io/models/open-network.js'
import { packageVersion } from '../../io/package-root.js'
import { writeMidi } from '../../io/recording/midi-file-writer.js'
import { readTake } from '../../io/recording/take-reader.js'
import { type Flag, helpText, parseFlags, textFrom } from '../flags/flags.js'
import { HELP_FLAG, NETWORK_FLAGS, networkFrom, shippedModel } from '../flags/music-flags.js'

const FLAGS: readonly Flag[] = [
  { name: 'output', short: 'o', value: 'FILE', help: 'the MIDI file to write' },
  ...NETWORK_FLAGS,
  HELP_FLAG,
]

export const REPLAY_HELP = helpText(
  'rubato replay TAKE.json -o FILE.mid',
  'Plays a take (play --take) again into a MIDI file: the same notes, and the same bytes each time.',
  [['Options', FLAGS]],
)

/** The names of the parts of a take's provenance in sentences. */
const NAMES: Readonly<Record<keyof Provenance, string>> = {
  program: 'version of Rubato',
  weights: "model's checksum",
  backend: 'backend and precision',
}

/** `rubato replay`. Throws Refused; returns the exit code. */
export async function replayCommand(args: readonly string[]): Promise<number> {
  const given = parseFlags(args, FLAGS, true)
  if (given.values.help) {
    process.stdout.write(REPLAY_HELP)
    return 0
  }
  const [path, ...more] = given.positionals
  const output = textFrom(given, 'output')
  if (path === undefined || more.length > 0 || output === null) {
    throw new Refused('Which take, and where to? rubato replay TAKE.json -o FILE.mid')
  }
  requireWritable(output)
  const take = readTake(path)
  const played = shippedModel(take.model)
  if (played === undefined && textFrom(given, 'model') === null) {
    throw new Refused(
      `${path} was played with the model "${take.model}", which doesn't come with Rubato: name its folder with --model.`,
    )
  }
  const { model, backend, precision } = networkFrom(given, played)
  const network = await openNetwork(model.weights, backend, precision)
  const now: Provenance = { program: packageVersion(), weights: model.sha256, backend: network.backend }
  for (const sentence of differences(take, now)) process.stderr.write(`${sentence}\n`)
  const { notes, controlChanges, beats } = replayTake(take, { network, ...languageOf(model.spec) })
  const [first] = notes
  if (!first) throw new Refused('There is no note in this take; nothing was written.')
  writeWhole(
    output,
    writeMidi([{ name: 'Rubato', channel: 0, notes, controlChanges }], {
      time: tempoMapOf(beats, first.start),
    }),
  )
  // Math.max(...notes) would fail: hours have more notes than a call may have arguments.
  const seconds = Math.round((notes.reduce((last, { end }) => Math.max(last, end), 0) - first.start) / 1000)
  process.stdout.write(`${output}: ${notes.length} notes, ${seconds} s, ${take.inputs.length} inputs.\n`)
  return 0
}

/** A sentence for each part of the provenance that differs from what the take was made with. */
function differences(take: Take, now: Provenance): string[] {
  const keys = Object.keys(NAMES) as (keyof Provenance)[]
  return keys
    .filter((key) => take[key] !== now[key])
    .map(
      (key) => `Another ${NAMES[key]} (${take[key]} then, ${now[key]} now): the notes may not be the same.`,
    )
}
