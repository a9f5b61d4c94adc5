import {
  endsAllNotes,
  type HeardMessage,
  type MidiClockMessage,
  RESET_ALL_CONTROLLERS,
  SOSTENUTO,
  SUSTAIN,
  SWITCH_ON,
} from '../../engine/language/messages.js'
import { channelKey } from '../../engine/language/midi-status.js'
import type { Channel, Ms, Pitch } from '../../engine/units.js'
import { wake } from '../clock.js'
import { parseMidi } from '../midi/midi-messages.js'
import { pushHeard } from '../shared/ring-messages.js'
import { Ring } from '../shared/rings.js'
import { HAS_DRUMMER, IGNORED, PERFORMER_BELL, type SharedMemory } from '../shared/shared-memory.js'
import { EchoFilter } from './echo-filter.js'
import { Thru } from './thru.js'

/** Which input is used, and how. Every setting may change while keys are held. */
export interface InputSettings {
  /** Only messages on this channel are used. */
  readonly fromChannel: Channel | 'any'
  /** Whether input also sounds at our output: not at all (`off`), on its own channel (`same`), or on the channel given. */
  readonly thru: 'off' | 'same' | Channel
  /**
   * Keys below this pitch only steer, keys from it on are only passed on. 'none': all keys steer and, with thru on, are
   * passed on.
   */
  readonly split: Pitch | 'none'
}

export const PLAIN_INPUT: InputSettings = { fromChannel: 'any', thru: 'off', split: 'none' }

/**
 * Routes the messages of the input ports: to the performers, to the stage (thru) and to main, which shows and records them. A
 * note-off goes wherever its note-on went, whatever was set in between. Never blocks nor throws.
 */
export class InputRouter {
  readonly #control: Int32Array
  readonly #toPerformer: Ring
  readonly #toDrummer: Ring
  readonly #toMain: Ring
  readonly #echoes: EchoFilter
  readonly #thru: Thru
  /** 1 while the key is down, by channel * 128 + pitch. */
  readonly #down = new Uint8Array(2048)
  /** 1 while the performer holds the key, by channel * 128 + pitch. */
  readonly #steering = new Uint8Array(2048)
  /** Pedals that the performer holds down, as channel * 128 + controller. */
  readonly #steeringPedals = new Set<number>()
  #settings: InputSettings = PLAIN_INPUT

  /** `warn` is called at most once, with a sentence for the user. */
  constructor(memory: SharedMemory, warn: (warning: string) => void) {
    this.#control = memory.control
    this.#toPerformer = new Ring(memory.earToPerformer)
    this.#toDrummer = new Ring(memory.earToDrummer)
    this.#toMain = new Ring(memory.earToMain)
    this.#echoes = new EchoFilter(memory, warn)
    this.#thru = new Thru(memory)
  }

  /**
   * Sets the settings that apply from now on. Held keys end where they began; pedals that were passed on are lifted when thru
   * goes elsewhere.
   */
  set(settings: InputSettings, at: Ms): void {
    if (settings.thru !== this.#settings.thru) this.#thru.reset(at)
    this.#settings = settings
  }

  /** Routes one message of an input port that arrived `at` (process time). */
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
        this.#steerDrummer(message)
        return
      case 'clock':
      case 'song-position':
        this.#steer(message)
        this.#steerDrummer(message)
        return
      case 'note-off':
        this.#receiveNoteOff(message)
        return
      case 'note-on':
        if (this.#accepts(message.channel)) this.#receiveNoteOn(message)
        return
      case 'control-change':
        if (this.#accepts(message.channel)) this.#receiveControl(message)
    }
  }

  /**
   * Releases a key or pedal that was bound to a control after it was pressed, wherever its press went. Ignores all other
   * messages.
   */
  release(bytes: ArrayLike<number>, at: Ms): void {
    const message = parseMidi(bytes, at)
    if (message.kind === 'note-off') this.#receiveNoteOff(message)
    else if (message.kind === 'control-change' && message.value < SWITCH_ON && this.#isPedalDown(message))
      this.#receiveControl(message)
  }

  /**
   * Lifts every key and pedal, both for the performer and where they were passed on. Call it when an input is gone or the ear
   * ends.
   */
  releaseAll(at: Ms): void {
    for (let channel = 0; channel < 16; channel++) {
      this.#releaseChannel(channel, at)
      for (const controller of [SUSTAIN, SOSTENUTO]) {
        if (!this.#steeringPedals.delete(channelKey(channel, controller))) continue
        const lift: HeardMessage = { kind: 'control-change', at, channel, controller, value: 0 }
        pushHeard(this.#toMain, lift)
        this.#steer(lift)
      }
    }
    this.#thru.reset(at)
  }

  #accepts(channel: Channel): boolean {
    const only = this.#settings.fromChannel
    if (only === 'any' || only === channel) return true
    Atomics.add(this.#control, IGNORED, 1)
    return false
  }

  #receiveNoteOn(message: HeardMessage & { kind: 'note-on' }): void {
    const { channel, pitch, velocity, at } = message
    if (this.#echoes.isNoteOnEcho(channel, pitch, velocity, at)) return
    const key = channelKey(channel, pitch)
    this.#down[key] = 1
    pushHeard(this.#toMain, message)
    const { split, thru } = this.#settings
    const isAbove = split !== 'none' && pitch >= split
    if (thru !== 'off' && (isAbove || split === 'none'))
      this.#thru.begin(message, thru === 'same' ? channel : thru)
    if (isAbove) return
    this.#steering[key] = 1
    this.#steer(message)
  }

  #receiveNoteOff(message: HeardMessage & { kind: 'note-off' }): void {
    const { channel, pitch, at } = message
    const key = channelKey(channel, pitch)
    if (!this.#echoes.isNoteOffEcho(channel, pitch, at, this.#down[key] === 1)) this.#endKey(key, message)
  }

  /** Ends a key wherever its note-on went. */
  #endKey(key: number, message: HeardMessage & { kind: 'note-off' }): void {
    if (this.#down[key] === 1) pushHeard(this.#toMain, message)
    this.#down[key] = 0
    this.#thru.end(key, message.at)
    if (this.#steering[key] === 0) return
    this.#steering[key] = 0
    this.#steer(message)
  }

  #receiveControl(message: HeardMessage & { kind: 'control-change' }): void {
    const { channel, controller, value, at } = message
    const isLift = value < SWITCH_ON && this.#isPedalDown(message)
    const isEcho = isLift
      ? this.#echoes.isLiftEcho(channel, controller, value, at)
      : this.#echoes.isControlEcho(channel, controller, value, at)
    if (isEcho) return
    if (endsAllNotes(controller)) this.#releaseChannel(channel, at)
    if (controller === RESET_ALL_CONTROLLERS) this.#thru.reset(at, channel)
    pushHeard(this.#toMain, message)
    const { thru } = this.#settings
    if (thru !== 'off') this.#thru.control(message, thru === 'same' ? channel : thru)
    this.#recordPedal(message)
    this.#steer(message)
  }

  #recordPedal({ channel, controller, value }: HeardMessage & { kind: 'control-change' }): void {
    const pedal = channelKey(channel, controller)
    if (controller === SUSTAIN || controller === SOSTENUTO) {
      if (value >= SWITCH_ON) this.#steeringPedals.add(pedal)
      else this.#steeringPedals.delete(pedal)
    } else if (controller === RESET_ALL_CONTROLLERS) {
      for (const reset of [SUSTAIN, SOSTENUTO]) this.#steeringPedals.delete(channelKey(channel, reset))
    }
  }

  #isPedalDown({ channel, controller }: HeardMessage & { kind: 'control-change' }): boolean {
    const key = channelKey(channel, controller)
    return this.#steeringPedals.has(key) || this.#thru.valueOf(channel, controller) >= SWITCH_ON
  }

  #releaseChannel(channel: Channel, at: Ms): void {
    this.#echoes.forgetChannel(channel)
    for (let pitch = 0; pitch < 128; pitch++)
      this.#endKey(channelKey(channel, pitch), { kind: 'note-off', at, channel, pitch, velocity: 0 })
  }

  #steer(message: HeardMessage | MidiClockMessage): void {
    pushHeard(this.#toPerformer, message)
    wake(this.#control, PERFORMER_BELL)
  }

  #steerDrummer(message: HeardMessage | MidiClockMessage): void {
    if (Atomics.load(this.#control, HAS_DRUMMER) === 0) return
    pushHeard(this.#toDrummer, message)
    wake(this.#control, PERFORMER_BELL)
  }
}
