import type { Ms } from '../../engine/units.js'

/** The load of this process and the rate of its events, over the last few seconds. */
interface CpuLoad {
  /** Share of one core that this process takes, in percent. */
  readonly cpu: number
  readonly eventsPerSecond: number
  /** Records a reading at process time `at`, when `events` have been played in all. Call it every second or so. */
  read(at: Ms, events: number): void
}

/** How many readings are averaged over. Fewer: the figures jump with every chord. More: they change long after the load. */
const READINGS = 4

interface Reading {
  readonly at: Ms
  readonly events: number
  readonly cpu: Ms
}

/** A meter without readings: its figures are 0. */
export function createCpuLoad(): CpuLoad {
  let readings: readonly Reading[] = []

  function rate(of: (reading: Reading) => number): number {
    const [first] = readings
    const last = readings.at(-1)
    if (!first || !last || last.at === first.at) return 0
    return (of(last) - of(first)) / (last.at - first.at)
  }

  return {
    get cpu() {
      return 100 * rate(({ cpu }) => cpu)
    },
    get eventsPerSecond() {
      return Math.max(0, 1000 * rate(({ events }) => events))
    },
    read: (at, events) => {
      const { user, system } = process.cpuUsage()
      readings = [...readings, { at, events, cpu: (user + system) / 1000 }].slice(-READINGS)
    },
  }
}
