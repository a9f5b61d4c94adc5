import { MINUTE_MS, type Ms } from '../units.js'
import { multipleAfter, TICKS_PER_QUARTER } from './midi-clock.js'

/**
 * Ticks overdue by more than this are counted but not returned. With a longer limit a burst of old ticks would make
 * followers race; with a shorter one followers would miss ticks after a small stall.
 */
const LONGEST_OVERDUE_MS: Ms = 100

/**
 * A song that is moved by more quarter notes than this has jumped to another place, and its ticks begin there. With a higher
 * limit ticks fail to come for as long; with a lower one a correction of some ms sends ticks twice.
 */
const LARGEST_CORRECTION = 0.25

/** The exact times of a MIDI clock to be sent. They are computed from one start, so that no errors add up. Never throws. */
export interface ClockGenerator {
  /** Changes the tempo to `tempo` quarter notes a minute from `at` on. The place in the song at `at` stays as it is. */
  setTempo(tempo: number, at: Ms): void
  /** The song is at place `beat`, in quarter notes, at `at`, and goes on at `tempo` of them a minute. */
  place(at: Ms, beat: number, tempo: number): void
  /** The song starts at `at`, with its first tick. */
  restart(at: Ms): void
  /** Due times of the next ticks up to and including `limit`; each is returned once. Allocates. */
  ticksUntil(limit: Ms): Ms[]
  /** When the next tick is due. */
  readonly nextTick: Ms
  /** Quarter notes since the song started. */
  positionAt(at: Ms): number
  /** When, after `at`, the place in the song is next a multiple of `quarters` quarter notes. */
  nextMultiple(quarters: number, at: Ms): Ms
}

/** A clock at `tempo` quarter notes a minute whose song starts at `start`. */
export function createClockGenerator(tempo: number, start: Ms): ClockGenerator {
  let quarterMs = MINUTE_MS / tempo
  /** A time at which the place in the song is known, and that place in quarter notes. */
  let base = start
  let basePosition = 0
  /** Number of the next tick in the song. */
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
    place: (at, beat, next) => {
      const moved = Math.abs(beat - positionAt(at))
      base = at
      basePosition = beat
      quarterMs = MINUTE_MS / next
      // After a small correction the next tick is the one after the last: followers count them.
      if (moved > LARGEST_CORRECTION) tick = Math.ceil(beat * TICKS_PER_QUARTER)
    },
    restart: (at) => {
      base = at
      basePosition = 0
      tick = 0
    },
    ticksUntil: (limit) => {
      const ticks: Ms[] = []
      tick = Math.max(tick, Math.ceil(positionAt(limit - LONGEST_OVERDUE_MS) * TICKS_PER_QUARTER))
      for (let due = timeOf(tick / TICKS_PER_QUARTER); due <= limit; due = timeOf(tick / TICKS_PER_QUARTER)) {
        ticks.push(due)
        tick++
      }
      return ticks
    },
    nextMultiple: (quarters, at) => timeOf(multipleAfter(quarters, positionAt(at))),
  }
}
