import { readFileSync } from 'node:fs'
import { Refused } from '../src/engine/refused.js'
import { writeWhole } from '../src/io/atomic-file.js'
import { MEASURE_NAMES, type MinuteFigures } from './minute-measures.js'
import type { MeasuredFile } from './minute-ranges.js'

/** Writes measured minutes to `path` as JSON. Throws Refused if it can't. */
export function writeMinutes(path: string, files: readonly MeasuredFile[]): void {
  writeWhole(path, Buffer.from(JSON.stringify(files)))
}

/** Reads the minutes that `writeMinutes` wrote to `path`. Throws Refused for anything else. */
export function readMinutes(path: string): MeasuredFile[] {
  let kept: unknown
  try {
    kept = JSON.parse(readFileSync(path, 'utf8'))
  } catch {
    throw new Refused(`${path} can't be read as JSON; make it with --against and --save.`)
  }
  if (Array.isArray(kept) && kept.every(isMeasuredFile)) return kept
  throw new Refused(`${path} doesn't hold the figures of minutes; make it with --against and --save.`)
}

function isMeasuredFile(value: unknown): value is MeasuredFile {
  const { path, minutes } = (value ?? {}) as Partial<Record<keyof MeasuredFile, unknown>>
  return typeof path === 'string' && Array.isArray(minutes) && minutes.every(isMinute)
}

function isMinute(value: unknown): value is MinuteFigures {
  const figures = (value ?? {}) as Partial<Record<string, unknown>>
  return MEASURE_NAMES.every((name) => figures[name] === null || typeof figures[name] === 'number')
}
