import type { Ms } from '../units.js'

/** Ticks a quarter note (MIDI 1.0, MIDI clock). */
export const TICKS_PER_QUARTER = 24

const MINUTE_MS: Ms = 60_000
/** Ticks longer past than this are counted but not given: a heap of them would make followers race. */
const PAST_MS: Ms = 100

/** The times of a MIDI clock that we give, exact: they come from one beginning, so that nothing adds up. Never throws. */
export interface ClockGenerator {
  /** Quarter notes a minute from `at` on; the beat goes on where it is. */
  setTempo(tempo: number, at: Ms): void
  /** The song begins at `at`: the next tick is its first. */
  restart(at: Ms): void
  /** Due times of the ticks not given yet, up to and including `limit`. Allocates. */
  ticksUntil(limit: Ms): Ms[]
  /** When the next tick is due. */
  readonly nextTick: Ms
  /** Quarter notes since the song began. */
  positionAt(at: Ms): number
  /** The first multiple of `quarters` after `at`. */
  nextMultiple(quarters: number, at: Ms): Ms
}

/** A clock at `tempo` whose song begins at `start`. */
export function createClockGenerator(tempo: number, start: Ms): ClockGenerator {
  let quarterMs = MINUTE_MS / tempo
  /** At this time the song stands at this place. */
  let base = start
  let basePosition = 0
  let tick = 0

  const timeOf = (position: number): Ms => base + (position - basePosition) * quarterMs
  const positionAt = (at: Ms) => basePosition + (at - base) / quarterMs

  return {
    positionAt,
    get nextTick() {
      return timeOf(tick / TICKS_PER_QUARTER)
    },
    setTempo: (next, at) => {
      basePosition = positionAt(at)
      base = at
      quarterMs = MINUTE_MS / next
    },
    restart: (at) => {
      base = at
      basePosition = 0
      tick = 0
    },
    ticksUntil: (limit) => {
      const ticks: Ms[] = []
      tick = Math.max(tick, Math.ceil(positionAt(limit - PAST_MS) * TICKS_PER_QUARTER))
      for (let due = timeOf(tick / TICKS_PER_QUARTER); due <= limit; due = timeOf(tick / TICKS_PER_QUARTER)) {
        ticks.push(due)
        tick++
      }
      return ticks
    },
    nextMultiple: (quarters, at) => timeOf(quarters * (Math.floor(positionAt(at) / quarters + 1e-9) + 1)),
  }
}
