import { closeSync, openSync, writeSync } from 'node:fs'
import type { TakeHeader } from '../../engine/offline/take.js'
import { Refused } from '../../engine/refused.js'
import type { TakenInput } from '../../engine/surface/inputs.js'
import type { Ms } from '../../engine/units.js'
import { codeOf } from '../error-text.js'

/**
 * A take is JSON: what the music is a function of, then every input. The file is valid after each write: the inputs are
 * put where its end was, and a new end after them, in one write.
 */
export const TAKE_FORMAT = 'rubato-take'
export const TAKE_VERSION = 1

/** The end of the file keeps its length, so that a new one always covers the old one. */
const POSITION_WIDTH = 24

/** Writes down the inputs of a performance while it is played. */
export interface TakeWriter {
  /** More inputs, and the plan time reached: not before the last of them, or no reader would take it. */
  add(inputs: readonly TakenInput[], position: Ms): void
  /** Writes what is new. Blocks meanwhile, for less than a millisecond. Never throws. */
  flush(): void
  /** Writes the last of it and closes the file. */
  end(): void
}

/**
 * A writer to a new file at `path`. `onFailure` is told once, in a sentence, if it can't be written. Throws
 * {@link Refused} if it can't be made.
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
