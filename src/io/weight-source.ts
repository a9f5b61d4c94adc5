import { existsSync, readFileSync, statSync } from 'node:fs'
import { appendFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Refused } from '../engine/units.js'
import { codeOf, messageOf } from './failure.js'

/** Where a published model lies: a folder, or a web address. */
export interface WeightSource {
  /** The bytes of the file `name`, at most `most`. `onProgress` is told how many have come. Throws Refused. */
  read(name: string, most: number, onProgress?: (bytes: number) => void): Promise<Uint8Array>
}

/** The connection broke off: what has come is worth keeping. */
export class Interrupted extends Refused {}

/** Nothing comes for this long: the connection is dead. */
const PATIENCE_MS = 30_000

/** Files in a folder. */
export function folderSource(folder: string): WeightSource {
  return {
    read: async (name, most) => {
      const path = join(folder, name)
      try {
        if (statSync(path).size > most)
          throw new Refused(`${path} is longer than the ${most} bytes that it should have.`)
        return readFileSync(path)
      } catch (error) {
        throw error instanceof Refused ? error : new Refused(`${path} can't be read (${codeOf(error)}).`)
      }
    },
  }
}

/**
 * Files below a web address (http or https). What has come of each is kept in `keep`, so that a download that broke off
 * goes on from there the next time, where the server can do so.
 */
export function webSource(base: string, keep: string): WeightSource {
  return {
    read: async (name, most, onProgress = () => {}) => {
      const kept = join(keep, name)
      const whole = `${kept}.whole`
      if (existsSync(whole)) return readFileSync(whole)
      const address = new URL(name, base).href
      const have = existsSync(kept) ? statSync(kept).size : 0
      await download(address, kept, have, most, onProgress)
      const bytes = readFileSync(kept)
      await writeFile(whole, bytes)
      return bytes
    },
  }
}

async function download(
  address: string,
  path: string,
  have: number,
  most: number,
  onProgress: (bytes: number) => void,
): Promise<void> {
  const abort = new AbortController()
  let timer = setTimeout(() => abort.abort(), PATIENCE_MS)
  try {
    const response = await fetch(address, {
      signal: abort.signal,
      ...(have > 0 ? { headers: { range: `bytes=${have}-` } } : {}),
    })
    // 416: there is nothing after what is here already.
    if (response.status === 416 && have > 0) return
    if (!response.ok || !response.body) throw new Refused(`${address} answers ${response.status}.`)
    const goesOn = response.status === 206
    let length = goesOn ? have : 0
    if (!goesOn) await writeFile(path, '')
    for await (const chunk of response.body) {
      length += chunk.length
      if (length > most) throw new Refused(`${address} is longer than the ${most} bytes that it should have.`)
      await appendFile(path, chunk)
      onProgress(length)
      clearTimeout(timer)
      timer = setTimeout(() => abort.abort(), PATIENCE_MS)
    }
  } catch (error) {
    if (error instanceof Refused) throw error
    const cause = error instanceof Error && error.cause !== undefined ? codeOf(error.cause) : messageOf(error)
    throw new Interrupted(`${address} can't be had (${cause}); the same command goes on from what has come.`)
  } finally {
    clearTimeout(timer)
  }
}
