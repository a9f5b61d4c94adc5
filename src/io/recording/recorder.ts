import type { HeardMessage, SentMessage } from '../../engine/language/messages.js'
import type { Ms } from '../../engine/units.js'
import { writeWhole } from '../atomic-file.js'
import { messageOf } from '../error-text.js'
import { createPerformanceTracks } from './performance-tracks.js'

/** Records what was sent and what the player did to a file. */
export interface Recorder {
  receiveSent(message: SentMessage): void
  receiveHeard(message: HeardMessage): void
  /** Writes the file as it is at process time `at`, if anything is new. Blocks for milliseconds. */
  flush(at: Ms): void
}

/**
 * A recorder to the Standard MIDI File at `path`. Time 0 of the file is the first message; no file is made before the first
 * note. Notes that sound when the file is written end then. `onFailure` is told, once, if it can't be written.
 */
export function createRecorder(path: string, onFailure: (sentence: string) => void): Recorder {
  const tracks = createPerformanceTracks()
  let isNew = false
  let failed = false

  function flush(at: Ms): void {
    if (!isNew || tracks.notes === 0) return
    isNew = false
    try {
      writeWhole(path, tracks.file(at))
    } catch (error) {
      if (!failed) onFailure(messageOf(error))
      failed = true
    }
  }

  return {
    receiveSent: (message) => {
      isNew = true
      tracks.receiveSent(message)
    },
    receiveHeard: (message) => {
      isNew = true
      tracks.receiveHeard(message)
    },
    flush,
  }
}
