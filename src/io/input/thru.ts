import type { HeardMessage } from '../../engine/language/messages.js'
import { channelKey } from '../../engine/language/midi-status.js'
import type { Channel, Ms, NoteId } from '../../engine/units.js'
import { wake } from '../clock.js'
import { pushTimed } from '../shared/ring-messages.js'
import { Ring } from '../shared/rings.js'
import { EPOCH, FIRST_THRU_ID, type SharedMemory, STAGE_BELL } from '../shared/shared-memory.js'

/**
 * The longest that a passed-on key may sound. Shorter: an organist's drone is cut. Longer: a key that was held when the
 * ear died hangs longer.
 */
const LONGEST_KEY_MS: Ms = 10 * 60_000
/** The last id that fits the Int32 of the rings and the ledger; after it the ids begin anew. */
const LAST_THRU_ID: NoteId = 0x7fff_ffff
/**
 * Controllers that stay where they are put, and the value at which each rests: modulation, expression and the pedals, as
 * *reset all controllers* sets them (MMA RP-015). Volume and pan aren't among them: they are the receiver's own settings.
 */
const RESTS: ReadonlyMap<number, number> = new Map([
  [1, 0],
  [11, 127],
  ...[64, 65, 66, 67, 68, 69].map((pedal) => [pedal, 0] as const),
])
/** Controllers from this number on are channel mode messages, which would also act on the pianist's notes if passed on. */
const FIRST_MODE = 120

/** A controller as it was passed on last. */
interface PassedController {
  /** The channel that it was passed on to. */
  readonly out: Channel
  readonly controller: number
  /** The controller's resting value. */
  readonly rest: number
  readonly value: number
}

/**
 * Passes the player's notes and controllers on to the stage, and remembers what must be ended or put back there. Keys
 * are named by the channel and pitch that they were played with, wherever they are passed on to. Never blocks nor throws.
 */
export class Thru {
  readonly #control: Int32Array
  readonly #toStage: Ring
  /** The id under which each key was passed on, 0 if it wasn't, by channel * 128 + pitch as played. */
  readonly #ids = new Int32Array(2048)
  /** Controllers that aren't at rest, by channel * 128 + controller as played. */
  readonly #passed = new Map<number, PassedController>()
  #nextId: NoteId = FIRST_THRU_ID

  constructor(memory: SharedMemory) {
    this.#control = memory.control
    this.#toStage = new Ring(memory.earToStage)
  }

  /** Passes a note-on on to the channel `out`. */
  begin({ channel, pitch, velocity, at }: HeardMessage & { kind: 'note-on' }, out: Channel): void {
    const key = channelKey(channel, pitch)
    // If a key is struck twice without a note-off, the stage ends the first note on the same channel, but `out` may have
    // changed.
    this.end(key, at)
    const id = this.#takeId()
    this.#ids[key] = id
    this.#send({ kind: 'note-on', due: at, mustEnd: at + LONGEST_KEY_MS, id, channel: out, pitch, velocity })
  }

  /** Ends a key, named by channel * 128 + pitch as played, where it was passed on; nothing happens if it wasn't. */
  end(key: number, at: Ms): void {
    const id = this.#ids[key]!
    if (id === 0) return
    this.#ids[key] = 0
    this.#send({ kind: 'note-off', due: at, id })
  }

  /** Passes a control change on to the channel `out`, unless it is a channel mode message. */
  control({ channel, controller, value, at }: HeardMessage & { kind: 'control-change' }, out: Channel): void {
    if (controller >= FIRST_MODE) return
    const rest = RESTS.get(controller)
    if (rest !== undefined) {
      const key = channelKey(channel, controller)
      if (value === rest) this.#passed.delete(key)
      else this.#passed.set(key, { out, controller, rest, value })
    }
    this.#send({ kind: 'control-change', due: at, channel: out, controller, value })
  }

  /** The value of a controller as it was passed on last; 0 if it rests or never was. */
  valueOf(channel: Channel, controller: number): number {
    return this.#passed.get(channelKey(channel, controller))?.value ?? 0
  }

  /** Puts controllers back to rest where they were passed on to: those played on channel `only`, or all. */
  reset(at: Ms, only?: Channel): void {
    for (const [key, { out, controller, rest }] of this.#passed) {
      if (only !== undefined && key >> 7 !== only) continue
      this.#passed.delete(key)
      this.#send({ kind: 'control-change', due: at, channel: out, controller, value: rest })
    }
  }

  #takeId(): NoteId {
    const id = this.#nextId
    this.#nextId = id < LAST_THRU_ID ? id + 1 : FIRST_THRU_ID
    return id
  }

  #send(message: Parameters<typeof pushTimed>[1]): void {
    pushTimed(this.#toStage, message, Atomics.load(this.#control, EPOCH))
    wake(this.#control, STAGE_BELL)
  }
}
