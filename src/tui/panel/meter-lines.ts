import { allChordsText } from '../../engine/surface/chords-text.js'
import { formText, themeText } from '../../engine/surface/form-text.js'
import { peersText } from '../../engine/surface/link-text.js'
import type { Meters } from '../../engine/surface/meters.js'
import type { ChordPlace, FormPlace } from '../../engine/surface/snapshot.js'
import type { Ms, Pitch } from '../../engine/units.js'
import { type Octave, pitchName } from '../terminal/note-names.js'
import { cut, legible, padded, textWidth, wrap } from '../terminal/text-cells.js'
import type { Style, Theme } from '../terminal/theme.js'

/** Everything that the meters are drawn from. */
export interface MeterView {
  readonly meters: Meters
  readonly planned: Ms
  readonly slips: number
  readonly slippedMs: Ms
  readonly rewinds: number
  readonly held: readonly Pitch[]
  readonly form: FormPlace | null
  readonly chords: ChordPlace | null
  /** The style in use and its strength, as text; null for none. */
  readonly style: string | null
  /** The number and name of each preset. */
  readonly presets: readonly string[]
}

/** Lateness beyond LATE_MS can be heard as unevenness by some listeners, beyond VERY_LATE_MS by most. */
const LATE_MS: Ms = 3
const VERY_LATE_MS: Ms = 10

/** The least lateness at the top of a sparkline: scaled to the worst value alone, tiny ones would look large. */
const SPARK_TOP_MS: Ms = 2

/** Processor use that is shown as a warning: more leaves no reserve for dense music. */
const BUSY_PERCENT = 85

/** The worst lateness in each of the last seconds as a row of signs, the last second at the right. */
export function sparkline(seconds: readonly Ms[], width: number, theme: Theme): string {
  const per = Math.max(1, Math.ceil(seconds.length / Math.max(1, width)))
  const columns: Ms[] = []
  for (let end = seconds.length; end > 0; end -= per) {
    columns.unshift(Math.max(...seconds.slice(Math.max(0, end - per), end)))
  }
  const top = Math.max(SPARK_TOP_MS, ...columns)
  const steps = theme.ramp.length - 1
  const sign = (ms: Ms) => theme.ramp[ms <= 0 ? 0 : Math.max(1, Math.round((ms / top) * steps))] ?? ' '
  return columns.slice(-Math.max(0, width)).map(sign).join('')
}

/** A figure with its label and the style that says whether it is good. */
interface Item {
  readonly label: string
  readonly text: string
  readonly style?: Style
}

function lateStyle(ms: Ms): Style {
  return ms > VERY_LATE_MS ? 'bad' : ms > LATE_MS ? 'warn' : 'good'
}

function lateItem({ meters: { lateness } }: MeterView): Item {
  const text = `p50 ${lateness.p50.toFixed(2)} p99 ${lateness.p99.toFixed(2)} ms`
  return { label: 'late', text, style: lateStyle(lateness.p99) }
}

/** Figures that change all the time. */
function figures(view: MeterView): readonly [Item, Item, Item, Item] {
  const { meters, slips } = view
  return [
    { label: 'plan', text: `${Math.max(0, Math.round(view.planned))} ms` },
    {
      label: 'slips',
      text: slips === 0 ? '0' : `${slips}, ${Math.round(view.slippedMs)} ms`,
      style: slips === 0 ? 'good' : 'warn',
    },
    { label: 'events', text: `${meters.eventsPerSecond.toFixed(1)}/s` },
    { label: 'cpu', text: `${Math.round(meters.cpu)} %`, style: meters.cpu > BUSY_PERCENT ? 'warn' : 'good' },
  ]
}

/** Items that are only shown when there is something to show. */
function occasional({ meters, held }: MeterView, octave: Octave): Item[] {
  const troubles = [
    [meters.dropped, 'dropped'],
    [meters.lost, 'refused'],
    [meters.restarts, 'restarts'],
    [meters.echoes, 'echoes'],
  ] as const
  const said = troubles.filter(([count]) => count > 0).map(([count, what]) => `${count} ${what}`)
  return [
    ...(said.length > 0 ? [{ label: 'lost', text: said.join(', '), style: 'warn' as const }] : []),
    ...(held.length > 0 ? [{ label: 'held', text: heldText(held, octave), style: 'player' as const }] : []),
  ]
}

function heldText(held: readonly Pitch[], octave: Octave): string {
  return [...held]
    .sort((a, b) => a - b)
    .map((pitch) => pitchName(pitch, octave))
    .join(' ')
}

function controllersText({ controllers }: Meters): string {
  return controllers
    .map(({ channel, controller, value }) => `CC${controller}=${value} (${channel})`)
    .join('  ')
}

function portItems({ ports }: Meters): Item[] {
  return ports.map(({ way, name, state }) => ({
    label: way,
    text: `${name}: ${state}`,
    style: state === 'gone' ? 'bad' : 'strong',
  }))
}

function formItems({ form }: MeterView): Item[] {
  if (form === null) return []
  return [{ label: 'form', text: `movement ${form.movement}: ${formText(form)}`, style: 'accent' }]
}

function chordItems({ chords }: MeterView): Item[] {
  return chords === null ? [] : [{ label: 'chords', text: allChordsText(chords), style: 'accent' }]
}

/** The themes that are kept, and the style in use. */
function keptItems({ form, style }: MeterView): Item[] {
  const themes = (form?.themes ?? []).map((theme) => ({ label: 'theme', text: themeText(theme) }))
  return style === null ? themes : [...themes, { label: 'style', text: style, style: 'accent' }]
}

/** Items that seldom change: ports, page, model, priority, recording. */
function standing({ meters }: MeterView): Item[] {
  const { realtime } = meters
  return [
    ...portItems(meters),
    ...(meters.ports.length === 0 ? [{ label: 'out', text: meters.output }] : []),
    ...(meters.linkPeers === null ? [] : [{ label: 'link', text: peersText(meters.linkPeers) }]),
    ...(meters.web === null ? [] : [{ label: 'web', text: meters.web }]),
    { label: 'model', text: `${meters.model}, ${meters.backend}, seed ${meters.seed}` },
    { label: 'priority', text: realtime.reason, style: realtime.on ? 'good' : 'warn' },
    ...(meters.recording === null ? [] : [{ label: 'file', text: meters.recording }]),
  ]
}

const LABEL_COLUMNS = 9

/** Columns of the first of two figures in a line. */
const PAIR_COLUMNS = 9

/** All meters, one to a line, in at most `most` lines of at most `columns` cells. */
export function meterLines(
  view: MeterView,
  columns: number,
  most: number,
  theme: Theme,
  octave: Octave,
): string[] {
  const room = Math.max(0, columns - LABEL_COLUMNS)
  const { meters } = view
  const [plan, slips, events, cpu] = figures(view)
  const beside = (first: Item, second: Item): Item => ({
    label: first.label,
    text: `${padded(first.text, PAIR_COLUMNS)}${second.label} ${second.text}`,
    style: second.style ?? 'strong',
  })
  const all: Item[] = [
    ...(meters.problem === null ? [] : [{ label: 'trouble', text: meters.problem, style: 'bad' as const }]),
    lateItem(view),
    { label: '', text: sparkline(meters.lateness.seconds, room, theme), style: 'aim' },
    beside(plan, slips),
    beside(events, cpu),
    ...occasional(view, octave),
    ...formItems(view),
    ...standing(view),
    ...chordItems(view),
    ...keptItems(view),
    {
      label: 'notes',
      text: `${meters.notes}, ${meters.sounding} sounding, ${view.rewinds} rewinds`,
    },
    ...(meters.controllers.length > 0 ? [{ label: 'knobs', text: controllersText(meters) }] : []),
    ...(view.presets.length > 0 ? [{ label: 'presets', text: view.presets.join('  ') }] : []),
  ]
  const label = Math.min(LABEL_COLUMNS, columns)
  return all.flatMap((item) => itemLines(item, label, room, theme)).slice(0, Math.max(0, most))
}

function itemLines(
  { label, text, style = 'strong' }: Item,
  labelColumns: number,
  room: number,
  theme: Theme,
): string[] {
  // A sparkline isn't wrapped: it begins with spaces where there was silence, which wrapping would remove.
  const lines = label === '' ? [cut(text, room)] : wrap(legible(text, theme.unicode), room, 3)
  return lines.map(
    (line, i) => theme.paint('dim', padded(i === 0 ? label : '', labelColumns)) + theme.paint(style, line),
  )
}

/** The meters in two lines: figures that change all the time, and what seldom changes. */
export function meterSummary(view: MeterView, columns: number, theme: Theme, octave: Octave): string[] {
  const spark = Math.min(30, Math.max(0, columns - 64))
  const line = sparkline(view.meters.lateness.seconds, spark, theme)
  const { meters } = view
  const still: Item[] = [
    ...(meters.controllers.length > 0
      ? [{ label: '', text: controllersText(meters), style: 'player' as const }]
      : []),
    ...portItems(meters),
    { label: '', text: meters.backend },
    meters.realtime.on
      ? { label: '', text: 'real-time', style: 'good' }
      : { label: '', text: 'no real-time priority', style: 'warn' },
    ...(meters.linkPeers === null ? [] : [{ label: 'link', text: peersText(meters.linkPeers) }]),
    ...(meters.web === null ? [] : [{ label: '', text: meters.web }]),
    ...(meters.recording === null ? [] : [{ label: 'file', text: meters.recording }]),
  ]
  const moving: Item[] = [
    lateItem(view),
    { label: '', text: line, style: 'aim' },
    ...figures(view),
    ...occasional(view, octave),
  ]
  return [joined(moving, columns, theme), joined(still, columns, theme)]
}

/** As many items as fit in one line. */
function joined(list: readonly Item[], columns: number, theme: Theme): string {
  let used = 0
  let line = ''
  for (const { label, text, style = 'strong' } of list) {
    const clean = legible(text, theme.unicode)
    if (clean.trim() === '' && label === '') continue
    const gap = used === 0 ? '' : '  '
    const head = label === '' ? '' : `${label} `
    const room = columns - used - gap.length - textWidth(head)
    if (room < Math.min(6, textWidth(clean))) continue
    const shown = cut(clean, room)
    line += gap + theme.paint('dim', head) + theme.paint(style, shown)
    used += gap.length + textWidth(head) + textWidth(shown)
  }
  return line
}
