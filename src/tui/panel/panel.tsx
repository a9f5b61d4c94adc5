import { Box } from 'ink'
import type { ReactNode } from 'react'
import { controlsOf } from '../../engine/controls/parts.js'
import { legible, wrap } from '../terminal/text-cells.js'
import { controlLines } from './control-lines.js'
import { detailLines } from './detail-lines.js'
import { keyLines } from './key-lines.js'
import type { Layout } from './layout.js'
import { Lines } from './lines.js'
import { meterLines, meterSummary } from './meter-lines.js'
import type { PanelStyle, PanelView } from './panel-view.js'
import { statusLine } from './status-line.js'

/** The props of every part of the panel. */
interface PartProps extends PanelStyle {
  readonly view: PanelView
  readonly columns: number
  /** The greatest number of lines that the part may take. */
  readonly most: number
}

/** The state of the pianist, in one line. */
function StatusBar({ view, columns, theme, octave }: Omit<PartProps, 'most'>) {
  return <Lines columns={columns} lines={[statusLine(view, columns, { theme, octave })]} />
}

/** Every control with its bar and value. */
function ControlsPanel({
  view,
  columns,
  grid,
  theme,
  octave,
}: Omit<PartProps, 'most'> & { readonly grid: Layout['controls'] }) {
  const lines = controlLines({
    values: view.controls,
    names: controlsOf(view.input.part),
    chosen: view.input.chosen,
    columns,
    grid,
    theme,
    octave,
  })
  return <Lines columns={columns} lines={lines} />
}

/** The chosen control, or what is being typed or asked. Always `most` lines, so that nothing below it jumps. */
function DetailPanel({ view, columns, most, theme, octave }: PartProps) {
  const lines = detailLines(view, columns, most, { theme, octave })
  return <Lines columns={columns} lines={filled(lines, most)} />
}

/** All meters. */
function MetersPanel({ view, columns, most, theme, octave }: PartProps) {
  return <Lines columns={columns} lines={meterLines(view.meters, columns, most, theme, octave)} />
}

/** The meters in two lines. */
function MeterSummary({ view, columns, theme, octave }: Omit<PartProps, 'most'>) {
  return <Lines columns={columns} lines={meterSummary(view.meters, columns, theme, octave)} />
}

/** The last notices. Without any, present problems are shown, unless the meters beside the notices show them. */
export function Notices({ besideMeters = false, ...part }: PartProps & { readonly besideMeters?: boolean }) {
  const { view, columns, most } = part
  const { problem } = view.meters.meters
  const { notices } = view
  const alone = notices.length > 0 || problem === null ? notices : [problem]
  const said = besideMeters ? notices.filter((notice) => notice !== problem) : alone
  return <Lines columns={columns} lines={filled(noticeLines(said, part), most)} />
}

function noticeLines(said: readonly string[], { view, columns, most, theme }: PartProps): string[] {
  const { problem } = view.meters.meters
  const lines = said.flatMap((notice) =>
    wrap(legible(notice, theme.unicode), columns, most).map((line) =>
      theme.paint(notice === problem ? 'bad' : 'strong', line),
    ),
  )
  return most > 0 ? lines.slice(-most) : []
}

/** The keys and what they do. */
function KeysPage({ columns, most, theme }: Omit<PartProps, 'view'>) {
  return <Lines columns={columns} lines={keyLines(columns, most, theme)} />
}

function filled(lines: readonly string[], most: number): string[] {
  return [...lines, ...Array<string>(Math.max(0, most - lines.length)).fill('')]
}

/** Lines of the detail and the notices in a panel beside the roll. */
const SIDE_DETAIL = 3
const SIDE_NOTICES = 2
/** Free columns between the roll and a panel beside it. */
const SIDE_GAP = 1

/** Free columns at the panel's left. */
export function panelGap({ form, panel }: Layout): number {
  return form === 'side' ? Math.min(SIDE_GAP, panel.columns - 1) : 0
}

/** The panel's line, from 0, on which its controls begin. */
export const CONTROLS_TOP = 1

/** The panel in the form of its layout. It never has more lines than its area. */
export function Panel({
  view,
  layout,
  theme,
  octave,
}: PanelStyle & { readonly view: PanelView; readonly layout: Layout }) {
  const { rows } = layout.panel
  const gap = panelGap(layout)
  const columns = layout.panel.columns - gap
  const part = { view, columns, theme, octave }
  const parts: Readonly<Record<Layout['form'], () => ReactNode>> = {
    stacked: () => (
      <>
        <ControlsPanel {...part} grid={layout.controls} />
        <DetailPanel {...part} most={1} />
        <MeterSummary {...part} />
        <Notices {...part} most={1} />
      </>
    ),
    side: () => (
      <>
        <ControlsPanel {...part} grid={layout.controls} />
        <DetailPanel {...part} most={SIDE_DETAIL} />
        <MetersPanel {...part} most={rows - 1 - layout.controls.lines - SIDE_DETAIL - SIDE_NOTICES} />
        <Notices {...part} most={SIDE_NOTICES} besideMeters />
      </>
    ),
    compact: () => (
      <>
        <DetailPanel {...part} most={rows > 2 ? 1 : 0} />
        <MeterSummaryLine {...part} most={rows > 3 ? 1 : 0} />
        <Notices {...part} most={rows > 1 ? 1 : 0} />
      </>
    ),
    page: () =>
      view.input.showsKeys ? (
        <KeysPage {...part} most={rows - 1} />
      ) : (
        <>
          <MetersPanel {...part} most={rows - 3} />
          <Notices {...part} most={Math.min(2, rows - 1)} besideMeters />
        </>
      ),
  }
  return (
    <Box flexDirection="column" width={layout.panel.columns} paddingLeft={gap}>
      <StatusBar {...part} />
      {parts[layout.form]()}
    </Box>
  )
}

function MeterSummaryLine({ view, columns, most, theme, octave }: PartProps) {
  const lines = meterSummary(view.meters, columns, theme, octave).slice(0, most)
  return <Lines columns={columns} lines={lines} />
}
