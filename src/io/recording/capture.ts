import { type BeatReport, wholeBars } from '../../engine/clock/tempo-map.js'
import type { HeardMessage, SentMessage } from '../../engine/language/messages.js'
import type { Ms } from '../../engine/units.js'
import { createPerformanceTracks, type PerformanceTracks } from './performance-tracks.js'

/** Holds the music of the last minutes, so that it can be saved afterwards although nobody had started a recording. */
export interface CaptureBuffer {
  receiveSent(message: SentMessage): void
  receiveHeard(message: HeardMessage): void
  receiveBeat(report: BeatReport): void
  /**
   * The music from process time `from` to `to`, as a Standard MIDI File whose time 0 is `from`; null if no note was played.
   * Notes that sounded already at `from` begin there, notes that sound at `to` end there. Where a band's song runs at `from` the file begins
   * with its next bar, and where one runs at `to` it ends with the last bar that is over.
   */
  captured(from: Ms, to: Ms): Uint8Array | null
}

/** How far back a capture goes. Shorter: the beginning of what was worth saving is lost. Longer: most of it is other music. */
export const CAPTURE_MS: Ms = 120_000

/**
 * How many messages are held, a power of two: 30 minutes at 36 notes a second. Fewer: dense music is forgotten sooner. More:
 * more memory, 12 bytes each, 1.6 MB as it is.
 */
const CAPACITY = 2 ** 17

/** How many reports of the beat are held: those of three minutes. Fewer: the bars of a capture's beginning are lost. */
const MOST_REPORTS = 180 * 16

/** A word holds, from the top: the player's (1) or Rubato's (0), note-off (0), note-on (1) or control change (2), channel, two data bytes. */
const PLAYER = 1 << 20
const NOTE_ON = 1 << 18
const CONTROL_CHANGE = 2 << 18
const KINDS = 3 << 18

/** An empty buffer. All its memory for messages is allocated and written to once now, so that it doesn't grow while music plays. */
export function createCaptureBuffer(): CaptureBuffer {
  const times = new Float64Array(CAPACITY).fill(0)
  const words = new Int32Array(CAPACITY).fill(0)
  let count = 0
  /** The reports of the last minutes, by time; the first may be older, because it holds until the second. */
  let reports: BeatReport[] = []

  function receiveBeat(report: BeatReport): void {
    // Of the reports of a silence the first and the last are enough.
    if ([report, ...reports.slice(-2)].every(({ beat }) => beat === null) && reports.length > 1) reports.pop()
    reports.push(report)
    if (reports.length < 2 * MOST_REPORTS) return
    reports = reports.slice(-MOST_REPORTS)
  }

  function store(at: Ms, word: number): void {
    times[count % CAPACITY] = at
    words[count % CAPACITY] = word
    count++
  }

  function receiveSent(message: SentMessage): void {
    if (message.fate !== 'sent' || message.source === 'ear') return
    if (message.kind === 'control-change' && message.source === 'stage') return
    store(message.due, wordOf(message))
  }

  function receiveHeard(message: HeardMessage): void {
    if (message.kind !== 'transport') store(message.at, PLAYER | wordOf(message))
  }

  function captured(since: Ms, until: Ms): Uint8Array | null {
    const reported = reports.filter(({ at }) => at <= until)
    const [from, to] = wholeBars(reported, since, until)
    const tracks = createPerformanceTracks(from)
    for (const report of reported) tracks.receiveBeat(report)
    const sounding = new Map<number, number>()
    let begun = false
    const begin = () => {
      if (!begun) for (const held of sounding.values()) replayWord(tracks, from, held)
      begun = true
    }
    for (let index = Math.max(0, count - CAPACITY); index < count; index++) {
      const at = times[index % CAPACITY]!
      const word = words[index % CAPACITY]!
      if (at >= to) continue
      if (at < from) follow(sounding, word)
      else {
        begin()
        replayWord(tracks, at, word)
      }
    }
    begin()
    tracks.settle(to)
    return tracks.notes === 0 ? null : tracks.file(to)
  }

  return { receiveSent, receiveHeard, receiveBeat, captured }
}

/**
 * Brings `sounding`, the keys and pedals that are down, up to date with a message. `word` is the message packed into an
 * integer; without its last data byte (velocity or value) it names the key or pedal, and so is its place in the map. A
 * capture begins with what is down at its start.
 */
function follow(sounding: Map<number, number>, word: number): void {
  const isControl = (word & KINDS) === CONTROL_CHANGE
  const key = (word & ~0x7f) | (isControl ? 0 : NOTE_ON)
  const isOff = (word & KINDS) === 0 || (isControl && (word & 0x7f) === 0)
  if (isOff) sounding.delete(key)
  else sounding.set(key, word)
}

function wordOf(message: SentMessage | Exclude<HeardMessage, { kind: 'transport' }>): number {
  const channel = message.channel << 14
  switch (message.kind) {
    case 'note-on':
      return NOTE_ON | channel | (message.pitch << 7) | message.velocity
    case 'note-off':
      return channel | (message.pitch << 7)
    case 'control-change':
      return CONTROL_CHANGE | channel | (message.controller << 7) | message.value
  }
}

function replayWord(tracks: PerformanceTracks, at: Ms, word: number): void {
  const channel = (word >> 14) & 0xf
  const first = (word >> 7) & 0x7f
  const second = word & 0x7f
  const sent = { id: 0, due: at, sentAt: at, source: 'performer', fate: 'sent', channel } as const
  const isPlayer = (word & PLAYER) !== 0
  switch (word & KINDS) {
    case NOTE_ON:
      if (isPlayer) tracks.receiveHeard({ kind: 'note-on', at, channel, pitch: first, velocity: second })
      else tracks.receiveSent({ kind: 'note-on', ...sent, pitch: first, velocity: second })
      return
    case CONTROL_CHANGE:
      if (isPlayer)
        tracks.receiveHeard({ kind: 'control-change', at, channel, controller: first, value: second })
      else tracks.receiveSent({ kind: 'control-change', ...sent, controller: first, value: second })
      return
    default:
      if (isPlayer) tracks.receiveHeard({ kind: 'note-off', at, channel, pitch: first, velocity: 0 })
      else tracks.receiveSent({ kind: 'note-off', ...sent, pitch: first })
  }
}

/** The file name of a capture made at `date` (local time): `rubato-2026-11-23-153000.mid`. */
export function captureName(date: Date): string {
  const two = (value: number) => String(value).padStart(2, '0')
  const day = [date.getFullYear(), two(date.getMonth() + 1), two(date.getDate())].join('-')
  return `rubato-${day}-${two(date.getHours())}${two(date.getMinutes())}${two(date.getSeconds())}.mid`
}
