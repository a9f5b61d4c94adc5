import { existsSync, readFileSync, renameSync, statSync } from 'node:fs'
import { appendFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Refused } from '../../engine/refused.js'
import { codeOf } from '../error-text.js'
import { fetchInto, type Sink } from './http-file.js'
import { Unavailable } from './unavailable.js'

/** The place from which a published model is read: a folder, or a web address. */
export interface WeightSource {
  /** The bytes of the file `name`, at most `most` of them. `onProgress` is told how many have arrived. Throws Refused. */
  read(name: string, most: number, onProgress?: (bytes: number) => void): Promise<Uint8Array>
  /** Whether a file that was read is known to be whole: a connection that just ends may have been cut off. */
  isWhole(name: string): boolean
}

/** The end of the name of a file that isn't known to be whole; no path in a manifest ends like this. */
const BEGUN = '~'

/** A model in a folder. */
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
 * A model below a web address, whose query is sent with each request. The bytes that arrive are stored in the folder `store`,
 * so that a download that was interrupted is resumed the next time, if the server can do that. `stop` interrupts it.
 */
export function webSource(base: URL, store: string, stop: AbortSignal): WeightSource {
  const stored = (name: string) => join(store, name)
  return {
    read: async (name, most, onProgress = () => {}) => {
      const path = stored(name)
      if (!existsSync(path)) {
        const begun = `${path}${BEGUN}`
        const isWhole = await fetchInto(fileSink(begun), below(base, name), most, stop, onProgress)
        if (!isWhole) return readFileSync(begun)
        renameSync(begun, path)
      }
      return readFileSync(path)
    },
    isWhole: (name) => existsSync(stored(name)),
  }
}

/** The text of a file below a web address, at most `most` bytes; fetched each time and never stored. Throws Refused. */
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
