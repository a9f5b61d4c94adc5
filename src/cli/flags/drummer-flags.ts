import type { AppOptions } from '../../app/options.js'
import { DRUMMERS_MODEL } from '../../app/parts/drummer.js'
import { describeRange, parseControl } from '../../engine/controls/control-values.js'
import { CONTROLS, type Controls, withControl } from '../../engine/controls/controls.js'
import { DRUM_CHANNEL, drummersControls } from '../../engine/controls/parts.js'
import { languageOf } from '../../engine/model/model.js'
import { Refused } from '../../engine/refused.js'
import { type ModelFiles, modelFolder, readModel } from '../../io/models/model-files.js'
import { type Flag, type Given, textFrom } from './flags.js'

/** The drummer's controls that have a flag of their own. */
const DRUM_CONTROLS = ['density', 'dynamics', 'temperature', 'steady', 'fills'] as const

export const DRUMMER_FLAGS: readonly Flag[] = [
  { name: 'drums', help: 'a drummer plays along, on channel 10, in time with the clock or --tempo' },
  ...DRUM_CONTROLS.map((name) => ({
    name: `drums-${name}`,
    value: 'VALUE',
    help: `the drummer's ${CONTROLS[name].label.toLowerCase()}: ${describeRange(name)}`,
  })),
]

/**
 * The drummer that {@link DRUMMER_FLAGS} ask for, who joins at the start with `--drums` and can be asked for later without it;
 * tempo and meter are those of the pianist's controls; null beside a model that plays drums itself. Throws Refused for a value out
 * of range, for a drummer's flag without `--drums`, and with it for a model that can't be read or beside one of drums.
 */
export function drummerFrom(given: Given, pianists: Controls, { spec }: ModelFiles): AppOptions['drummer'] {
  let controls = drummersControls(pianists)
  for (const name of DRUM_CONTROLS) {
    const text = textFrom(given, `drums-${name}`)
    if (text === null) continue
    if (!given.values.drums) throw new Refused(`--drums-${name} needs --drums.`)
    const checked = parseControl(name, text)
    if (!checked.ok) throw new Refused(`--drums-${name} takes ${describeRange(name)}, not "${text}".`)
    controls = withControl(controls, name, checked.value)
  }
  const joins = given.values.drums === true
  if (!languageOf(spec).hasEnds) {
    if (joins)
      throw new Refused('--drums joins a pianist; a model of drums plays them alone: leave --drums out.')
    return null
  }
  const read = () => readModel(modelFolder(DRUMMERS_MODEL))
  const model = joins ? read() : null
  return { model: () => model ?? read(), controls, joins }
}

/** `controls` for a model: a model that plays percussion uses the drum channel where no flag sets another. */
export function onItsChannel({ spec }: ModelFiles, controls: Controls, given: Given): Controls {
  if (languageOf(spec).hasEnds || given.values.channel !== undefined) return controls
  return { ...controls, channel: DRUM_CHANNEL }
}
