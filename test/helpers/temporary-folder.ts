import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Gives a whole run of tests, and the programs they start, one temporary folder, and deletes it at the end. */
export function setup(): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'rubato-tests-'))
  process.env.TMPDIR = folder
  // Windows reads the path of the temporary folder from TEMP.
  process.env.TEMP = folder
  return () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 })
}
