import './terminal/production.js'
import { CONTROLS } from '../engine/controls/controls.js'
import { controlsOf } from '../engine/controls/parts.js'
import type { Meters } from '../engine/surface/meters.js'
import type { Beat, Snapshot } from '../engine/surface/snapshot.js'
import type { ControlSurface } from '../engine/surface/surface.js'
import type { Ms } from '../engine/units.js'
import type { InputHandler } from './input/input-handler.js'
import { controlAt } from './panel/control-lines.js'
import { type Layout, layOut } from './panel/layout.js'
import type { MeterView } from './panel/meter-lines.js'
import { CONTROLS_TOP, panelGap } from './panel/panel.js'
import { createPanelSurface, type PanelSurface } from './panel/panel-surface.js'
import type { PanelStyle, PanelView, PlayState } from './panel/panel-view.js'
import { createPianoRoll, type PianoRoll, rollKeys } from './roll/piano-roll.js'
import type { PlayedNotes } from './roll/played-notes.js'
import type { TerminalInput } from './terminal/input-parser.js'
import type { Region, Screen } from './terminal/screen.js'

/** How often the meters are read: figures that change faster can't be read, and cost a layout each time. */
const METERS_MS: Ms = 500

/** A note that has just left the roll is kept this much longer, for when the terminal grows. */
const KEPT_MS: Ms = 2000

/** Of a terminal that doesn't say. */
const COLUMNS = 80
const ROWS = 24

export interface FramesOptions extends PanelStyle {
  readonly face: Pick<ControlSurface, 'snapshot' | 'meters' | 'presets' | 'now'>
  readonly desk: InputHandler
  readonly played: PlayedNotes
  readonly screen: Screen
  readonly size: () => { readonly columns: number | undefined; readonly rows: number | undefined }
  readonly notices: () => readonly string[]
  /** The frames a second where they had to be lowered, or null. */
  readonly slowedTo: () => number | null
}

/** Frames of the whole dashboard, one at a time. */
export interface Frames {
  /** Builds a frame and writes what has changed. @returns bytes written */
  draw(): number
  /** Everything anew at the next frame. */
  redraw(): void
  /** What the mouse did, carried out at the desk. */
  point(input: Extract<TerminalInput, { kind: 'mouse' }>): void
  close(): void
}

/** What is kept between frames of one size and look. */
interface Stage {
  readonly key: string
  readonly layout: Layout
  readonly surface: PanelSurface
  readonly roll: PianoRoll | null
  /** The lowest key that the roll shows. */
  low: number | null
  /** The panel as it was last drawn, and from what. */
  panel: { readonly sight: string; readonly lines: readonly string[] } | null
}

export function createFrames(options: FramesOptions): Frames {
  const { face, desk, played, screen, theme, octave } = options
  let stage: Stage | undefined
  let meters: { readonly sight: MeterView; readonly at: Ms } | undefined

  function currentStage(): Stage {
    const { columns, rows } = options.size()
    const { view, showsKeys } = desk.state()
    const size = { columns: columns || COLUMNS, rows: rows || ROWS }
    const key = `${size.columns} ${size.rows} ${view} ${showsKeys}`
    if (stage?.key === key) return stage
    stage?.surface.close()
    screen.forget()
    const layout = layOut(size.columns, size.rows, view, showsKeys)
    stage = {
      key,
      layout,
      surface: createPanelSurface(layout, { theme, octave }),
      roll: layout.roll && createPianoRoll(layout.roll.columns, layout.roll.rows, theme, octave),
      low: null,
      panel: null,
    }
    return stage
  }

  function meterSight(now: Ms, snapshot: Snapshot | undefined): MeterView {
    // A clock that has gone back (a test's) reads them anew too.
    if (!meters || Math.abs(now - meters.at) >= METERS_MS) {
      meters = { sight: readMeters(face.meters(), snapshot, face.presets()), at: now }
    }
    return meters.sight
  }

  function rollRegion({ layout, roll }: Stage, now: Ms, snapshot: Snapshot | undefined): Region | null {
    if (!layout.roll || !roll || !stage) return null
    const notes = played.notes()
    played.forget(now - roll.times.pastMs - KEPT_MS)
    const ahead = snapshot?.ahead ?? []
    const keys = rollKeys(layout.roll.columns, notes, ahead, stage.low)
    stage.low = keys.low
    const lines = roll.lines({ now, notes, ahead, planned: snapshot?.planned ?? 0, keys })
    return { area: layout.roll, lines, isFull: true }
  }

  function panelRegion(current: Stage, now: Ms, snapshot: Snapshot | undefined): Region {
    const shown = face.snapshot(desk.state().part)
    const sight: PanelView = {
      state: playState(snapshot),
      mode: snapshot?.controls.mode ?? CONTROLS.mode.default,
      beat: snapshot?.beat ? beatText(snapshot.beat, snapshot.controls.beatsPerBar) : null,
      desk: desk.state(),
      controls: {
        controls: desk.controls(),
        setBy: shown?.setBy ?? {},
        tide: shown?.tide ? { ...shown.tide, density: Number(shown.tide.density.toFixed(1)) } : null,
      },
      meters: meterSight(now, snapshot),
      undoable: shown?.undoable ?? 0,
      notices: options.notices(),
      slowedTo: options.slowedTo(),
    }
    // Told apart by its text: cheaper by far than laying it out, and everything in it is plain data.
    const text = JSON.stringify(sight)
    if (current.panel?.sight !== text) current.panel = { sight: text, lines: current.surface.draw(sight) }
    return { area: current.layout.panel, lines: current.panel.lines, isFull: false }
  }

  return {
    draw: () => {
      const current = currentStage()
      const snapshot = face.snapshot()
      const now = face.now()
      const roll = rollRegion(current, now, snapshot)
      const panel = panelRegion(current, now, snapshot)
      return screen.draw(roll ? [roll, panel] : [panel])
    },
    redraw: () => {
      screen.forget()
      if (stage) stage.panel = null
    },
    point: ({ action, column, row }) => {
      if (!stage) return
      const { panel, controls } = stage.layout
      const { chosen, part } = desk.state()
      const gap = panelGap(stage.layout)
      const area = {
        column: panel.column + gap,
        row: panel.row + CONTROLS_TOP,
        columns: panel.columns - gap,
      }
      const view = { grid: controls, names: controlsOf(part), chosen }
      const found = controlAt(area, view, { column, row })
      if (!found) return
      if (action !== 'press') {
        desk.adjust(found.name, { by: action === 'wheel-up' ? 1 : -1, grain: 'coarse', end: 'high' })
      } else if (found.name !== chosen) desk.choose(found.name)
      else if (found.share !== null) desk.pointAt(found.share)
    },
    close: () => stage?.surface.close(),
  }
}

function playState(snapshot: Snapshot | undefined): PlayState {
  if (!snapshot) return 'waking'
  if (snapshot.paused) return 'paused'
  if (snapshot.ending) return 'ending'
  return snapshot.floor === 'player' ? 'listening' : 'playing'
}

/** `120.0 BPM 12.3`: tempo, bar and beat, both counted from 1. */
export function beatText({ tempo, position }: Beat, beatsPerBar: number): string {
  if (position === null) return `${tempo.toFixed(1)} BPM`
  const bar = Math.floor(position / beatsPerBar) + 1
  const beat = Math.floor(position - (bar - 1) * beatsPerBar) + 1
  return `${tempo.toFixed(1)} BPM ${bar}.${beat}`
}

function readMeters(
  meters: Meters,
  snapshot: Snapshot | undefined,
  all: ReturnType<ControlSurface['presets']>,
): MeterView {
  const { planned = 0, slips = 0, slippedMs = 0, rewinds = 0, held = [] } = snapshot ?? {}
  const presets = Object.entries(all).map(([number, { name }]) => `${number} ${name}`)
  return { meters, planned, slips, slippedMs, rewinds, held, presets }
}
