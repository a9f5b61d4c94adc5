import { CONTROLS } from '../../engine/controls/controls.js'
import { cut, legible, textWidth } from '../terminal/text-cells.js'
import type { Style } from '../terminal/theme.js'
import type { PanelStyle, PanelView, PlayState } from './panel-view.js'

const STATES: Readonly<Record<PlayState, { readonly text: string; readonly style: Style }>> = {
  waking: { text: 'waking up', style: 'dim' },
  playing: { text: 'playing', style: 'good' },
  listening: { text: 'listening', style: 'accent' },
  ending: { text: 'ending', style: 'warn' },
  paused: { text: 'paused (space)', style: 'warn' },
}

/** How it stands, in one line of at most `columns` cells: what matters most first. */
export function statusLine(sight: PanelView, columns: number, { theme }: PanelStyle): string {
  const { meters } = sight.meters
  const { text, style } = STATES[sight.state]
  const sign = sight.state === 'waking' ? '' : `${theme.sign(sight.state)} `
  const parts: readonly (readonly [text: string, style: Style])[] = [
    [`${sign}${text}`, style],
    ...(sight.desk.part === 'drums' ? [["the drums' controls (d)", 'accent'] as const] : []),
    ...(sight.mode === CONTROLS.mode.default ? [] : [[sight.mode, 'accent'] as const]),
    ...(sight.beat === null ? [] : [[sight.beat, 'accent'] as const]),
    [meters.output, 'strong'],
    ...(sight.slowedTo === null ? [] : [[`slow terminal: ${sight.slowedTo} frames/s`, 'warn'] as const]),
    ['? keys', 'accent'],
    [`${meters.sounding} sounding`, 'dim'],
    [`${meters.notes} notes`, 'dim'],
    ['Tab view', 'dim'],
    ...(sight.undoable > 0 ? [[`u undo (${sight.undoable})`, 'dim'] as const] : []),
    ['q quit', 'dim'],
  ]
  let line = ''
  let used = 0
  for (const [part, partStyle] of parts) {
    const gap = used === 0 ? '' : '  '
    const shown = cut(legible(part, theme.unicode), columns - used - gap.length)
    if (shown === '' || (used > 0 && shown !== legible(part, theme.unicode))) break
    line += gap + theme.paint(partStyle, shown)
    used += gap.length + textWidth(shown)
  }
  return line
}
