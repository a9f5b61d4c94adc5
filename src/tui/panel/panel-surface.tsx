import { EventEmitter } from 'node:events'
import { render } from 'ink'
import type { Layout } from './layout.js'
import { Panel } from './panel.js'
import type { PanelStyle, PanelView } from './panel-view.js'

/** A panel of one size that Ink draws into lines of text instead of a terminal. */
export interface PanelSurface {
  /** The lines of the panel for a view. Blocks for some milliseconds, as Ink joins lines cell by cell. */
  draw(view: PanelView): readonly string[]
  close(): void
}

/**
 * The terminal that Ink draws on; it holds the last whole frame. Only the panel, which seldom changes, is drawn by Ink.
 * The roll changes in most cells of every frame, which would cost Ink (6.8, measured on 2 cores) 19 ms at 120x40 and 56
 * ms at 200x60.
 */
function createFrameCatcher(columns: number, rows: number) {
  let frame = ''
  const stream = Object.assign(new EventEmitter(), {
    columns,
    rows,
    isTTY: false,
    write: (text: string) => {
      frame = text
      return true
    },
  })
  return { stdout: stream as unknown as NodeJS.WriteStream, frame: () => frame }
}

export function createPanelSurface(layout: Layout, style: PanelStyle): PanelSurface {
  const { columns, rows } = layout.panel
  const { stdout, frame } = createFrameCatcher(columns, rows)
  const ink: { current?: ReturnType<typeof render> } = {}

  return {
    draw: (view) => {
      const panel = <Panel view={view} layout={layout} {...style} />
      if (ink.current) ink.current.rerender(panel)
      else {
        ink.current = render(panel, {
          stdout,
          // Makes Ink write every frame whole and at once. How often frames are drawn is decided by `Pace`.
          debug: true,
          exitOnCtrlC: false,
          patchConsole: false,
          isScreenReaderEnabled: false,
        })
      }
      return frame().split('\n').slice(0, rows)
    },
    close: () => ink.current?.unmount(),
  }
}
