import type { HeardMessage, SentMessage } from '../../engine/language/messages.js'
import type { Ms } from '../../engine/units.js'
import { writeWhole } from '../atomic-file.js'
import { messageOf } from '../error-text.js'
import { createPerformanceTracks } from './performance-tracks.js'

/** Writes down what was really sent and what the player did. */
export interface Recorder {
  receiveSent(message: SentMessage): void
  receiveHeard(message: HeardMessage): void
  /** Writes the file as it stands at process time `at`, if anything is new. Blocks meanwhile, for milliseconds. */
  flush(at: Ms): void
}

/**
 * A recorder to the Standard MIDI File at `path`. Time 0 of the file is the first message; before the first note there is
 * no file. Notes that sound when it is written end then. `onFailure` is told, once, if it can't be written.
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
