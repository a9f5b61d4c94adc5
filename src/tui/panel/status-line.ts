import { CONTROLS } from '../../engine/controls/controls.js'
import { chordsText } from '../../engine/surface/chords-text.js'
import { formText, themesInShort } from '../../engine/surface/form-text.js'
import { peersText } from '../../engine/surface/link-text.js'
import { cut, legible, textWidth } from '../terminal/text-cells.js'
import type { Style } from '../terminal/theme.js'
import type { PanelStyle, PanelView, PlayState } from './panel-view.js'

const STATES: Readonly<Record<PlayState, { readonly text: string; readonly style: Style }>> = {
  waking: { text: 'waking up', style: 'dim' },
  counting: { text: 'counting in (space)', style: 'accent' },
  playing: { text: 'playing', style: 'good' },
  listening: { text: 'listening', style: 'accent' },
  ending: { text: 'ending', style: 'warn' },
  paused: { text: 'paused (space)', style: 'warn' },
}

/** The share of the line that chords may take: with more, little else is left of a narrow one. */
const CHORDS_SHARE = 0.5

/**
 * What the pianist does and where, in one line of at most `columns` cells. What doesn't fit is left out from the end.
 */
export function statusLine(view: PanelView, columns: number, { theme }: PanelStyle): string {
  const { meters, form, style: manner } = view.meters
  const { text, style } = STATES[view.state]
  const sign =
    view.state === 'waking' ? '' : `${theme.sign(view.state === 'counting' ? 'listening' : view.state)} `
  const parts: readonly (readonly [text: string, style: Style])[] = [
    [`${sign}${text}`, style],
    ...(view.input.part === 'drums' ? [["the drums' controls (d)", 'accent'] as const] : []),
    ...(view.mode === CONTROLS.mode.default ? [] : [[view.mode, 'accent'] as const]),
    ...(view.beat === null ? [] : [[view.beat, 'accent'] as const]),
    ...(view.chords === null ? [] : [[chordsText(view.chords, columns * CHORDS_SHARE), 'aim'] as const]),
    ...(meters.linkPeers === null ? [] : [[`Link: ${peersText(meters.linkPeers)}`, 'accent'] as const]),
    ...(view.mix === null ? [] : [[view.mix, 'accent'] as const]),
    [meters.output, 'strong'],
    ...(view.slowedTo === null ? [] : [[`slow terminal: ${view.slowedTo} frames/s`, 'warn'] as const]),
    ...(form === null ? [] : [[formText(form), 'aim'] as const]),
    ['? keys', 'accent'],
    ...(manner === null ? [] : [[`style: ${manner}`, 'aim'] as const]),
    ...(form === null || form.themes.length === 0 ? [] : [[themesInShort(form.themes), 'dim'] as const]),
    [`${meters.sounding} sounding`, 'dim'],
    [`${meters.notes} notes`, 'dim'],
    ['Tab view', 'dim'],
    ...(view.undoable > 0 ? [[`u undo (${view.undoable})`, 'dim'] as const] : []),
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
