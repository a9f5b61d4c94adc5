import {
  accessSync,
  constants,
  existsSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { dirname } from 'node:path'
import { Refused } from '../engine/refused.js'
import { codeOf } from './error-text.js'

/**
 * Writes a file whole: beside it first, then renamed over it, so that a reader or a crash never finds half of it. A
 * link is followed; what is no file (a pipe, a device) is written to as it is. Throws Refused if it can't.
 */
export function writeWhole(path: string, bytes: Uint8Array): void {
  try {
    const target = existsSync(path) ? realpathSync(path) : path
    if (existsSync(target) && !statSync(target).isFile()) writeFileSync(target, bytes)
    else replaceFile(target, bytes)
  } catch (error) {
    throw new Refused(`${path} can't be written (${codeOf(error)}); choose another place.`)
  }
}

function replaceFile(path: string, bytes: Uint8Array): void {
  const part = `${path}.part`
  try {
    writeFileSync(part, bytes)
    renameSync(part, path)
  } catch (error) {
    rmSync(part, { force: true })
    throw error
  }
}

/** Throws Refused unless a file at `path` could be written; leaves nothing there. For before a long piece of work. */
export function requireWritable(path: string): void {
  const folder = dirname(path)
  try {
    if (existsSync(path) && statSync(path).isDirectory())
      throw new Refused(`${path} is a folder; give a file's name.`)
    accessSync(existsSync(path) ? path : folder, constants.W_OK)
    accessSync(folder, constants.W_OK)
  } catch (error) {
    if (error instanceof Refused) throw error
    throw new Refused(`${path} can't be written (${codeOf(error)}); choose another place.`)
  }
}
