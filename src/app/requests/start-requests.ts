import { controlOfController } from '../../engine/controls/control-values.js'
import type { MidiMonitor } from '../../io/meters/midi-monitor.js'
import type { CaptureBuffer } from '../../io/recording/capture.js'
import { panic, type SharedMemory } from '../../io/shared/shared-memory.js'
import { VIRTUAL_PORT } from '../../threads/messages.js'
import type { PerformerHost } from '../../threads/performer-host.js'
import type { Clock } from '../clock.js'
import { Controllers } from '../controllers/controllers.js'
import { Learning } from '../controllers/learning.js'
import type { Machinery } from '../meters.js'
import type { AppOptions } from '../options.js'
import { type ControlledPerformer, Performers } from '../parts/performers.js'
import type { Threads } from '../threads.js'
import { Requests } from './requests.js'

/** The parts of the program that requests and controllers are connected to. */
interface RequestRoom {
  readonly threads: Threads
  readonly memory: SharedMemory
  readonly monitor: MidiMonitor
  readonly capture: CaptureBuffer
  readonly machinery: Machinery
  readonly clock: Clock
  readonly notice: (sentence: string) => void
}

function controlled({ send, tellBeat, snapshot }: PerformerHost): ControlledPerformer {
  return {
    send,
    tellBeat,
    controls: () => snapshot()?.controls,
    isPaused: () => snapshot()?.paused !== false,
    beat: () => snapshot()?.beat ?? null,
  }
}

/** Starts the requests, and the controllers, which make some of the requests. */
export function startRequests(options: AppOptions, room: RequestRoom) {
  const { memory, monitor, capture, machinery, clock, notice } = room
  const { ear, performer, seat } = room.threads
  const standing = () => performer.snapshot()?.controls ?? options.controls
  const pianist: ControlledPerformer = { ...controlled(performer), controls: standing }
  const performers = new Performers({
    pianist,
    drummer: seat.host && controlled(seat.host),
    seat: {
      canSit: seat.canSit,
      sit: (pianists) => {
        const host = seat.sit(pianists)
        return { performer: controlled(host), ready: host.ready }
      },
      leave: () => seat.leave(),
    },
    now: clock.now,
    notice,
  })
  const learning = new Learning()
  const requests = new Requests({
    presets: options.presets,
    savePresets: options.savePresets,
    captures: options.captures,
    capture,
    performers,
    panic: () => {
      panic(memory)
    },
    learning,
    controls: standing,
    snapshot: () => performer.snapshot(),
    unsupported: machinery.unsupported,
    sync: options.sync,
    clock,
  })
  const controllers = new Controllers({
    ports: options.controllers,
    mapOf: options.mapOf,
    saveMap: options.saveMap,
    learning,
    ask: (request, by) => requests.ask(request, by),
    standing: (part) => (part === 'drums' ? performers.drummer?.controls() : standing()),
    isPaused: () => {
      const snapshot = performer.snapshot()
      return snapshot === undefined || (snapshot.paused && snapshot.countIn === null)
    },
    mix: () => performers.mix,
    tellEar: ear.post,
    notice,
    now: clock.now,
  })
  for (const port of [VIRTUAL_PORT, ...(options.from === null ? [] : [options.from])])
    controllers.follow(port)
  ear.onController(controllers)
  monitor.onHeard((message) => {
    const control = message.kind === 'control-change' && controlOfController(message.controller)
    if (control) requests.leaveToHand(control)
  })
  return { performers, requests, controllers }
}
