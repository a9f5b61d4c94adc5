import { existsSync, readFileSync, renameSync, statSync } from 'node:fs'
import { appendFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Refused } from '../../engine/refused.js'
import { codeOf } from '../error-text.js'
import { fetchInto, type Sink } from './http-file.js'
import { Unavailable } from './unavailable.js'

/** Where a published model lies: a folder, or a web address. */
export interface WeightSource {
  /** The bytes of the file `name`, at most `most`. `onProgress` is told how many have come. Throws Refused. */
  read(name: string, most: number, onProgress?: (bytes: number) => void): Promise<Uint8Array>
  /** False where a file that was read may go on: the connection ended without a word. */
  isWhole(name: string): boolean
}

/** A file that has begun to come; no manifest's path ends so. */
const BEGUN = '~'

/** Files in a folder. */
export function folderSource(folder: string): WeightSource {
  return {
    read: async (name, most) => {
      const path = join(folder, name)
      try {
        const found = statSync(path)
        if (!found.isFile()) throw new Refused(`${path} isn't a file.`)
        if (found.size > most)
          throw new Refused(`${path} is longer than the ${most} bytes that it should have.`)
        return readFileSync(path)
      } catch (error) {
        throw error instanceof Refused ? error : new Refused(`${path} can't be read (${codeOf(error)}).`)
      }
    },
    isWhole: () => true,
  }
}

/**
 * Files below a web address, whose query goes with each. What has come of them is kept in the folder `keep`, so that a
 * download that broke off goes on from there the next time, where the server can do so. `stop` breaks it off.
 */
export function webSource(base: URL, keep: string, stop: AbortSignal): WeightSource {
  const kept = (name: string) => join(keep, name)
  return {
    read: async (name, most, onProgress = () => {}) => {
      const path = kept(name)
      if (!existsSync(path)) {
        const begun = `${path}${BEGUN}`
        const isWhole = await fetchInto(fileSink(begun), below(base, name), most, stop, onProgress)
        if (!isWhole) return readFileSync(begun)
        renameSync(begun, path)
      }
      return readFileSync(path)
    },
    isWhole: (name) => existsSync(kept(name)),
  }
}

/** The text of a file below a web address, at most `most` bytes; fetched anew each time. Throws Refused. */
export async function webText(base: URL, name: string, most: number, stop: AbortSignal): Promise<string> {
  let bytes = new Uint8Array()
  const sink: Sink = {
    get length() {
      return bytes.length
    },
    clear: async () => {
      bytes = new Uint8Array()
    },
    add: async (more) => {
      bytes = Buffer.concat([bytes, more])
    },
  }
  await fetchInto(sink, below(base, name), most, stop, () => {})
  return new TextDecoder().decode(bytes)
}

function below(base: URL, name: string): URL {
  const address = new URL(name, base)
  address.search = base.search
  return address
}

function fileSink(path: string): Sink {
  let length = existsSync(path) ? statSync(path).size : 0
  const writing = async (act: Promise<void>) => {
    try {
      await act
    } catch (error) {
      throw new Unavailable(`${path} can't be written (${codeOf(error)})`, 'make room there', true)
    }
  }
  return {
    get length() {
      return length
    },
    clear: async () => {
      await writing(writeFile(path, ''))
      length = 0
    },
    add: async (bytes) => {
      await writing(appendFile(path, bytes))
      length += bytes.length
    },
  }
}
