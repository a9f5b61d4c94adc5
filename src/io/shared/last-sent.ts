import type { Ms, Pitch, Velocity } from '../../engine/units.js'

/**
 * The last message that the stage sent for each pitch and each controller is in shared memory, so that the ear recognises an
 * echo when a DAW loops our output back to us. The memory is a Float64Array: [cell * 2] = value, [cell * 2 + 1] = process
 * time of sending, 0 for never. Cells are 128 note-ons by pitch, 128 note-offs by pitch (value 0), 128 controllers.
 */
const NOTE_OFFS = 128
const CONTROLLERS = 256
const CELLS = 384

/**
 * A message equal to one sent this short a time ago is an echo. Longer: a player who answers a note with the same key at
 * exactly the same velocity is ignored. Shorter: an echo through a DAW with a large buffer is taken for the player's
 * playing, which the pianist then answers.
 */
const ECHO_MS: Ms = 30
/** Arrival times are estimates and can lie a little before the sending that they echo. */
const STAMP_ERROR_MS: Ms = 3

/** Memory for one table in which nothing was ever sent. */
export function allocateLastSent(): SharedArrayBuffer {
  return new SharedArrayBuffer(CELLS * 2 * 8)
}

/** A view of the table: the stage records what it sends, the ear compares what arrives. Never blocks nor allocates. */
export class LastSent {
  readonly #cells: Float64Array

  constructor(memory: SharedArrayBuffer) {
    this.#cells = new Float64Array(memory)
  }

  recordNoteOn(pitch: Pitch, velocity: Velocity, at: Ms): void {
    this.#write(pitch, velocity, at)
  }

  recordNoteOff(pitch: Pitch, at: Ms): void {
    this.#write(NOTE_OFFS + pitch, 0, at)
  }

  recordControl(controller: number, value: number, at: Ms): void {
    this.#write(CONTROLLERS + controller, value, at)
  }

  /** Whether a note-on that arrived `at` is one that was just sent. */
  isNoteOnEcho(pitch: Pitch, velocity: Velocity, at: Ms): boolean {
    return this.#matches(pitch, velocity, at)
  }

  /** Whether a note-off that arrived `at` is one that was just sent. */
  isNoteOffEcho(pitch: Pitch, at: Ms): boolean {
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
