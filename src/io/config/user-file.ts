import { mkdirSync, readFileSync, renameSync, statSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import { Refused } from '../../engine/refused.js'
import { writeWhole } from '../atomic-file.js'
import { codeOf } from '../error-text.js'

/** Rubato's files have some hundred bytes; a larger one was written by somebody else and isn't read. */
const MAX_BYTES = 64 * 1024

/**
 * Reads a file in the user's folder; null where there is none. A file that can't be used (`parse` throws Refused, whose
 * message is a clause) is renamed to end in `.broken`, and `notice` is told so in a sentence. Never throws.
 */
export function readUserFile<Content>(
  path: string,
  parse: (bytes: Uint8Array) => Content,
  notice: (sentence: string) => void,
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
    notice(`${path} can't be used: ${reason}; ${setAside(path)}, and Rubato goes on without it.`)
    return null
  }
}

/** Renames a file that can't be used. @returns what was done, as a clause. */
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
