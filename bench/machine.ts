import { readFileSync } from 'node:fs'
import { cpus, loadavg } from 'node:os'
import { round } from './table.js'

/** The machine that figures were measured on. */
export interface Machine {
  readonly node: string
  readonly platform: string
  readonly cpu: string
  /** Load averages of the last 1, 5 and 15 minutes. Figures from a busy machine say little. */
  readonly load: readonly number[]
}

export function describeMachine(): Machine {
  const cores = cpus()
  return {
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
    cpu: `${cores.length} x ${cores[0]?.model.trim() ?? 'unknown'}`,
    load: loadavg().map((average) => round(average, 2)),
  }
}

/**
 * Starts to measure the steal time: what the host of a virtual machine gives to other machines, which makes programs late
 * whatever they do. @returns a function that gives the percentage since then, or `?` on systems other than Linux.
 */
export function watchSteal(): () => number | '?' {
  const before = processorTimes()
  return () => {
    const after = processorTimes()
    if (!before || !after || after.total === before.total) return '?'
    return round((100 * (after.steal - before.steal)) / (after.total - before.total), 1)
  }
}

/** Steal time and all time of the processors since the machine started, in clock ticks (proc(5), /proc/stat). */
function processorTimes(): { readonly steal: number; readonly total: number } | undefined {
  try {
    const ticks = readFileSync('/proc/stat', 'utf8')
      .split('\n', 1)[0]!
      .trim()
      .split(/ +/)
      .slice(1, 9)
      .map(Number)
    return { steal: ticks[7] ?? 0, total: ticks.reduce((sum, count) => sum + count, 0) }
  } catch {
    return undefined
  }
}
