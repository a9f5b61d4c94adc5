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
 * Writes `bytes` to a temporary file and renames that to `path`, so that neither a reader nor a crash ever finds half a file.
 * Symbolic links are followed; pipes and devices are written to directly. Throws Refused if the file can't be written.
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

/** Throws Refused unless a file at `path` can be written, without writing one. Call it before long work whose result goes there. */
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
