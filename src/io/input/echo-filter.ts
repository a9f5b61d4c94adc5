import { SWITCH_ON } from '../../engine/language/messages.js'
import { channelKey } from '../../engine/language/midi-status.js'
import type { Channel, Ms, Pitch, Velocity } from '../../engine/units.js'
import { LastSent } from '../shared/last-sent.js'
import { ECHOES, type SharedMemory } from '../shared/shared-memory.js'

/**
 * Recognises our own output where a DAW loops it back to our input: it must not steer the pianist, which would answer
 * itself. Each echo of a note-on or control change is counted in the control word ECHOES. Never blocks nor throws.
 */
export class EchoFilter {
  readonly #control: Int32Array
  readonly #lastSent: LastSent
  readonly #warn: (warning: string) => void
  /** The number of echoed note-ons whose note-offs haven't come yet, at most 255, by channel * 128 + pitch. */
  readonly #open = new Uint8Array(2048)
  /** Pedals and buttons whose press was echoed and whose lift wasn't yet, as channel * 128 + controller. */
  readonly #pressed = new Set<number>()
  #warned = false

  /** `warn` is called at most once, with a sentence for the user. */
  constructor(memory: SharedMemory, warn: (warning: string) => void) {
    this.#control = memory.control
    this.#lastSent = new LastSent(memory.lastSent)
    this.#warn = warn
  }

  /** Whether a note-on that arrived `at` is an echo. If it is, the note-off that follows it is taken for an echo too. */
  isNoteOnEcho(channel: Channel, pitch: Pitch, velocity: Velocity, at: Ms): boolean {
    if (!this.#lastSent.isNoteOnEcho(pitch, velocity, at)) return false
    const key = channelKey(channel, pitch)
    this.#open[key] = Math.min(255, this.#open[key]! + 1)
    this.#count()
    return true
  }

  /**
   * Whether a note-off that arrived `at` belongs to an echo. With `isHeld` the player holds this key as well; then only a
   * note-off that repeats one of ours belongs to an echo.
   */
  isNoteOffEcho(channel: Channel, pitch: Pitch, at: Ms, isHeld: boolean): boolean {
    const key = channelKey(channel, pitch)
    if (this.#open[key] === 0 || (isHeld && !this.#lastSent.isNoteOffEcho(pitch, at))) return false
    this.#open[key]!--
    return true
  }

  /** Whether a control change that arrived `at` is an echo. */
  isControlEcho(channel: Channel, controller: number, value: number, at: Ms): boolean {
    if (!this.#lastSent.isControlEcho(controller, value, at)) return false
    const key = channelKey(channel, controller)
    if (value >= SWITCH_ON) this.#pressed.add(key)
    else this.#pressed.delete(key)
    this.#count()
    return true
  }

  /**
   * Whether the lift of a pedal that the player holds as well is an echo: only after its press was one on the same channel.
   * Otherwise it is the player's own, as from a keyboard layered on two channels, which lifts on both at once.
   */
  isLiftEcho(channel: Channel, controller: number, value: number, at: Ms): boolean {
    return (
      this.#pressed.has(channelKey(channel, controller)) && this.isControlEcho(channel, controller, value, at)
    )
  }

  /** Forgets the note-offs of echoes that are still awaited on the channel, because all its notes have ended. */
  forgetChannel(channel: Channel): void {
    this.#open.fill(0, channelKey(channel, 0), channelKey(channel + 1, 0))
  }

  #count(): void {
    Atomics.add(this.#control, ECHOES, 1)
    if (this.#warned) return
    this.#warned = true
    this.#warn(
      'Our own output comes back to our input; these notes are ignored. Switch the loop off in the DAW (its thru or monitoring).',
    )
  }
}
