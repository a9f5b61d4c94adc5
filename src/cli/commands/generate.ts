import type { AppOptions } from '../../app/options.js'
import { languageOf } from '../../engine/model/model.js'
import { renderMusic } from '../../engine/offline/rendering.js'
import { Refused } from '../../engine/refused.js'
import { requireWritable, writeWhole } from '../../io/atomic-file.js'
import { openNetwork } from '../../io/models/open-network.js'
import { type MidiTrack, writeMidi } from '../../io/recording/midi-file-writer.js'
import { DRUMMER_FLAGS, drummerFrom, onItsChannel } from '../flags/drummer-flags.js'
import {
  CONTROL_FLAGS,
  controlsFrom,
  type Flag,
  helpText,
  numberFrom,
  parseFlags,
  textFrom,
} from '../flags/flags.js'
import { describeTheme, HELP_FLAG, MUSIC_FLAGS, musicFrom, unsupportedFlags } from '../flags/music-flags.js'
import { describeStyle } from '../flags/style-flag.js'
import { showProgress } from '../progress.js'

const FLAGS: readonly Flag[] = [
  { name: 'seconds', value: 'N', help: 'how long, from the first note on (60; up to 86400)' },
  { name: 'output', short: 'o', value: 'FILE', help: 'the MIDI file to write' },
  ...MUSIC_FLAGS,
  ...DRUMMER_FLAGS,
  HELP_FLAG,
]

export const GENERATE_HELP = helpText(
  'rubato generate --seconds N --seed N -o FILE.mid [controls]',
  'Writes a performance into a MIDI file, as fast as the machine goes.',
  [
    ['Options', FLAGS],
    ['Controls', CONTROL_FLAGS],
  ],
)

/** `rubato generate`. Throws Refused; returns the exit code. */
export async function generateCommand(args: readonly string[]): Promise<number> {
  const given = parseFlags(args, [...FLAGS, ...CONTROL_FLAGS], false)
  if (given.values.help) {
    process.stdout.write(GENERATE_HELP)
    return 0
  }
  const output = textFrom(given, 'output')
  if (output === null) throw new Refused('Where to? Give the MIDI file to write with -o FILE.mid.')
  requireWritable(output)
  const seconds = numberFrom(given, 'seconds', { min: 1, max: 86_400 }, 60)
  const { model, backend, precision, seed, prompt, theme, progression, style } = await musicFrom(given)
  const controls = onItsChannel(model, controlsFrom(given), given)
  const language = languageOf(model.spec)
  for (const sentence of unsupportedFlags(given, model)) process.stderr.write(`${sentence}\n`)
  if (style) process.stderr.write(`${describeStyle(style, controls.styleStrength)}\n`)
  if (theme) process.stderr.write(`${describeTheme(theme, controls.memory)}\n`)
  const drummer = drummerFrom(given, controls, model)
  const network = await openNetwork(model.weights, backend, precision)
  const started = performance.now()
  const { notes, controlChanges } = renderMusic(
    {
      network,
      ...language,
      seed,
      controls,
      ...(prompt && { memory: prompt.events }),
      ...(theme && { theme: theme.notes }),
      ...(style && { style }),
      ...(progression && { progression }),
    },
    seconds * 1000,
    showProgress(seconds),
  )
  if (notes.length === 0) throw new Refused('These controls leave no note to play; nothing was written.')
  const track = { name: `Rubato, seed ${seed}`, channel: controls.channel - 1, notes, controlChanges }
  const drums = drummer?.joins ? await drumTrack(drummer, seed, seconds) : null
  // Music that follows a beat begins with a bar, and lies on the file's beats, as the drums beside a pianist do.
  writeWhole(output, writeMidi(drums ? [track, drums] : [track], { beatsPerMinute: controls.tempo }))
  const took = ((performance.now() - started) / 1000).toFixed(1)
  const strokes = drums ? ` and ${drums.notes.length} strokes` : ''
  process.stdout.write(
    `${output}: ${notes.length} notes${strokes}, ${seconds} s, seed ${seed}, made in ${took} s.\n`,
  )
  return 0
}

/** The strokes of a drummer who plays along for `seconds`; his first bar begins at time 0, as the pianist's music does. */
async function drumTrack(
  { model, controls }: NonNullable<AppOptions['drummer']>,
  seed: number,
  seconds: number,
): Promise<MidiTrack> {
  const { spec, weights } = model()
  const network = await openNetwork(weights, 'auto', 'auto')
  const { notes } = renderMusic({ network, ...languageOf(spec), seed, controls }, seconds * 1000)
  return { name: 'Drums', channel: controls.channel - 1, notes }
}
