import { CONTROL_NAMES, CONTROLS, defaultControls } from '../src/engine/controls/controls.js'
import type { Meters } from '../src/engine/surface/meters.js'
import type { PlannedNote, Snapshot } from '../src/engine/surface/snapshot.js'
import type { ControlSurface } from '../src/engine/surface/surface.js'
import type { Ms } from '../src/engine/units.js'
import { percentile } from '../src/io/meters/lateness.js'
import { createFrames } from '../src/tui/frames.js'
import { InputHandler } from '../src/tui/input/input-handler.js'
import { createPlayedNotes } from '../src/tui/roll/played-notes.js'
import { FULL_RATE } from '../src/tui/terminal/pace.js'
import { createScreen } from '../src/tui/terminal/screen.js'
import type { TerminalTraits } from '../src/tui/terminal/terminal-traits.js'
import { createTheme } from '../src/tui/terminal/theme.js'
import { printTable, type Row, round } from './table.js'

const SIZES = [
  [80, 24],
  [120, 40],
  [200, 60],
] as const

/** How many notes, played and planned, are on the roll at any moment. */
const NOTES = 200

/** Frames drawn before the measured ones, in which V8 compiles the code. */
const WARM_UP = 150
const FRAMES = 600
const FRAME_MS: Ms = 1000 / FULL_RATE

/** The time that the roll shows, past and to come. Notes are spread evenly over it, so that their number stays the same. */
const SPAN_MS: Ms = 5000
const AHEAD_MS: Ms = 1000
const NOTE_MS: Ms = 400

/**
 * Measures what frames of the dashboard cost the main thread at the full rate, with notes on the roll and a control that is
 * changed once a second: building, layout, and writing to a terminal that never blocks.
 */
export async function dashboard(): Promise<readonly Row[]> {
  const rows = SIZES.map(([columns, lines]) => measure(columns, lines))
  printTable(`The dashboard, ${FRAMES} frames at ${FULL_RATE} a second, ${NOTES} notes on the roll`, rows)
  return rows
}

function measure(columns: number, rows: number): Row {
  const bed = createTestBed(columns, rows)
  const times: Ms[] = []
  let bytes = 0
  let cpu = process.cpuUsage()
  for (let frame = -WARM_UP; frame < FRAMES; frame++) {
    if (frame === 0) cpu = process.cpuUsage()
    bed.advance()
    if (frame % FULL_RATE === 0) bed.press(frame % (2 * FULL_RATE) === 0 ? 'right' : 'left')
    const before = performance.now()
    const written = bed.draw()
    if (frame < 0) continue
    times.push(performance.now() - before)
    bytes += written
  }
  const used = process.cpuUsage(cpu)
  bed.close()
  times.sort((a, b) => a - b)
  return {
    terminal: `${columns}x${rows}`,
    'ms p50': round(percentile(times, 0.5), 2),
    'ms p99': round(percentile(times, 0.99), 2),
    'ms max': round(times[times.length - 1] ?? 0, 2),
    'CPU %': round((100 * (used.user + used.system)) / 1000 / (FRAMES * FRAME_MS), 1),
    'KB/s': round((bytes / FRAMES) * (FULL_RATE / 1024), 0),
  }
}

/** A dashboard on a terminal that never blocks, showing a simulated pianist. */
function createTestBed(
  columns: number,
  rows: number,
  traits: TerminalTraits = { unicode: true, colour: 24 },
  write: (text: string) => void = () => {},
) {
  const every = (SPAN_MS + AHEAD_MS) / NOTES
  const played = createPlayedNotes()
  let now: Ms = 10_000
  let next = Math.floor((now - SPAN_MS) / every)
  let controls = defaultControls()

  const surface: Pick<ControlSurface, 'ask' | 'snapshot' | 'mix' | 'meters' | 'presets' | 'now'> = {
    ask: (request) => {
      if (request.type === 'set') controls = { ...controls, [request.control]: request.value }
      return { ok: true, sentence: null }
    },
    snapshot: () => snapshotAt(now, controls, planned(now, every)),
    mix: () => ({ drummer: 'off', muted: { piano: false, drums: false }, solo: null }),
    meters: () => metersAt(now),
    presets: () => ({ 1: { name: 'Untouched', controls: defaultControls() } }),
    now: () => now,
  }
  const screen = createScreen({ write }, true)
  const desk = new InputHandler({
    surface,
    leave: () => {},
    suspend: () => {},
    redraw: () => {},
    notice: () => {},
  })
  const frames = createFrames({
    surface,
    input: desk,
    played,
    screen,
    theme: createTheme(traits),
    octave: 'C3',
    size: () => ({ columns, rows }),
    notices: () => ['A sentence that was said.'],
    slowedTo: () => null,
  })

  return {
    advance: () => {
      now += FRAME_MS
      for (; next * every < now; next++) play(next)
    },
    press: desk.press,
    draw: frames.draw,
    close: frames.close,
  }

  function play(id: number): void {
    const due = id * every
    const common = { id, channel: 0, pitch: pitchOf(id), source: 'performer', fate: 'sent' } as const
    played.sent({ ...common, kind: 'note-on', due, sentAt: due, velocity: velocityOf(id) })
    played.sent({ ...common, kind: 'note-off', due: due + NOTE_MS, sentAt: due + NOTE_MS })
  }
}

const pitchOf = (id: number) => 24 + ((id * 7 + 13 * (id % 3)) % 80)
const velocityOf = (id: number) => 20 + ((id * 11) % 100)

function planned(now: Ms, every: Ms): PlannedNote[] {
  const first = Math.ceil(now / every)
  return Array.from({ length: Math.floor(AHEAD_MS / every) }, (_, i) => {
    const start = (first + i) * every
    return { pitch: pitchOf(first + i), velocity: velocityOf(first + i), start, end: start + NOTE_MS }
  })
}

function snapshotAt(now: Ms, controls: Snapshot['controls'], ahead: readonly PlannedNote[]): Snapshot {
  const touched = CONTROL_NAMES.filter((name) => controls[name] !== CONTROLS[name].default)
  return {
    paused: false,
    stopped: false,
    ending: false,
    floor: 'both',
    beat: null,
    controls,
    setBy: Object.fromEntries(touched.map((name) => [name, 'keys'])),
    undoable: touched.length,
    tide: { density: 6 + Math.sin(now / 20_000), tonic: 9, mode: 'minor' },
    form: {
      movement: 1,
      sections: ['A', 'B', "A'", 'C', "A''"],
      current: 2,
      hears: 'theme',
      themes: [
        { letter: 'A', seconds: 8.42, notes: 53, tonic: 2, mode: 'minor' },
        { letter: 'B', seconds: 11.6, notes: 71, tonic: 5, mode: 'major' },
      ],
      canMark: true,
    },
    chords: null,
    style: null,
    groove: null,
    muted: false,
    canTakeStyle: false,
    planned: AHEAD_MS,
    position: now,
    held: [60, 64, 67],
    heardWeights: null,
    countIn: null,
    waiting: [],
    slips: 0,
    slippedMs: 0,
    rewinds: Math.floor(now / 1000),
    steps: Math.floor(now),
    events: Math.floor(now / 10),
    ahead,
  }
}

function metersAt(now: Ms): Meters {
  const seconds = Array.from({ length: 60 }, (_, i) => 0.2 + Math.abs(Math.sin(i + Math.floor(now / 1000))))
  return {
    output: 'on Rubato',
    inputs: ['Rubato in'],
    ports: [
      { name: 'Rubato', way: 'out', state: '1 connected' },
      { name: 'Rubato in', way: 'in', state: 'open' },
    ],
    controllers: [{ channel: 1, controller: 74, value: Math.floor(now / 100) % 128, at: now }],
    eventsPerSecond: 30 + Math.sin(now),
    cpu: 20 + Math.sin(now),
    web: 'http://127.0.0.1:7331',
    linkPeers: null,
    recording: null,
    realtime: { on: true, reason: 'Real-time priority.' },
    backend: 'wasm int16',
    model: 'rubato-piano',
    unsupported: {},
    seed: 1,
    notes: Math.floor(now / 100),
    sounding: 6,
    lateness: { p50: 0.04, p99: 0.31, max: 2.1, seconds },
    dropped: 0,
    lost: 0,
    echoes: 0,
    restarts: 0,
    problem: null,
  }
}
