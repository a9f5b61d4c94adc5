import { closeSync, openSync, writeSync } from 'node:fs'
import type { TakeHeader } from '../../engine/offline/take.js'
import { Refused } from '../../engine/refused.js'
import type { TakenInput } from '../../engine/surface/inputs.js'
import type { Ms } from '../../engine/units.js'
import { codeOf } from '../error-text.js'

/**
 * A take is a JSON file: first all that the music depends on besides its inputs, then every input. The file is valid JSON
 * after each write, because new inputs and a new end are written over the old end in one write.
 */
export const TAKE_FORMAT = 'rubato-take'
export const TAKE_VERSION = 1

/** The position is padded to this width, so that a new end of the file always covers the old one. */
const POSITION_WIDTH = 24

/** Writes the inputs of a performance to a file while it is played. */
export interface TakeWriter {
  /**
   * Adds inputs, and the plan time reached. If `position` lies before the last input, that input's time is written instead.
   */
  add(inputs: readonly TakenInput[], position: Ms): void
  /** Writes what is new. Blocks for less than a millisecond. Never throws. */
  flush(): void
  /** Writes what is new and closes the file. */
  end(): void
}

/**
 * A writer to a new file at `path`. Throws {@link Refused} if the file can't be made. `onFailure` is told once, in a sentence,
 * if it can't be written later.
 */
export function createTakeWriter(
  path: string,
  header: TakeHeader,
  onFailure: (sentence: string) => void,
): TakeWriter {
  const file = open(path)
  const start = JSON.stringify({ format: TAKE_FORMAT, version: TAKE_VERSION, ...header, inputs: [] })
  let waiting = start.slice(0, -2)
  let offset = 0
  let isFirst = true
  let position: Ms = 0
  let failed = false

  function flush(): void {
    if (failed) return
    const body = Buffer.from(waiting)
    try {
      const tail = Buffer.from(`],"position":${JSON.stringify(position).padEnd(POSITION_WIDTH)}}\n`)
      const bytes = Buffer.concat([body, tail])
      if (writeSync(file, bytes, 0, bytes.length, offset) < bytes.length) throw new Error('short write')
    } catch (error) {
      failed = true
      onFailure(`The take ${path} can't be written any more (${codeOf(error)}).`)
      return
    }
    offset += body.length
    waiting = ''
  }

  flush()
  return {
    add: (inputs, reached) => {
      for (const input of inputs) {
        waiting += `${isFirst ? '\n' : ',\n'}${JSON.stringify(input)}`
        isFirst = false
      }
      position = Math.max(reached, inputs.at(-1)?.horizon ?? reached)
    },
    flush,
    end: () => {
      flush()
      failed = true
      closeSync(file)
    },
  }
}

function open(path: string): number {
  try {
    return openSync(path, 'wx')
  } catch (error) {
    throw new Refused(`${path} can't be written (${codeOf(error)}); choose another place.`)
  }
}
