import { defaultControls } from '../../src/engine/controls/controls.js'
import type { Meters } from '../../src/engine/surface/meters.js'
import type { Mix, Snapshot } from '../../src/engine/surface/snapshot.js'
import type { PanelView } from '../../src/tui/panel/panel-view.js'

/** A snapshot, meters and a view of a pianist who plays, as literals. */
export const SNAPSHOT: Snapshot = {
  paused: false,
  stopped: false,
  ending: false,
  floor: 'both',
  beat: null,
  controls: { ...defaultControls(), temperature: 0.9, register: [48, 72], keyLock: true },
  setBy: { temperature: 'controller', register: 'web', keyLock: 'keys' },
  undoable: 3,
  tide: { density: 7.25, tonic: 9, mode: 'minor' },
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
  groove: null,
  muted: false,
  style: 'nocturne.mid',
  canTakeStyle: true,
  planned: 412.4,
  position: 9000,
  held: [67, 60],
  heardWeights: null,
  countIn: null,
  waiting: [],
  slips: 2,
  slippedMs: 34.4,
  rewinds: 5,
  steps: 99,
  events: 80,
  ahead: [],
}

export const METERS: Meters = {
  output: 'on Rubato',
  inputs: ['Rubato in'],
  ports: [
    { name: 'Rubato', way: 'out', state: '1 connected' },
    { name: 'Keystation', way: 'in', state: 'gone' },
  ],
  controllers: [{ channel: 2, controller: 74, value: 93, at: 8000 }],
  eventsPerSecond: 12.34,
  cpu: 34.4,
  web: 'http://127.0.0.1:7331',
  linkPeers: null,
  recording: '/music/take.mid',
  realtime: { on: false, reason: 'No real-time priority: chrt is not allowed.' },
  backend: 'wasm int16',
  model: 'rubato-piano',
  unsupported: {},
  seed: 7,
  notes: 120,
  sounding: 3,
  lateness: {
    p50: 0.04,
    p99: 0.31,
    max: 4,
    seconds: Array.from({ length: 60 }, (_, i) => (i === 59 ? 4 : 0.1)),
  },
  dropped: 1,
  lost: 0,
  echoes: 0,
  restarts: 0,
  problem: 'Keystation has gone: plug it in again.',
}

/** Nobody but the pianist plays. */
export const MIX: Mix = { drummer: 'off', muted: { piano: false, drums: false }, solo: null }

export const VIEW: PanelView = {
  state: 'playing',
  mode: 'follow',
  beat: null,
  mix: null,
  chords: null,
  input: {
    part: 'piano',
    chosen: 'temperature',
    typed: null,
    typing: 'value',
    asking: null,
    view: 'all',
    showsKeys: false,
  },
  controls: SNAPSHOT,
  meters: {
    meters: METERS,
    planned: SNAPSHOT.planned,
    slips: SNAPSHOT.slips,
    slippedMs: SNAPSHOT.slippedMs,
    rewinds: SNAPSHOT.rewinds,
    held: SNAPSHOT.held,
    form: SNAPSHOT.form,
    chords: null,
    style: 'nocturne.mid 0.7',
    presets: ['1 Untouched', '3 Toccata'],
  },
  undoable: 3,
  notices: [],
  slowedTo: null,
}
