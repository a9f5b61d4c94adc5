import { basename } from 'node:path'
import { quantize } from '../../engine/language/performance.js'
import { languageOf } from '../../engine/model/model.js'
import { unsupportedControls } from '../../engine/pianist/unsupported-controls.js'
import { Refused } from '../../engine/refused.js'
import { profileOf } from '../../engine/style/measure.js'
import { LEAST_STYLE_NOTES, LONGEST_NAME, roundedProfile, type Style } from '../../engine/style/profile.js'
import type { ModelFiles } from '../../io/models/model-files.js'
import { readMidiFile } from '../../io/recording/midi-file-reader.js'
import { type Flag, type Given, textFrom } from './flags.js'

export const STYLE_FLAG: Flag = {
  name: 'style',
  value: 'FILE',
  help: 'a MIDI file whose manner is borrowed: density, dynamics, register, steps of the scale, touch; --style-strength says how much',
}

/** The style that `--style` asks for. Throws Refused for a file that makes none, or a model that has none. */
export async function styleFrom(given: Given, { spec }: ModelFiles): Promise<Style | null> {
  const path = textFrom(given, 'style')
  if (path === null) return null
  const { layout, hasEnds, step } = languageOf(spec)
  const { styleStrength } = unsupportedControls(layout, hasEnds)
  if (styleStrength !== undefined) throw new Refused(`--style can't be used: ${styleStrength}.`)
  const notes = quantize((await readMidiFile(path, step)).notes)
  if (notes.length < LEAST_STYLE_NOTES)
    throw new Refused(`${path} has ${notes.length} notes, and a style needs at least ${LEAST_STYLE_NOTES}.`)
  return { name: basename(path).slice(-LONGEST_NAME), profile: roundedProfile(profileOf(notes)) }
}

/** What is to be told of a style from a file when the music begins with the control style at `strength`. */
export function describeStyle({ name, profile }: Style, strength: number): string {
  const { notes, density, velocity } = profile
  const what = `The manner of ${name} (${notes} notes, ${density.toFixed(1)} a second, mean velocity ${velocity.toFixed(0)})`
  return strength > 0
    ? `${what} is borrowed.`
    : `${what} isn't borrowed while style is at 0; give --style-strength, 0.7 for example.`
}
