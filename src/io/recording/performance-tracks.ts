import { type BeatReport, createTempoMap } from '../../engine/clock/tempo-map.js'
import { DRUM_CHANNEL } from '../../engine/controls/parts.js'
import type { HeardMessage, SentMessage } from '../../engine/language/messages.js'
import type { Channel, Ms } from '../../engine/units.js'
import { createGrowingTrack } from './growing-track.js'
import { joinTracks, tickIn } from './midi-file-writer.js'

/** A performance as it becomes a MIDI file, with tracks for the pianist, the drummer and the player, in the tempo of the band. */
export interface PerformanceTracks {
  /**
   * Adds a message that was sent. The player's messages that the ear passed on are left out: `receiveHeard` adds the same
   * keys.
   */
  receiveSent(message: SentMessage): void
  /** Adds a message of the player. */
  receiveHeard(message: HeardMessage): void
  /**
   * Receives a report of the beat. From the first on, messages wait for the report after them, because only that shows where they lie
   * in their bar. Without reports the file has 120 beats a minute.
   */
  receiveBeat(report: BeatReport): void
  /** Messages up to `at` wait no longer: no report will come that is about them. */
  settle(at: Ms): void
  /** How many notes there are so far, without those that wait. */
  readonly notes: number
  /** Whether messages wait for a report. */
  readonly isWaiting: boolean
  /** The file as it is at process time `at`: notes that sound end then. What waits is left out. */
  file(at: Ms): Uint8Array
}

/** A message, and how it is written. */
interface Waiting {
  readonly at: Ms
  readonly write: () => void
}

/** The channel of percussion in General MIDI, counted from 0. */
const PERCUSSION: Channel = DRUM_CHANNEL - 1

/**
 * Tracks without notes. The file begins at process time `start`, or with the first message where `start` is null; where the band's song
 * runs then, with its bar.
 */
export function createPerformanceTracks(start: Ms | null = null): PerformanceTracks {
  const map = createTempoMap()
  const tickAt = tickIn(map)
  const rubato = createGrowingTrack('Rubato', tickAt)
  const drums = createGrowingTrack('Drums', tickAt)
  const player = createGrowingTrack('Player', tickAt)
  let waiting: Waiting[] = []
  let hasBegun = false
  let hasReports = false
  /** Whether the player has played anything. */
  let isPlayed = false

  function begin(at: Ms, after?: BeatReport): void {
    if (!hasBegun) map.begin(start ?? at, after)
    hasBegun = true
  }

  function write(at: Ms, act: () => void): void {
    if (hasReports) {
      waiting.push({ at, write: act })
      return
    }
    begin(at)
    act()
  }

  /** Writes the messages that wait whose places are final. */
  function writeSettled(): void {
    if (waiting.length === 0) return
    const settled = waiting.filter(({ at }) => at <= map.settledTo)
    waiting = waiting.filter(({ at }) => at > map.settledTo)
    for (const message of settled) {
      begin(message.at)
      message.write()
    }
  }

  function receiveSent(message: SentMessage): void {
    if (message.fate !== 'sent' || message.source === 'ear') return
    // A message is written at its due time, not its time of sending: for a key struck again, a note-off sent late would cut
    // the new note.
    const { channel, due } = message
    const track = channel === PERCUSSION ? drums : rubato
    if (message.kind === 'note-on')
      write(due, () => track.noteOn(due, channel, message.pitch, message.velocity))
    else if (message.kind === 'note-off') write(due, () => track.noteOff(due, channel, message.pitch))
    // The stage's control changes silence the port (pedal up, all sound off): in a DAW they would cut the ends of notes.
    else if (message.source !== 'stage')
      write(due, () => track.controlChange(due, channel, message.controller, message.value))
  }

  function receiveHeard(message: HeardMessage): void {
    if (message.kind === 'transport') return
    isPlayed = true
    const { channel, at } = message
    if (message.kind === 'note-on')
      write(at, () => player.noteOn(at, channel, message.pitch, message.velocity))
    else if (message.kind === 'note-off') write(at, () => player.noteOff(at, channel, message.pitch))
    else write(at, () => player.controlChange(at, channel, message.controller, message.value))
  }

  return {
    receiveSent,
    receiveHeard,
    receiveBeat: (report) => {
      hasReports = true
      // What holds at the beginning has been reported before it.
      if (start !== null && report.at > start) begin(start, report)
      map.report(report)
      writeSettled()
    },
    get notes() {
      return rubato.notes + drums.notes + player.notes
    },
    get isWaiting() {
      return waiting.length > 0
    },
    settle: (at) => {
      map.settle(at)
      writeSettled()
    },
    file: (at) => {
      begin(at)
      const tracks = [rubato, ...(drums.notes > 0 ? [drums] : []), ...(isPlayed ? [player] : [])]
      return joinTracks(
        tracks.map((track) => track.chunk(at)),
        map,
      )
    },
  }
}
