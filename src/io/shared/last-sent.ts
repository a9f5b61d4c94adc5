import type { Ms, Pitch, Velocity } from '../../engine/units.js'

/**
 * What the stage sent last on each pitch and each controller, in shared memory, so that the ear knows an echo when a
 * DAW loops our output back to us. Float64: [cell * 2] = value, [cell * 2 + 1] = process time; cells: 128 note-ons by
 * pitch, 128 note-offs by pitch (value 0), 128 controllers.
 */
const NOTE_OFFS = 128
const CONTROLLERS = 256
const CELLS = 384

/**
 * What comes back within this time is an echo. Longer: a player who answers a note with the same key and exactly the
 * same velocity is ignored. Shorter: echoes through a DAW with a large buffer are taken for playing, and feed on themselves.
 */
const ECHO_MS: Ms = 30
/** Arrival stamps are smoothed and can come out a little before the sending they answer. */
const STAMP_ERROR_MS: Ms = 3

/** Memory for one table: nothing was ever sent. */
export function allocateLastSent(): SharedArrayBuffer {
  return new SharedArrayBuffer(CELLS * 2 * 8)
}

/** A view of the table: the stage writes what it sends, the ear asks whether what it hears is that. Neither blocks nor allocates. */
export class LastSent {
  readonly #cells: Float64Array

  constructor(memory: SharedArrayBuffer) {
    this.#cells = new Float64Array(memory)
  }

  noteSent(pitch: Pitch, velocity: Velocity, at: Ms): void {
    this.#write(pitch, velocity, at)
  }

  offSent(pitch: Pitch, at: Ms): void {
    this.#write(NOTE_OFFS + pitch, 0, at)
  }

  controlSent(controller: number, value: number, at: Ms): void {
    this.#write(CONTROLLERS + controller, value, at)
  }

  /** Whether a note-on that arrived `at` is one that was just sent. */
  isNoteEcho(pitch: Pitch, velocity: Velocity, at: Ms): boolean {
    return this.#matches(pitch, velocity, at)
  }

  /** Whether a note-off that arrived `at` is one that was just sent. */
  isOffEcho(pitch: Pitch, at: Ms): boolean {
    return this.#matches(NOTE_OFFS + pitch, 0, at)
  }

  /** Whether a control change that arrived `at` is one that was just sent. */
  isControlEcho(controller: number, value: number, at: Ms): boolean {
    return this.#matches(CONTROLLERS + controller, value, at)
  }

  #write(cell: number, value: number, at: Ms): void {
    this.#cells[cell * 2] = value
    this.#cells[cell * 2 + 1] = at
  }

  #matches(cell: number, value: number, at: Ms): boolean {
    const sentAt = this.#cells[cell * 2 + 1]!
    const age = at - sentAt
    return sentAt !== 0 && this.#cells[cell * 2] === value && age >= -STAMP_ERROR_MS && age <= ECHO_MS
  }
}
