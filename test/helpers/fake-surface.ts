import { defaultControls, withControl } from '../../src/engine/controls/controls.js'
import type { Origin } from '../../src/engine/controls/origin.js'
import type { HeardMessage, SentMessage } from '../../src/engine/language/messages.js'
import type { Answer, Request } from '../../src/engine/surface/commands.js'
import { FACTORY_PRESETS } from '../../src/engine/surface/factory-presets.js'
import type { Meters } from '../../src/engine/surface/meters.js'
import type { Mix, Snapshot } from '../../src/engine/surface/snapshot.js'
import type { ControlSurface } from '../../src/engine/surface/surface.js'

export const QUIET_METERS: Meters = {
  output: 'on Rubato',
  inputs: ['Rubato in'],
  ports: [
    { name: 'Rubato', way: 'out', state: '1 connected' },
    { name: 'Rubato in', way: 'in', state: 'open' },
  ],
  controllers: [],
  eventsPerSecond: 30,
  cpu: 3,
  web: null,
  linkPeers: null,
  recording: null,
  realtime: { on: true, reason: 'Real-time priority (SCHED_FIFO 20).' },
  backend: 'wasm int16',
  model: 'tiny',
  unsupported: {},
  seed: 1,
  notes: 12,
  sounding: 2,
  lateness: { p50: 0.02, p99: 0.2, max: 0.4, seconds: Array.from({ length: 60 }, () => 0.1) },
  dropped: 0,
  lost: 0,
  echoes: 0,
  restarts: 0,
  problem: null,
}

export function quietSnapshot(): Snapshot {
  return {
    paused: false,
    stopped: false,
    ending: false,
    floor: 'both',
    beat: null,
    controls: defaultControls(),
    setBy: {},
    undoable: 0,
    tide: null,
    form: null,
    chords: null,
    groove: null,
    muted: false,
    style: null,
    canTakeStyle: false,
    planned: 1000,
    position: 5000,
    held: [],
    heardWeights: null,
    countIn: null,
    waiting: [],
    slips: 0,
    slippedMs: 0,
    rewinds: 0,
    steps: 100,
    events: 80,
    ahead: [],
  }
}

/**
 * The program behind a control surface, without any music: records the requests it gets and shows the snapshots it is given.
 */
export function fakeSurface() {
  const asked: (readonly [Request, Origin])[] = []
  const received: (readonly number[])[] = []
  const watchers = {
    sent: new Set<(message: SentMessage) => void>(),
    heard: new Set<(message: HeardMessage) => void>(),
    notice: new Set<(sentence: string) => void>(),
  }
  let snapshot = quietSnapshot()
  let drums: Snapshot | undefined
  let mix: Mix = { drummer: 'off', muted: { piano: false, drums: false }, solo: null }
  let capture: Uint8Array | null = null
  const watch =
    <Seen>(set: Set<(seen: Seen) => void>) =>
    (see: (seen: Seen) => void) => {
      set.add(see)
      return () => {
        set.delete(see)
      }
    }
  const surface: ControlSurface = {
    ask: (request, by): Answer => {
      asked.push([request, by])
      if (request.type === 'set')
        snapshot = { ...snapshot, controls: withControl(snapshot.controls, request.control, request.value) }
      if (request.type === 'recall' && !FACTORY_PRESETS[request.preset]) {
        return { ok: false, reason: `Nothing is stored as preset ${request.preset}.` }
      }
      return { ok: true, sentence: null }
    },
    snapshot: (player) => (player === 'drums' ? drums : snapshot),
    mix: () => mix,
    meters: () => QUIET_METERS,
    presets: () => FACTORY_PRESETS,
    receive: (bytes) => {
      received.push(bytes)
    },
    captured: () => capture,
    now: () => performance.now(),
    onSent: watch(watchers.sent),
    onHeard: watch(watchers.heard),
    onNotice: watch(watchers.notice),
  }
  return {
    surface,
    asked,
    received,
    watchers,
    change: (part: Partial<Snapshot>) => {
      snapshot = { ...snapshot, ...part }
    },
    /** A drummer plays along from now on. */
    joinDrums: () => {
      drums = { ...quietSnapshot(), controls: { ...defaultControls(), channel: 10 } }
      mix = { ...mix, drummer: 'on' }
    },
    holdCapture: (bytes: Uint8Array) => {
      capture = bytes
    },
    send: (message: SentMessage) => {
      for (const see of watchers.sent) see(message)
    },
    hear: (message: HeardMessage) => {
      for (const see of watchers.heard) see(message)
    },
    say: (sentence: string) => {
      for (const see of watchers.notice) see(sentence)
    },
  }
}
