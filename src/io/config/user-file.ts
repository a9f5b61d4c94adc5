import { mkdirSync, readFileSync, renameSync, statSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import { Refused } from '../../engine/refused.js'
import { writeWhole } from '../atomic-file.js'
import { codeOf } from '../error-text.js'

/**
 * Most bytes of a file that is read. Rubato's own files have some hundred bytes; a larger file was written by another
 * program.
 */
const MAX_BYTES = 64 * 1024

/**
 * Reads a file in the user's folder; null where there is none. If the file can't be used (`parse` throws Refused, whose
 * message is a clause), it is renamed to end in `.broken`, and `notice` is called with a sentence about it. Never throws.
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

/** Renames a file that can't be used. @returns a clause that says what was done. */
function setAside(path: string): string {
  const aside = `${path}.broken`
  try {
    renameSync(path, aside)
    return `it was set aside as ${basename(aside)}`
  } catch (error) {
    return `it can't be set aside either (${codeOf(error)})`
  }
}

/**
 * Writes a file in the user's folder, whole or not at all, and makes the folder. Throws {@link Refused} if the file can't be
 * written.
 */
export function writeUserFile(path: string, text: string): void {
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  } catch (error) {
    throw new Refused(`${dirname(path)} can't be made (${codeOf(error)}), so nothing is remembered.`)
  }
  writeWhole(path, new TextEncoder().encode(text))
}
