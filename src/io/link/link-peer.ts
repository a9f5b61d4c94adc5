import { randomBytes } from 'node:crypto'
import { type Micros, tempoOf } from '../../engine/clock/link-timeline.js'
import type { SongTimeline } from '../../engine/language/messages.js'
import type { Ms } from '../../engine/units.js'
import { Gateways } from './gateways.js'
import { LinkNode } from './link-node.js'
import { ID_BYTES } from './payload.js'

/** How often networks are looked for (link-wire-spec 0.1, chapter 1, section 2). */
const RESCAN_MS: Ms = 5000

/** How often timeouts are looked at: less often, changes and retries come later; more often only costs time. */
const TICK_MS: Ms = 10

export interface LinkOptions {
  /** In quarter notes a minute, while we are alone. */
  readonly tempo: number
  /** Process time. */
  readonly now: () => Ms
  /** Calls `tick` every `period` ms. @returns a function that ends the calls */
  readonly every: (period: Ms, tick: () => void) => () => void
  /** The beat of the session, or its start-stop state, has changed. */
  readonly onChange: () => void
  /** Another peer has started or stopped the song. */
  readonly onStartStop: (isPlaying: boolean) => void
  /** Receives a sentence for the user where others can't be met. */
  readonly notice: (sentence: string) => void
}

/** A peer of Link: it takes part in the session of its networks, or has one of its own. Times are process time. */
export interface LinkPeer {
  /** How many other peers are in our session; null while there is no network. */
  readonly peers: number | null
  /** In quarter notes a minute. */
  readonly tempo: number
  /** Whether the song of the session plays. */
  readonly isPlaying: boolean
  /** The session's song at `at`. */
  song(at: Ms): SongTimeline
  /** Changes the tempo for all. */
  setTempo(tempo: number): void
  /** Starts or stops the song for all. */
  setPlaying(isPlaying: boolean): void
  /** Says goodbye and leaves. May be called while the process ends. */
  close(): void
}

/** Joins Link on every network of this machine. Networks open a moment later, and may come and go. Never throws. */
export function openLink({ tempo, now, every, onChange, onStartStop, notice }: LinkOptions): LinkPeer {
  /** Why others can't be met, in a few words; null where they can. */
  let trouble: string | null = null
  const micros = (): Micros => Math.round(1000 * now())
  const gateways = new Gateways({
    onPacket: (bytes, from, way) => node.receive(bytes, from, way, micros()),
    onOpened: () => node.openWay(),
    onLost: (way) => node.loseWay(way, micros()),
    onListening: () => {
      trouble = null
    },
    onRefused: (code) => report(`Link can't listen at its port, 20808 (${code})`),
  })
  const newId = () => randomBytes(ID_BYTES).toString('hex')
  const node = new LinkNode({ tempo, ways: gateways, newId, onChange, onStartStop }, micros())

  function report(next: string): void {
    if (trouble !== next)
      notice(`${next}, so nobody can be met: Rubato keeps a beat of its own, and tries again every 5 s.`)
    trouble = next
  }

  function rescan(): void {
    gateways.rescan()
    if (gateways.ways.length === 0) report('Link finds no network')
    else if (gateways.isListening) trouble = null
  }

  rescan()
  const timers = [every(TICK_MS, () => node.tick(micros())), every(RESCAN_MS, rescan)]
  return {
    get peers() {
      return trouble === null ? node.company : null
    },
    get tempo() {
      return tempoOf(node.timeline)
    },
    get isPlaying() {
      return node.isPlaying
    },
    song: (at) => node.song(at),
    setTempo: (next) => node.setTempo(next, micros()),
    setPlaying: (isPlaying) => node.setPlaying(isPlaying, micros()),
    close: () => {
      for (const end of timers) end()
      node.leave()
      gateways.close()
    },
  }
}
