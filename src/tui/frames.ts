import './terminal/production.js'
import { CONTROLS } from '../engine/controls/controls.js'
import { controlsOf } from '../engine/controls/parts.js'
import type { Meters } from '../engine/surface/meters.js'
import { mixText } from '../engine/surface/mix-text.js'
import type { Beat, Snapshot } from '../engine/surface/snapshot.js'
import { styleText } from '../engine/surface/style-text.js'
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

/**
 * Time between two readings of the meters: figures that change faster can't be read, and each change costs a layout.
 */
const METERS_MS: Ms = 500

/** How long after it has left the roll a note is forgotten. Until then it is shown again if the terminal grows. */
const FORGET_AFTER_MS: Ms = 2000

/** The size of a terminal that doesn't tell it. */
const DEFAULT_COLUMNS = 80
const DEFAULT_ROWS = 24

export interface FramesOptions extends PanelStyle {
  readonly surface: Pick<ControlSurface, 'snapshot' | 'mix' | 'meters' | 'presets' | 'now'>
  readonly input: InputHandler
  readonly played: PlayedNotes
  readonly screen: Screen
  readonly size: () => { readonly columns: number | undefined; readonly rows: number | undefined }
  readonly notices: () => readonly string[]
  /** The present frames per second where a slow terminal has lowered them, else null. */
  readonly slowedTo: () => number | null
}

/** Draws the whole dashboard, one frame at a time. */
export interface Frames {
  /** Builds a frame and writes what has changed. @returns characters written */
  draw(): number
  /** Draws everything anew at the next frame. */
  redraw(): void
  /** Lets the mouse choose and adjust the control under it. */
  point(mouse: MouseInput): void
  close(): void
}

type MouseInput = Extract<TerminalInput, { kind: 'mouse' }>

/** Data that frames of one size and one look share, so that it isn't built for each frame. */
interface FrameCache {
  /** Size and look, as text. */
  readonly key: string
  readonly layout: Layout
  readonly panelSurface: PanelSurface
  readonly roll: PianoRoll | null
  /** The lowest key that the roll showed last. */
  lowestKey: number | null
  /** The panel's lines as they were drawn last, and the view that they were drawn from, as text. */
  panel: { readonly drawnFrom: string; readonly lines: readonly string[] } | null
}

/** The meters as they were read last, and when. */
interface ReadMeters {
  readonly view: MeterView
  readonly at: Ms
}

/** Frames that are drawn on `options.screen` from the present state of `options.surface` and `options.input`. */
export function createFrames(options: FramesOptions): Frames {
  return new DashboardFrames(options)
}

class DashboardFrames implements Frames {
  readonly #options: FramesOptions
  #cache: FrameCache | undefined
  #meters: ReadMeters | undefined

  constructor(options: FramesOptions) {
    this.#options = options
  }

  draw(): number {
    const { surface, screen } = this.#options
    const cache = this.#currentCache()
    const snapshot = surface.snapshot()
    const now = surface.now()
    const roll = this.#rollRegion(cache, now, snapshot)
    const panel = this.#panelRegion(cache, now, snapshot)
    return screen.draw(roll ? [roll, panel] : [panel])
  }

  redraw(): void {
    this.#options.screen.forget()
    if (this.#cache) this.#cache.panel = null
  }

  point({ action, column, row }: MouseInput): void {
    if (!this.#cache) return
    const { input } = this.#options
    const { layout } = this.#cache
    const { chosen, part } = input.state()
    const gap = panelGap(layout)
    const area = {
      column: layout.panel.column + gap,
      row: layout.panel.row + CONTROLS_TOP,
      columns: layout.panel.columns - gap,
    }
    const found = controlAt(area, { grid: layout.controls, names: controlsOf(part), chosen }, { column, row })
    if (!found) return
    if (action !== 'press') {
      input.adjust(found.name, { by: action === 'wheel-up' ? 1 : -1, grain: 'coarse', end: 'high' })
    } else if (found.name !== chosen) input.choose(found.name)
    else if (found.share !== null) input.pointAt(found.share)
  }

  close(): void {
    this.#cache?.panelSurface.close()
  }

  /** The cache for the present size and look; a new one, on an empty screen, where either has changed. */
  #currentCache(): FrameCache {
    const { input, screen, size, theme, octave } = this.#options
    const { view, showsKeys } = input.state()
    const given = size()
    const [columns, rows] = [given.columns || DEFAULT_COLUMNS, given.rows || DEFAULT_ROWS]
    const key = `${columns} ${rows} ${view} ${showsKeys}`
    if (this.#cache?.key === key) return this.#cache
    this.#cache?.panelSurface.close()
    screen.forget()
    const layout = layOut(columns, rows, view, showsKeys)
    this.#cache = {
      key,
      layout,
      panelSurface: createPanelSurface(layout, { theme, octave }),
      roll: layout.roll && createPianoRoll(layout.roll.columns, layout.roll.rows, theme, octave),
      lowestKey: null,
      panel: null,
    }
    return this.#cache
  }

  #rollRegion(cache: FrameCache, now: Ms, snapshot: Snapshot | undefined): Region | null {
    const { layout, roll } = cache
    if (!layout.roll || !roll) return null
    const { played } = this.#options
    const notes = played.notes()
    played.forget(now - roll.times.pastMs - FORGET_AFTER_MS)
    const ahead = snapshot?.ahead ?? []
    const keys = rollKeys(layout.roll.columns, notes, ahead, cache.lowestKey)
    cache.lowestKey = keys.low
    const lines = roll.lines({ now, notes, ahead, planned: snapshot?.planned ?? 0, keys })
    return { area: layout.roll, lines, isFull: true }
  }

  #panelRegion(cache: FrameCache, now: Ms, snapshot: Snapshot | undefined): Region {
    const view = this.#panelView(now, snapshot)
    // Views are plain data, so that their text tells whether they differ: far cheaper than laying the panel out.
    const text = JSON.stringify(view)
    if (cache.panel?.drawnFrom !== text) {
      cache.panel = { drawnFrom: text, lines: cache.panelSurface.draw(view) }
    }
    return { area: cache.layout.panel, lines: cache.panel.lines, isFull: false }
  }

  #panelView(now: Ms, snapshot: Snapshot | undefined): PanelView {
    const { surface, input, notices, slowedTo } = this.#options
    const shown = surface.snapshot(input.state().part)
    return {
      state: playState(snapshot),
      mode: snapshot?.controls.mode ?? CONTROLS.mode.default,
      chords: snapshot?.chords ?? null,
      beat: snapshot?.beat ? beatText(snapshot.beat, snapshot) : null,
      mix: mixText(surface.mix(), surface.snapshot('drums')?.groove ?? snapshot?.groove ?? null),
      input: input.state(),
      controls: {
        controls: input.controls(),
        setBy: shown?.setBy ?? {},
        waiting: shown?.waiting ?? [],
        tide: shown?.tide ? { ...shown.tide, density: Number(shown.tide.density.toFixed(1)) } : null,
      },
      meters: this.#meterView(now, snapshot),
      undoable: shown?.undoable ?? 0,
      notices: notices(),
      slowedTo: slowedTo(),
    }
  }

  #meterView(now: Ms, snapshot: Snapshot | undefined): MeterView {
    const { surface } = this.#options
    // The absolute difference is compared, so that the meters are read anew after the clock has gone back, as it may in
    // tests.
    if (!this.#meters || Math.abs(now - this.#meters.at) >= METERS_MS) {
      this.#meters = { view: readMeters(surface.meters(), snapshot, surface.presets()), at: now }
    }
    return this.#meters.view
  }
}

function playState(snapshot: Snapshot | undefined): PlayState {
  if (!snapshot) return 'waking'
  if (snapshot.countIn !== null) return 'counting'
  if (snapshot.paused) return 'paused'
  if (snapshot.ending) return 'ending'
  return snapshot.floor === 'player' ? 'listening' : 'playing'
}

/**
 * Tempo, bar and beat as `120.0 BPM 12.3`; bars and beats are counted from 1. While the song is stopped only the tempo, and the beats that are
 * left of a count-in.
 */
function beatText({ tempo, position }: Beat, { controls: { beatsPerBar }, countIn }: Snapshot): string {
  if (position === null) return `${tempo.toFixed(1)} BPM${countIn === null ? '' : ` ${countIn} to go`}`
  const bar = Math.floor(position / beatsPerBar) + 1
  const beat = Math.floor(position - (bar - 1) * beatsPerBar) + 1
  return `${tempo.toFixed(1)} BPM ${bar}.${beat}`
}

function readMeters(
  meters: Meters,
  snapshot: Snapshot | undefined,
  all: ReturnType<ControlSurface['presets']>,
): MeterView {
  const {
    planned = 0,
    slips = 0,
    slippedMs = 0,
    rewinds = 0,
    held = [],
    form = null,
    chords = null,
  } = snapshot ?? {}
  const name = snapshot?.style ?? null
  const style = name === null ? null : styleText(name, snapshot?.controls.styleStrength ?? 0)
  const presets = Object.entries(all).map(([number, { name }]) => `${number} ${name}`)
  return { meters, planned, slips, slippedMs, rewinds, held, form, chords, style, presets }
}
