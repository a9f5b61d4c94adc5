import { CONTROLS, type ControlName } from '../../engine/controls/controls.js'
import type { Area } from '../terminal/area.js'
import type { Octave } from '../terminal/note-names.js'
import { cut, padded, textWidth } from '../terminal/text-cells.js'
import type { Theme } from '../terminal/theme.js'
import { barSpan, type ControlView, SET_BY_SIGNS, tideAim, valueText } from './control-text.js'
import type { Layout } from './layout.js'

/** Everything that the lines of the controls are drawn from. */
export interface ControlsView {
  readonly values: ControlView
  /** The controls that are shown, in their order. */
  readonly names: readonly ControlName[]
  readonly chosen: ControlName
  readonly columns: number
  readonly grid: Layout['controls']
  readonly theme: Theme
  readonly octave: Octave
}

/** One sign beside a control: that its value waits for the beat or bar, or else who set it; empty for neither. */
function tailSign({ values, theme }: ControlsView, name: ControlName): string {
  if (values.waiting.includes(name)) return theme.sign('waits')
  const by = values.setBy[name]
  return by === undefined ? '' : SET_BY_SIGNS[by]
}

/** Columns of a control that has a line to itself: the sign of the chosen control, the label, and who set it. */
const MARK_COLUMNS = 1
const LABEL_COLUMNS = 14
const BY_COLUMNS = 2

/** The longest value that has a bar beside it. */
const VALUE_COLUMNS = 9

/** The bar's share of the columns that are left; a longer bar shows no more. */
const BAR_SHARE = 0.6

/**
 * The lines of the controls: one control in a line with its bar, or several side by side with their backgrounds as
 * bars.
 */
export function controlLines(view: ControlsView): string[] {
  const { grid, columns, names } = view
  if (grid.across === 0) return []
  const lines = Array.from({ length: grid.lines }, (_, line) => line)
  if (grid.across === 1) {
    return lines.map((line) => {
      const name = names[line]
      return name === undefined ? '' : controlLine(view, name)
    })
  }
  const width = Math.floor(columns / grid.across)
  const first = firstLine(view)
  return lines.map((line) =>
    Array.from({ length: grid.across }, (_, across) => {
      const name = names[indexAt(view, first + line, across)]
      return name === undefined ? ' '.repeat(width) : controlCell(view, name, width)
    }).join(''),
  )
}

/** The index of the control in a cell. The order goes down the columns, as a list is read. */
function indexAt(
  { grid, names }: Pick<ControlsView, 'grid' | 'names'>,
  line: number,
  across: number,
): number {
  const tall = Math.ceil(names.length / grid.across)
  return line < tall ? across * tall + line : names.length
}

/** The first line that is shown: where not all fit, far enough down to show the chosen control. */
function firstLine({ grid, names, chosen }: Pick<ControlsView, 'grid' | 'names' | 'chosen'>): number {
  const tall = Math.ceil(names.length / grid.across)
  const line = names.indexOf(chosen) % tall
  return Math.max(0, Math.min(tall - grid.lines, line - grid.lines + 1))
}

/** Whether a control differs from its default, or the player's held keys lead it. */
function isTouched(name: ControlName, { controls, setBy }: ControlView): boolean {
  const value = controls[name]
  const initial = CONTROLS[name].default
  const same = Array.isArray(value) ? value.join() === String(initial) : value === initial
  return !same || setBy[name] === 'keyboard'
}

function shownValue({ values, theme, octave }: ControlsView, name: ControlName, hasUnit: boolean): string {
  const aim = tideAim(name, values)
  const value = valueText(name, values.controls[name], hasUnit, theme, octave)
  return aim === null ? value : `${value} ${aim}`
}

function controlLine(view: ControlsView, name: ControlName): string {
  const { values, theme, columns } = view
  const { bar, value } = lineColumns(columns)
  const isChosen = name === view.chosen
  const by = values.setBy[name]
  const style = isChosen || isTouched(name, values) ? 'strong' : 'dim'
  const text = cut(shownValue(view, name, true), bar + 1 + value)
  // A long value, such as the name of a scale, takes the place of the bar.
  const hasBar = textWidth(text) <= value
  return [
    theme.paint('accent', padded(isChosen ? theme.sign('chosen') : '', MARK_COLUMNS)),
    theme.paint(isChosen ? 'strong' : 'dim', padded(CONTROLS[name].label, LABEL_COLUMNS)),
    hasBar ? `${barText(view, name, bar)} ` : '',
    theme.paint(style, padded(text, hasBar ? value : bar + 1 + value)),
    theme.paint(by === 'keyboard' ? 'player' : 'aim', padded(` ${tailSign(view, name)}`, BY_COLUMNS)),
  ].join('')
}

function lineColumns(columns: number): { readonly bar: number; readonly value: number } {
  const free = Math.max(0, columns - MARK_COLUMNS - LABEL_COLUMNS - BY_COLUMNS - 1)
  const bar = Math.max(0, Math.min(free - VALUE_COLUMNS, Math.floor(free * BAR_SHARE)))
  return { bar, value: free - bar }
}

function barText({ values, theme }: ControlsView, name: ControlName, width: number): string {
  const [from, to] = cellSpan(name, values, width)
  const isAim = tideAim(name, values) !== null
  return [
    theme.paint('faint', theme.sign('rest').repeat(from)),
    theme.paint(isAim ? 'aim' : 'accent', theme.sign('full').repeat(to - from)),
    theme.paint('faint', theme.sign('rest').repeat(width - to)),
  ].join('')
}

/** The cells of a bar of `width` cells that are filled. */
function cellSpan(name: ControlName, values: ControlView, width: number): [from: number, to: number] {
  const span = barSpan(name, values)
  if (!span) return [0, 0]
  return [Math.round(span[0] * width), Math.round(span[1] * width)]
}

/** A control in `width` columns, the last of them free. */
function controlCell(view: ControlsView, name: ControlName, width: number): string {
  const { values, theme } = view
  const inner = width - 1
  const isChosen = name === view.chosen
  const sign = tailSign(view, name)
  const named = `${isChosen ? theme.sign('chosen') : ''}${CONTROLS[name].label}`
  const tail = sign === '' ? '' : ` ${sign}`
  const room = inner - textWidth(named) - 1 - textWidth(tail)
  const full = shownValue(view, name, true)
  // Where there is no room, the unit is left out first, then the end of the label; the detail line shows both.
  const value = cut(textWidth(full) <= room ? full : shownValue(view, name, false), inner - 4)
  const free = inner - textWidth(value) - textWidth(tail)
  const label = padded(cut(named, Math.max(0, free - 1)), free)
  const text = `${label}${value}${tail}`
  const [from, to] = cellSpan(name, values, inner)
  const style = isChosen ? 'chosen' : 'filled'
  const rest = isChosen ? 'strong' : isTouched(name, values) ? 'accent' : 'dim'
  return [
    theme.paint(rest, cut(text, from)),
    theme.paint(style, slice(text, from, to)),
    theme.paint(rest, slice(text, to, inner)),
    ' ',
  ].join('')
}

/** Cells `from` to `to` of a text whose characters all take one cell. */
function slice(text: string, from: number, to: number): string {
  return [...text].slice(from, to).join('')
}

/**
 * The control at a cell of the screen, and the place on its bar, 0-1 (null beside the bar); `area` is where the
 * controls are.
 */
export function controlAt(
  area: Pick<Area, 'column' | 'row' | 'columns'>,
  view: Pick<ControlsView, 'grid' | 'names' | 'chosen'>,
  point: { readonly column: number; readonly row: number },
): { readonly name: ControlName; readonly share: number | null } | undefined {
  const { grid, names } = view
  const line = point.row - area.row
  const column = point.column - area.column
  if (line < 0 || line >= grid.lines || column < 0 || column >= area.columns) return undefined
  if (grid.across === 1) {
    const name = names[line]
    const { bar } = lineColumns(area.columns)
    const at = column - MARK_COLUMNS - LABEL_COLUMNS
    const share = at >= 0 && at < bar ? at / Math.max(1, bar - 1) : null
    return name === undefined ? undefined : { name, share }
  }
  const width = Math.floor(area.columns / grid.across)
  const name = names[indexAt(view, firstLine(view) + line, Math.floor(column / width))]
  return name === undefined ? undefined : { name, share: Math.min(1, (column % width) / (width - 2)) }
}
