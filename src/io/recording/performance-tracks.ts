import { DRUM_CHANNEL } from '../../engine/controls/parts.js'
import type { HeardMessage, SentMessage } from '../../engine/language/messages.js'
import type { Channel, Ms } from '../../engine/units.js'
import { createGrowingTrack } from './growing-track.js'
import { joinTracks } from './midi-file-writer.js'

/** What was played, the pianist's notes, the drummer's and the player's on tracks of their own, as it becomes a MIDI file. */
export interface PerformanceTracks {
  /** What was really sent. What the player's keys passed on is left to `takeHeard`: it is the same keys. */
  receiveSent(message: SentMessage): void
  receiveHeard(message: HeardMessage): void
  /** Notes so far. */
  readonly notes: number
  /** The file as it stands at process time `at`: what sounds ends then. */
  file(at: Ms): Uint8Array
}

/** Percussion's channel, from 0 (General MIDI 1). */
const PERCUSSION: Channel = DRUM_CHANNEL - 1

/** Tracks without notes. Their time 0 is process time `start`, or where that is null the first message. */
export function createPerformanceTracks(start: Ms | null = null): PerformanceTracks {
  const rubato = createGrowingTrack('Rubato')
  const drums = createGrowingTrack('Drums')
  const player = createGrowingTrack('Player')
  let zero = start
  /** What was heard. */
  let isPlayed = false

  const since = (at: Ms): Ms => {
    zero ??= at
    return Math.max(0, at - zero)
  }

  function receiveSent(message: SentMessage): void {
    if (message.fate !== 'sent' || message.source === 'ear') return
    // When it was meant, the stage's note-offs too: a moment late, the end of a note struck again would cut the new one.
    const { channel, due } = message
    const track = channel === PERCUSSION ? drums : rubato
    if (message.kind === 'note-on') track.noteOn(since(due), channel, message.pitch, message.velocity)
    else if (message.kind === 'note-off') track.noteOff(since(due), channel, message.pitch)
    // Our own silencing (pedal up, all sound off) is no music, and would cut a DAW's tails.
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
