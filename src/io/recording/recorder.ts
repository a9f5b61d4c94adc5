import type { BeatReport } from '../../engine/clock/tempo-map.js'
import type { HeardMessage, SentMessage } from '../../engine/language/messages.js'
import type { Ms } from '../../engine/units.js'
import { writeWhole } from '../atomic-file.js'
import { messageOf } from '../error-text.js'
import { createPerformanceTracks } from './performance-tracks.js'

/** Records what was sent and what the player did to a file. */
export interface Recorder {
  receiveSent(message: SentMessage): void
  receiveHeard(message: HeardMessage): void
  /** See {@link PerformanceTracks}. */
  receiveBeat(report: BeatReport): void
  /**
   * Writes the file as it is at process time `at`, if anything is new. Blocks for milliseconds. `isLast`: nothing more will come, so
   * that nothing is left out that waits to learn its place in the bar.
   */
  flush(at: Ms, isLast?: boolean): void
}

/**
 * How long a message waits at most for a report of the beat, which comes some 15 times a second. Less: a message before a start or a change of
 * tempo is written at a place of the beat before it. More: a kill -9 loses more music where no report comes.
 */
const PATIENCE_MS: Ms = 2000

/**
 * A recorder to the Standard MIDI File at `path`. The file begins with the first message, or with the bar in which that lies; no file is
 * made before the first note. Notes that sound when the file is written end then. `onFailure` is told, once, if it can't be written.
 */
export function createRecorder(path: string, onFailure: (sentence: string) => void): Recorder {
  const tracks = createPerformanceTracks()
  let isNew = false
  let failed = false

  function flush(at: Ms, isLast = false): void {
    if (!isNew) return
    tracks.settle(isLast ? at : at - PATIENCE_MS)
    if (tracks.notes === 0) return
    try {
      writeWhole(path, tracks.file(at))
      isNew = tracks.isWaiting
    } catch (error) {
      if (!failed) onFailure(messageOf(error))
      failed = true
      isNew = false
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
    receiveBeat: tracks.receiveBeat,
    flush,
  }
}
