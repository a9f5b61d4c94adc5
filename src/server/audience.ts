import { PART_NAMES } from '../engine/controls/parts.js'
import type { HeardMessage, SentMessage } from '../engine/language/messages.js'
import type { Snapshot } from '../engine/surface/snapshot.js'
import type { ControlSurface, Unwatch } from '../engine/surface/surface.js'
import type { Ms } from '../engine/units.js'
import type { Client } from './client.js'
import { CONTROL_ROWS, PROTOCOL, type ServerMessage } from './server-messages.js'

/** Time between two broadcasts of notes. A client that plays notes must delay them by more than this. */
const TICK_MS: Ms = 33

/** Broadcasts of notes per snapshot: two, so that there are 15 snapshots a second. */
const TICKS_PER_SNAPSHOT = 2

/** Longest time between two snapshots. One is sent even if no part has changed, because the meters may have changed. */
const LONGEST_SILENCE_MS: Ms = 1000

/** Time between two checks of whether the clients still answer. */
const CHECK_MS: Ms = 5000

/** All connected clients, and the messages that they get without asking: snapshots, notes and notices. */
export class Audience {
  readonly #surface: ControlSurface
  readonly #version: string
  readonly #clients = new Set<Client>()
  readonly #subscriptions: readonly Unwatch[]
  readonly #timers: readonly NodeJS.Timeout[]
  /** Messages since the last broadcast. */
  #sent: SentMessage[] = []
  #heard: HeardMessage[] = []
  #ticks = 0
  /** The parts and the mix in the last snapshot message, and when it went out. */
  #shownParts: readonly (Snapshot | string | undefined)[] = []
  #shownAt: Ms = Number.NEGATIVE_INFINITY

  constructor(surface: ControlSurface, version: string) {
    this.#surface = surface
    this.#version = version
    this.#subscriptions = [
      surface.onSent((message) => {
        if (this.size > 0) this.#sent.push(message)
      }),
      surface.onHeard((message) => {
        if (this.size > 0) this.#heard.push(message)
      }),
      surface.onNotice((sentence) => this.#broadcast({ type: 'notice', sentence })),
    ]
    this.#timers = [
      setInterval(() => this.#tick(), TICK_MS),
      setInterval(() => {
        for (const client of this.#clients) client.check()
      }, CHECK_MS),
    ]
  }

  get size(): number {
    return this.#clients.size
  }

  /** Greets a client, which from now on gets every broadcast. */
  add(client: Client): void {
    this.#clients.add(client)
    client.send({
      type: 'hello',
      protocol: PROTOCOL,
      version: this.#version,
      now: this.#surface.now(),
      controls: CONTROL_ROWS,
    })
    client.offer(JSON.stringify(this.#snapshotMessage()))
  }

  delete(client: Client): void {
    this.#clients.delete(client)
  }

  /** Disconnects every client and stops broadcasting. */
  close(): void {
    for (const timer of this.#timers) clearInterval(timer)
    for (const unwatch of this.#subscriptions) unwatch()
    for (const client of this.#clients) client.end()
  }

  #tick(): void {
    const [sent, heard] = [this.#sent, this.#heard]
    if (sent.length > 0) this.#sent = []
    if (heard.length > 0) this.#heard = []
    if (this.size === 0) return
    const at = this.#surface.now()
    if (sent.length > 0) this.#broadcast({ type: 'notes', at, sent })
    if (heard.length > 0) this.#broadcast({ type: 'heard', at, messages: heard })
    if (++this.#ticks % TICKS_PER_SNAPSHOT === 0) this.#broadcastSnapshot(at)
  }

  #broadcastSnapshot(at: Ms): void {
    const snapshots = PART_NAMES.map((part) => this.#surface.snapshot(part))
    const parts = [...snapshots, JSON.stringify(this.#surface.mix())]
    const isSame = parts.every((part, n) => part === this.#shownParts[n])
    if (isSame && at - this.#shownAt < LONGEST_SILENCE_MS) return
    this.#shownParts = parts
    this.#shownAt = at
    this.#broadcast(this.#snapshotMessage())
  }

  #snapshotMessage(): ServerMessage {
    const drums = this.#surface.snapshot('drums')
    return {
      type: 'snapshot',
      at: this.#surface.now(),
      snapshot: this.#surface.snapshot() ?? null,
      drums: drums ? { controls: drums.controls, setBy: drums.setBy, groove: drums.groove } : null,
      mix: this.#surface.mix(),
      meters: this.#surface.meters(),
      presets: this.#surface.presets(),
    }
  }

  /** Writes a message as JSON once, and sends it to all. */
  #broadcast(message: ServerMessage): void {
    const text = JSON.stringify(message)
    for (const client of this.#clients) client.offer(text)
  }
}
