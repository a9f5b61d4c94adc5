import { SUSTAIN } from '../../engine/language/messages.js'
import { channelOf, channelStatus, kindOf, STATUS } from '../../engine/language/midi-status.js'
import type { Channel } from '../../engine/units.js'
import { data1Of, data2Of, pack } from '../shared/ring-messages.js'

/**
 * The sustain pedal of each channel where the player (thru) and the pianist both have a foot on it: it is as far down as the
 * lower foot, so neither lifts it under the other. Never allocates after it was made.
 */
export class SharedPedal {
  /** How far down each foot is, 0-127, by source * 16 + channel. */
  readonly #feet: Uint8Array
  readonly #sources: number

  /** @param sources how many sources there are, which are numbered from 0 */
  constructor(sources: number) {
    this.#sources = sources
    this.#feet = new Uint8Array(16 * sources)
  }

  /** Moves a foot as a control change of `source` says. @returns the message for the port; all others are returned as they are */
  move(bytes: number, source: number): number {
    if (kindOf(bytes & 0xff) !== STATUS.controlChange || data1Of(bytes) !== SUSTAIN) return bytes
    const channel = channelOf(bytes)
    this.#feet[source * 16 + channel] = data2Of(bytes)
    let lowest = 0
    for (let any = 0; any < this.#sources; any++) lowest = Math.max(lowest, this.#feet[any * 16 + channel]!)
    return pack(channelStatus(STATUS.controlChange, channel), SUSTAIN, lowest)
  }

  /** Whether `source` has its foot down at all. */
  isDown(channel: Channel, source: number): boolean {
    return this.#feet[source * 16 + channel]! > 0
  }

  /** All feet leave the pedal of a channel. */
  lift(channel: Channel): void {
    for (let any = 0; any < this.#sources; any++) this.#feet[any * 16 + channel] = 0
  }
}
