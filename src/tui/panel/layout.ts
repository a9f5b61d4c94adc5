import { CONTROL_NAMES } from '../../engine/controls/controls.js'
import type { View } from '../input/input-handler.js'
import { keyboardWidth } from '../roll/key-layout.js'
import type { Area } from '../terminal/area.js'

/**
 * Where roll and panel are. `stacked`: the panel under the roll; `side`: to its right; `compact`: few lines of panel;
 * `page`: the panel alone.
 */
export interface Layout {
  readonly form: 'stacked' | 'side' | 'compact' | 'page'
  readonly roll: Area | null
  readonly panel: Area
  /** How many controls stand side by side in the panel, and in how many lines; 0 for none. */
  readonly controls: { readonly across: number; readonly lines: number }
}

/** Smaller terminals get the compact form: a full panel would leave no room for the roll or for values of controls. */
const COMPACT_COLUMNS = 60
const COMPACT_ROWS = 16

/** The columns of a control with label and value, enough for most of them, and how many stand side by side at most. */
const CELL_COLUMNS = 20
const MOST_ACROSS = 7

/** The share of the lines that controls may take from the roll where the panel is under it. */
const CONTROLS_SHARE = 0.36

/** Lines of a stacked panel besides the controls: status, the chosen control, two of meters and a notice. */
const STACKED_LINES = 5

/** The width of a panel beside the roll: a narrower one cuts values, a wider one shows no more. */
const SIDE_COLUMNS = 32
const WIDEST_SIDE_COLUMNS = 64

/** Lines that a panel beside the roll needs for all controls, one to a line, and the meters. */
const SIDE_ROWS = CONTROL_NAMES.length + 16

/** The greatest width of a page; wider lines are hard to read. */
const PAGE_COLUMNS = 100

/** Lays out a terminal of `columns` x `rows`, of which the last row is never drawn on. */
export function layOut(columns: number, rows: number, view: View, showsKeys: boolean): Layout {
  const lines = Math.max(1, rows - 1)
  const width = Math.max(1, columns)
  const none = { across: 0, lines: 0 }
  if (showsKeys || view === 'meters') {
    const panel = { column: 0, row: 0, columns: Math.min(width, PAGE_COLUMNS), rows: lines }
    return { form: 'page', roll: null, panel, controls: none }
  }
  if (view === 'roll') return below('compact', width, lines, Math.min(2, lines), none)
  if (width < COMPACT_COLUMNS || rows < COMPACT_ROWS) {
    return below('compact', width, lines, lines < 7 ? Math.min(3, lines) : 4, none)
  }
  if (width - keyboardWidth(88) >= SIDE_COLUMNS && lines >= SIDE_ROWS) return beside(width, lines)
  const across = Math.min(MOST_ACROSS, Math.floor(width / CELL_COLUMNS))
  const room = Math.floor((lines - STACKED_LINES) * CONTROLS_SHARE)
  const controls = {
    across,
    lines: Math.min(Math.ceil(CONTROL_NAMES.length / across), Math.max(2, room)),
  }
  return below('stacked', width, lines, STACKED_LINES + controls.lines, controls)
}

function below(
  form: Layout['form'],
  columns: number,
  lines: number,
  panelLines: number,
  controls: Layout['controls'],
): Layout {
  const rollLines = lines - panelLines
  return {
    form,
    roll: rollLines > 0 ? { column: 0, row: 0, columns, rows: rollLines } : null,
    panel: { column: 0, row: rollLines, columns, rows: panelLines },
    controls,
  }
}

function beside(width: number, lines: number): Layout {
  const columns = Math.min(WIDEST_SIDE_COLUMNS, width - keyboardWidth(width - SIDE_COLUMNS))
  const rollColumns = width - columns
  return {
    form: 'side',
    roll: { column: 0, row: 0, columns: rollColumns, rows: lines },
    panel: { column: rollColumns, row: 0, columns, rows: lines },
    controls: { across: 1, lines: CONTROL_NAMES.length },
  }
}
