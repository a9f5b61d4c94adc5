import { describeRange } from '../../engine/controls/control-values.js'
import { CONTROLS } from '../../engine/controls/controls.js'
import { legible, wrap } from '../terminal/text-cells.js'
import type { Style } from '../terminal/theme.js'
import { describeControl } from './control-text.js'
import type { PanelStyle, PanelView } from './panel-view.js'

/** How much of the end of typed chords is shown: more would hide the cursor in a narrow terminal. */
const SHOWN_TYPED = 40

/**
 * The value being typed or the question being asked, else a description of the chosen control; at most `most` lines.
 */
export function detailLines(
  view: PanelView,
  columns: number,
  most: number,
  { theme, octave }: PanelStyle,
): string[] {
  const [text, style] = detail(view, { theme, octave })
  return wrap(legible(text, theme.unicode), columns, most).map((line) => theme.paint(style, line))
}

function detail({ input, controls, meters }: PanelView, { theme, octave }: PanelStyle): [string, Style] {
  const whose = input.part === 'drums' ? 'Drums: ' : ''
  if (input.typed !== null && input.typing === 'chords') {
    const end = [...input.typed].slice(-SHOWN_TYPED).join('')
    const typed = end.length < input.typed.length ? `..${end}` : end
    return [
      `Chords ${typed}${theme.sign('cursor')} (bars with |; Enter sets, empty ends them, Esc leaves)`,
      'accent',
    ]
  }
  const label = `${whose}${CONTROLS[input.chosen].label}`
  if (input.typed !== null) {
    const takes = describeRange(input.chosen)
    return [`${label} = ${input.typed}${theme.sign('cursor')} (${takes}; Enter sets, Esc leaves)`, 'accent']
  }
  if (input.asking === 'quit')
    return ['It is playing. q once more quits (so does y); any other key stays.', 'warn']
  if (input.asking === 'preset') {
    return [
      `Store the controls as preset 1-9 (Esc leaves). There are ${meters.presets.join(', ') || 'none yet'}.`,
      'accent',
    ]
  }
  const unsupported = meters.meters.unsupported[input.chosen]
  if (unsupported !== undefined && input.part === 'piano')
    return [`${label} does nothing now: ${unsupported}.`, 'warn']
  return [`${whose}${describeControl(input.chosen, controls, theme, octave)}`, 'dim']
}
