import { DRUM_CHANNEL } from '../../engine/controls/parts.js'
import type { HeardMessage, SentMessage } from '../../engine/language/messages.js'
import type { Channel, Ms } from '../../engine/units.js'
import { createGrowingTrack } from './growing-track.js'
import { joinTracks } from './midi-file-writer.js'

/** A performance as it becomes a MIDI file, with tracks for the pianist, the drummer and the player. */
export interface PerformanceTracks {
  /**
   * Adds a message that was sent. The player's messages that the ear passed on are left out: `receiveHeard` adds the same
   * keys.
   */
  receiveSent(message: SentMessage): void
  /** Adds a message of the player. */
  receiveHeard(message: HeardMessage): void
  /** How many notes there are so far. */
  readonly notes: number
  /** The file as it is at process time `at`: notes that sound end then. */
  file(at: Ms): Uint8Array
}

/** The channel of percussion in General MIDI, counted from 0. */
const PERCUSSION: Channel = DRUM_CHANNEL - 1

/** Tracks without notes. Their time 0 is process time `start`, or that of the first message where `start` is null. */
export function createPerformanceTracks(start: Ms | null = null): PerformanceTracks {
  const rubato = createGrowingTrack('Rubato')
  const drums = createGrowingTrack('Drums')
  const player = createGrowingTrack('Player')
  let zero = start
  /** Whether the player has played anything. */
  let isPlayed = false

  const since = (at: Ms): Ms => {
    zero ??= at
    return Math.max(0, at - zero)
  }

  function receiveSent(message: SentMessage): void {
    if (message.fate !== 'sent' || message.source === 'ear') return
    // A message is written at its due time, not its time of sending: for a key struck again, a note-off sent late would cut
    // the new note.
    const { channel, due } = message
    const track = channel === PERCUSSION ? drums : rubato
    if (message.kind === 'note-on') track.noteOn(since(due), channel, message.pitch, message.velocity)
    else if (message.kind === 'note-off') track.noteOff(since(due), channel, message.pitch)
    // The stage's control changes silence the port (pedal up, all sound off): in a DAW they would cut the ends of notes.
    else if (message.source !== 'stage')
      track.controlChange(since(due), channel, message.controller, message.value)
  }

  function receiveHeard(message: HeardMessage): void {
    if (message.kind === 'transport') return
    isPlayed = true
    const { channel, at } = message
    if (message.kind === 'note-on') player.noteOn(since(at), channel, message.pitch, message.velocity)
    else if (message.kind === 'note-off') player.noteOff(since(at), channel, message.pitch)
    else player.controlChange(since(at), channel, message.controller, message.value)
  }

  return {
    receiveSent,
    receiveHeard,
    get notes() {
      return rubato.notes + drums.notes + player.notes
    },
    file: (at) => {
      const end = since(at)
      const tracks = [rubato, ...(drums.notes > 0 ? [drums] : []), ...(isPlayed ? [player] : [])]
      return joinTracks(tracks.map((track) => track.chunk(end)))
    },
  }
}
