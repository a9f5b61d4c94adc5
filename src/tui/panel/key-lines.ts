import { KEY_BINDINGS } from '../input/key-bindings.js'
import { padded, textWidth } from '../terminal/text-cells.js'
import type { Theme } from '../terminal/theme.js'

const GAP = 2

/** The table of key bindings as lines: in two columns where `most` lines are too few for one. */
export function keyLines(columns: number, most: number, theme: Theme): string[] {
  const names = Math.max(...KEY_BINDINGS.map(({ name }) => textWidth(name))) + GAP
  const across = KEY_BINDINGS.length > most && columns >= 60 ? 2 : 1
  const tall = Math.ceil(KEY_BINDINGS.length / across)
  const width = Math.floor(columns / across)
  return Array.from({ length: Math.min(tall, Math.max(0, most)) }, (_, line) =>
    Array.from({ length: across }, (_, column) => {
      const binding = KEY_BINDINGS[column * tall + line]
      if (!binding) return ''
      const name = padded(binding.name, Math.min(names, width))
      return (
        theme.paint('accent', name) +
        padded(binding.help, Math.max(0, width - names - 1)).padEnd(width - names)
      )
    }).join(''),
  )
}
