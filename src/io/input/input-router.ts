import {
  endsAllNotes,
  type HeardMessage,
  RESET_ALL_CONTROLLERS,
  SOSTENUTO,
  SUSTAIN,
  SWITCH_ON,
} from '../../engine/language/messages.js'
import type { Channel, Ms, NoteId, Pitch } from '../../engine/units.js'
import { wake } from '../clock.js'
import { parseMidi } from '../midi/midi-messages.js'
import { LastSent } from '../shared/last-sent.js'
import { pushHeard, pushTimed } from '../shared/ring-messages.js'
import { Ring } from '../shared/rings.js'
import {
  ECHOES,
  EPOCH,
  FIRST_THRU_ID,
  HAS_DRUMMER,
  IGNORED,
  PERFORMER_BELL,
  type SharedMemory,
  STAGE_BELL,
} from '../shared/shared-memory.js'

/** What of the input is used and how; all of it may change while keys are held. */
export interface InputSettings {
  /** Only this channel is heard. */
  readonly fromChannel: Channel | 'any'
  /** Whether input also sounds at our output: not, on its own channel, or on this one. */
  readonly thru: 'off' | 'same' | Channel
  /** Keys below steer only, keys at or above pass through only; 'none': all steer and, with thru on, also pass. */
  readonly split: Pitch | 'none'
}

/** A controller as it was passed on last. */
interface Passed {
  readonly out: Channel
  readonly controller: number
  readonly rest: number
  readonly value: number
}

export const PLAIN_INPUT: InputSettings = { fromChannel: 'any', thru: 'off', split: 'none' }

/**
 * The longest a passed-through key may sound. Shorter: an organist's drone is cut. Longer: the key held when the ear
 * died hangs longer.
 */
const LONGEST_KEY_MS: Ms = 10 * 60_000
/** The last id that fits the Int32 of the rings and the ledger; after it they begin anew. */
const LAST_THRU_ID: NoteId = 0x7fff_ffff
const PEDAL_DOWN = SWITCH_ON
/**
 * Controllers that stay where they are put, and where they rest: modulation, expression, and the pedals, as *reset all
 * controllers* has them (MMA RP-015). Volume and pan are the receiver's own affair.
 */
const RESTS: ReadonlyMap<number, number> = new Map([
  [1, 0],
  [11, 127],
  ...[64, 65, 66, 67, 68, 69].map((pedal) => [pedal, 0] as const),
])
/** Controllers from here on are channel mode messages, which would act on the pianist's notes too if passed through. */
const FIRST_MODE = 120

/**
 * The rules of the input: bytes to heard messages for the performer and to passed-through messages for the stage.
 * A note-off goes wherever its note-on went, whatever has been set meanwhile. Never blocks nor throws.
 */
export class InputRouter {
  readonly #control: Int32Array
  readonly #toStage: Ring
  readonly #toPerformer: Ring
  readonly #toDrummer: Ring
  readonly #toMain: Ring
  readonly #lastSent: LastSent
  readonly #warn: (warning: string) => void
  /** By channel * 128 + pitch: the id it passes through under (0 not), whether the performer holds it, open echoes. */
  readonly #thruIds = new Int32Array(2048)
  readonly #steering = new Uint8Array(2048)
  /** Keys that are down, whatever comes of them. */
  readonly #down = new Uint8Array(2048)
  readonly #echoes = new Uint8Array(2048)
  /** Pedals that the performer holds down, as channel * 128 + controller. */
  readonly #steeringPedals = new Set<number>()
  /** What we passed on that stays until it is taken back, by the channel and controller that it came with. */
  readonly #passed = new Map<number, Passed>()
  #settings: InputSettings = PLAIN_INPUT
  #nextThruId: NoteId = FIRST_THRU_ID
  #warned = false

  /** `warn` is called at most once, with a sentence for the user. */
  constructor(memory: SharedMemory, warn: (warning: string) => void) {
    this.#control = memory.control
    this.#toStage = new Ring(memory.earToStage)
    this.#toPerformer = new Ring(memory.earToPerformer)
    this.#toDrummer = new Ring(memory.earToDrummer)
    this.#toMain = new Ring(memory.earToMain)
    this.#lastSent = new LastSent(memory.lastSent)
    this.#warn = warn
  }

  /** From now on; held keys end where they began. A pedal passed down is lifted when thru goes elsewhere. */
  set(settings: InputSettings, at: Ms): void {
    if (settings.thru !== this.#settings.thru) this.#takeBack(at)
    this.#settings = settings
  }

  /** One message of an input port, arrived `at` (process time). */
  receive(bytes: ArrayLike<number>, at: Ms): void {
    const message = parseMidi(bytes, at)
    switch (message.kind) {
      case 'system-reset':
        this.releaseAll(at)
        return
      case 'ignored':
        Atomics.add(this.#control, IGNORED, 1)
        return
      case 'transport':
        pushHeard(this.#toMain, message)
        this.#steer(message)
        this.#tellDrummer(message)
        return
      case 'clock':
      case 'song-position':
        this.#steer(message)
        this.#tellDrummer(message)
        return
      case 'note-off':
        this.#lift(message)
        return
      case 'note-on':
        if (this.#hears(message.channel)) this.#strike(message)
        return
      case 'control-change':
        if (this.#hears(message.channel)) this.#turn(message)
    }
  }

  /**
   * Takes in a lift of what has been bound to something else since it was pressed: where it is held it is let go. Anything
   * else means nothing here.
   */
  release(bytes: ArrayLike<number>, at: Ms): void {
    const message = parseMidi(bytes, at)
    if (message.kind === 'note-off') this.#lift(message)
    else if (message.kind === 'control-change' && message.value < PEDAL_DOWN && this.#isDown(message))
      this.#turn(message)
  }

  /** Lifts every key and pedal, for the performer and where they were passed on: an input is gone, or the ear ends. */
  releaseAll(at: Ms): void {
    for (let channel = 0; channel < 16; channel++) {
      this.#releaseChannel(channel, at)
      for (const controller of [SUSTAIN, SOSTENUTO]) {
        if (!this.#steeringPedals.delete((channel << 7) | controller)) continue
        const lift: HeardMessage = { kind: 'control-change', at, channel, controller, value: 0 }
        pushHeard(this.#toMain, lift)
        this.#steer(lift)
      }
    }
    this.#takeBack(at)
  }

  #hears(channel: Channel): boolean {
    const only = this.#settings.fromChannel
    if (only === 'any' || only === channel) return true
    Atomics.add(this.#control, IGNORED, 1)
    return false
  }

  #strike(message: HeardMessage & { kind: 'note-on' }): void {
    const { channel, pitch, velocity, at } = message
    const key = (channel << 7) | pitch
    if (this.#lastSent.isNoteEcho(pitch, velocity, at)) {
      this.#echoes[key] = Math.min(255, this.#echoes[key]! + 1)
      this.#echoed()
      return
    }
    this.#down[key] = 1
    pushHeard(this.#toMain, message)
    const { split, thru } = this.#settings
    const above = split !== 'none' && pitch >= split
    if (thru !== 'off' && (above || split === 'none')) {
      // Struck again without a lift: the stage ends what sounds on the same key, but thru may have moved elsewhere.
      this.#endThru(key, at)
      const id = this.#nextId()
      this.#thruIds[key] = id
      const out = thru === 'same' ? channel : thru
      this.#pass({
        kind: 'note-on',
        due: at,
        mustEnd: at + LONGEST_KEY_MS,
        id,
        channel: out,
        pitch,
        velocity,
      })
    }
    if (!above) {
      this.#steering[key] = 1
      this.#steer(message)
    }
  }

  #lift(message: HeardMessage & { kind: 'note-off' }): void {
    const { channel, pitch, at } = message
    const key = (channel << 7) | pitch
    const held = this.#down[key] === 1
    // The player may hold the key of an echo: then only a lift that answers one of ours is the echo's.
    if (this.#echoes[key]! > 0 && (!held || this.#lastSent.isOffEcho(pitch, at))) {
      this.#echoes[key]!--
      return
    }
    this.#endKey(key, message)
  }

  /** Ends a key wherever it was struck. */
  #endKey(key: number, message: HeardMessage & { kind: 'note-off' }): void {
    if (this.#down[key] === 1) pushHeard(this.#toMain, message)
    this.#down[key] = 0
    this.#endThru(key, message.at)
    if (this.#steering[key] === 0) return
    this.#steering[key] = 0
    this.#steer(message)
  }

  #turn(message: HeardMessage & { kind: 'control-change' }): void {
    const { channel, controller, value, at } = message
    // A pedal that is down here is lifted, whatever was sent just now: of a keyboard layered on two channels, both are.
    const isLift = value < PEDAL_DOWN && this.#isDown(message)
    if (!isLift && this.#lastSent.isControlEcho(controller, value, at)) {
      this.#echoed()
      return
    }
    if (endsAllNotes(controller)) this.#releaseChannel(channel, at)
    if (controller === RESET_ALL_CONTROLLERS) this.#takeBack(at, channel)
    pushHeard(this.#toMain, message)
    const { thru } = this.#settings
    if (thru !== 'off' && controller < FIRST_MODE) {
      const out = thru === 'same' ? channel : thru
      const rest = RESTS.get(controller)
      if (rest !== undefined) this.#note((channel << 7) | controller, { out, controller, rest, value })
      this.#pass({ kind: 'control-change', due: at, channel: out, controller, value })
    }
    if (controller === SUSTAIN || controller === SOSTENUTO) {
      const pedal = (channel << 7) | controller
      if (value >= PEDAL_DOWN) this.#steeringPedals.add(pedal)
      else this.#steeringPedals.delete(pedal)
    } else if (controller === RESET_ALL_CONTROLLERS) {
      for (const pedal of [SUSTAIN, SOSTENUTO]) this.#steeringPedals.delete((channel << 7) | pedal)
    }
    this.#steer(message)
  }

  #releaseChannel(channel: Channel, at: Ms): void {
    for (let pitch = 0; pitch < 128; pitch++) {
      const key = (channel << 7) | pitch
      this.#echoes[key] = 0
      this.#endKey(key, { kind: 'note-off', at, channel, pitch, velocity: 0 })
    }
  }

  #isDown({ channel, controller }: HeardMessage & { kind: 'control-change' }): boolean {
    const key = (channel << 7) | controller
    return this.#steeringPedals.has(key) || (this.#passed.get(key)?.value ?? 0) >= PEDAL_DOWN
  }

  #note(key: number, passed: Passed): void {
    if (passed.value === passed.rest) this.#passed.delete(key)
    else this.#passed.set(key, passed)
  }

  /** What we passed on, of one channel or of all, is at the receiver as if it had never been touched. */
  #takeBack(at: Ms, only?: Channel): void {
    for (const [key, { out, controller, rest }] of this.#passed) {
      if (only !== undefined && key >> 7 !== only) continue
      this.#passed.delete(key)
      this.#pass({ kind: 'control-change', due: at, channel: out, controller, value: rest })
    }
  }

  #endThru(key: number, at: Ms): void {
    const id = this.#thruIds[key]!
    if (id === 0) return
    this.#thruIds[key] = 0
    this.#pass({ kind: 'note-off', due: at, id })
  }

  #pass(message: Parameters<typeof pushTimed>[1]): void {
    pushTimed(this.#toStage, message, Atomics.load(this.#control, EPOCH))
    wake(this.#control, STAGE_BELL)
  }

  #tellDrummer(message: Parameters<typeof pushHeard>[1]): void {
    if (Atomics.load(this.#control, HAS_DRUMMER) === 0) return
    pushHeard(this.#toDrummer, message)
    wake(this.#control, PERFORMER_BELL)
  }

  #steer(message: Parameters<typeof pushHeard>[1]): void {
    pushHeard(this.#toPerformer, message)
    wake(this.#control, PERFORMER_BELL)
  }

  #nextId(): NoteId {
    const id = this.#nextThruId
    this.#nextThruId = id < LAST_THRU_ID ? id + 1 : FIRST_THRU_ID
    return id
  }

  #echoed(): void {
    Atomics.add(this.#control, ECHOES, 1)
    if (this.#warned) return
    this.#warned = true
    this.#warn(
      'Our own output comes back to our input; these notes are ignored. Switch the loop off in the DAW (its thru or monitoring).',
    )
  }
}
