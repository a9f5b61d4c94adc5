import type { Meters, PortMeter } from '../engine/surface/meters.js'
import type { Snapshot } from '../engine/surface/snapshot.js'
import type { Ms } from '../engine/units.js'
import { createCpuLoad } from '../io/meters/cpu-load.js'
import type { MidiMonitor } from '../io/meters/midi-monitor.js'
import { bareName, findPort } from '../io/midi/port-names.js'
import { Ledger } from '../io/shared/ledger.js'
import { countOverflows, DROPPED, ECHOES, LOST, type SharedMemory } from '../io/shared/shared-memory.js'
import type { PortsReport } from '../threads/ear-host.js'

/** The ports that the program uses and other facts that don't change while it runs. */
export interface Machinery {
  /**
   * The port that is played to, or null where there is no MIDI. `isOwn`: Rubato's own virtual port, which others
   * connect to.
   */
  readonly output: { readonly name: string; readonly isOwn: boolean } | null
  /** The input ports that could be opened. */
  readonly inputs: readonly string[]
  /** The input port that was asked for by name, or null. */
  readonly from: string | null
  readonly realtime: Meters['realtime']
  readonly backend: string
  readonly model: string
  readonly unsupported: Meters['unsupported']
  readonly seed: number
  readonly recording: string | null
}

/** The meters that the rest of the program knows, and that change while it runs. */
type Standing = Pick<Meters, 'restarts' | 'web' | 'problem' | 'linkPeers'>

/** Measures load, ports, lateness and counts around the pianist. Times are process times. */
export interface MeterReader {
  /** Remembers the ports of the last report. */
  portsChanged(ports: PortsReport): void
  /** Measures the load at `at`. Call this every second or so. */
  measureLoad(snapshot: Snapshot | undefined, at: Ms): void
  /** All meters at process time `at`. */
  meters(machinery: Machinery, standing: Standing, at: Ms): Meters
}

export function createMeterReader(memory: SharedMemory, monitor: MidiMonitor): MeterReader {
  const ledger = new Ledger(memory.ledger)
  const load = createCpuLoad()
  let ports: PortsReport | undefined

  function portsChanged(next: PortsReport): void {
    ports = next
  }

  function portMeters({ output, inputs, from }: Machinery): PortMeter[] {
    const meters: PortMeter[] = []
    if (output) meters.push({ name: output.name, way: 'out', state: outputState(output) })
    // A port is asked for by a part of its name, and listed by its full name if it was there at the start.
    const asked = from === null ? [] : [findPort(inputs, bareName(from)) ?? from]
    for (const name of new Set([...inputs, ...asked])) {
      meters.push({ name, way: 'in', state: inputState(name, asked) })
    }
    return meters
  }

  function outputState({ name, isOwn }: { readonly name: string; readonly isOwn: boolean }): string {
    if (!ports) return 'open'
    if (!isOwn) return findPort(ports.outputs, bareName(name)) === undefined ? 'waiting for it' : 'open'
    // Only Linux shows who is connected to a virtual port.
    if (process.platform !== 'linux') return 'open'
    return ports.peers.length === 0 ? 'nobody listens' : `${ports.peers.length} connected`
  }

  function inputState(name: string, named: readonly string[]): string {
    const isThere = !ports || findPort(ports.inputs, bareName(name)) !== undefined
    return named.includes(name) && !isThere ? 'waiting for it' : 'open'
  }

  return {
    portsChanged,
    measureLoad: (snapshot, at) => load.read(at, snapshot?.events ?? 0),
    meters: (machinery, standing, at) => ({
      output: machinery.output ? `on ${machinery.output.name}` : 'in silence',
      inputs: machinery.inputs,
      ports: portMeters(machinery),
      controllers: monitor.controllers(),
      realtime: machinery.realtime,
      backend: machinery.backend,
      model: machinery.model,
      unsupported: machinery.unsupported,
      seed: machinery.seed,
      recording: machinery.recording,
      notes: monitor.notes,
      sounding: ledger.soundingNotes().length,
      lateness: monitor.lateness(at),
      eventsPerSecond: load.eventsPerSecond,
      cpu: load.cpu,
      dropped: Atomics.load(memory.control, DROPPED),
      lost: Atomics.load(memory.control, LOST) + countOverflows(memory),
      echoes: Atomics.load(memory.control, ECHOES),
      ...standing,
    }),
  }
}
