import type { Meters } from '../engine/surface/meters.js'
import type { ControlSurface } from '../engine/surface/surface.js'
import type { Ms } from '../engine/units.js'
import type { MidiMonitor } from '../io/meters/midi-monitor.js'
import { CAPTURE_MS, type CaptureBuffer } from '../io/recording/capture.js'
import type { Notices } from './notices.js'
import type { Performers } from './parts/performers.js'
import type { Requests } from './requests/requests.js'
import type { Threads } from './threads.js'

/** The parts of the running program that the control surface is made of. */
interface SurfaceOptions {
  readonly threads: Threads
  readonly requests: Requests
  readonly performers: Performers
  readonly monitor: MidiMonitor
  readonly capture: CaptureBuffer
  readonly notices: Notices
  readonly meters: () => Meters
  readonly now: () => Ms
}

/** The control surface of the running program, for dashboard, page and controllers. */
export function createSurface(options: SurfaceOptions): ControlSurface {
  const { threads, requests, performers, monitor, capture, notices, meters, now } = options
  const { performer, seat, ear } = threads
  return {
    ask: (request, by) => requests.ask(request, by),
    presets: () => requests.presets,
    now,
    snapshot: (part) => {
      if (part !== 'drums') return performer.snapshot()
      return performers.drummer ? seat.host?.snapshot() : undefined
    },
    mix: () => performers.mix,
    meters,
    receive: (bytes) => ear.post({ kind: 'bytes', bytes }),
    captured: () => capture.captured(now() - CAPTURE_MS, now()),
    onSent: monitor.onSent,
    onHeard: monitor.onHeard,
    onNotice: (see) => notices.watch(see),
  }
}
