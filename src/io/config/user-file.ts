import { mkdirSync, readFileSync, renameSync, statSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import { Refused } from '../../engine/refused.js'
import { writeWhole } from '../atomic-file.js'
import { codeOf } from '../error-text.js'

/** Such a file has some hundred bytes; a larger one is none of ours. */
const MAX_BYTES = 64 * 1024

/**
 * What a file in the user's folder says; null where there is none. A file that can't be used (`parse` throws Refused, a
 * clause) is set aside beside it, with `.broken` after its name, and `say` is told so in a sentence. Never throws.
 */
export function readUserFile<Content>(
  path: string,
  parse: (bytes: Uint8Array) => Content,
  say: (sentence: string) => void,
): Content | null {
  try {
    const found = statSync(path)
    if (!found.isFile()) throw new Refused("it isn't a file.")
    if (found.size > MAX_BYTES) throw new Refused(`it is ${found.size} bytes long, too much for settings.`)
    return parse(readFileSync(path))
  } catch (error) {
    const code = codeOf(error)
    if (code === 'ENOENT' || code === 'ENOTDIR') return null
    const reason = error instanceof Refused ? error.message.replace(/\.$/, '') : `it can't be read (${code})`
    say(`${path} is of no use, ${reason}; ${setAside(path)}, and nothing is remembered.`)
    return null
  }
}

/** @returns what was done, as a clause */
function setAside(path: string): string {
  const aside = `${path}.broken`
  try {
    renameSync(path, aside)
    return `it was set aside as ${basename(aside)}`
  } catch (error) {
    return `it can't be set aside either (${codeOf(error)})`
  }
}

/** Writes a file in the user's folder, whole or not at all, making the folder. Throws {@link Refused} if it can't. */
export function writeUserFile(path: string, text: string): void {
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  } catch (error) {
    throw new Refused(`${dirname(path)} can't be made (${codeOf(error)}), so nothing is remembered.`)
  }
  writeWhole(path, new TextEncoder().encode(text))
}
