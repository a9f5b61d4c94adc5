import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { Refused } from '../src/engine/refused.js'
import { messageOf } from '../src/io/error-text.js'
import { EXCERPT } from './excerpts.js'

/** How many performances are chosen. Fewer: single ones weigh much. */
export const CHOSEN = 30

/** The paths of {@link CHOSEN} performances of the validation split, chosen as {@link choosePerformances} does. */
export function chooseValidation(table: string): string[] {
  return choosePerformances(table, 'validation', CHOSEN)
}

/**
 * The paths of `most` performances of a split, of those that last at least 5 minutes, by the table that comes with MAESTRO
 * (`maestro-v2.0.0.csv`, in the folder of its MIDI files): ordered by name, which begins with the year, and evenly spaced, so
 * that all years are among them. All where there are fewer. Throws Refused for a table that can't be used.
 */
export function choosePerformances(table: string, split: string, most: number): string[] {
  const names = namesOf(split, readText(table), table).sort((a, b) => (a < b ? -1 : 1))
  const count = Math.min(most, names.length)
  return Array.from({ length: count }, (_, n) =>
    join(dirname(table), names[Math.floor((n * names.length) / count)]!),
  )
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw new Refused(`${path} can't be read: ${messageOf(error)}.`)
  }
}

function namesOf(split: string, text: string, path: string): string[] {
  const [head = [], ...rows] = text.split(/\r?\n/).map(cellsOf)
  const [name, group, duration] = ['midi_filename', 'split', 'duration'].map((title) => {
    const column = head.indexOf(title)
    if (column < 0)
      throw new Refused(`${path} lacks the column ${title}; give the table that comes with MAESTRO.`)
    return column
  })
  const names = rows
    .filter((row) => row[group!] === split && Number(row[duration!]) * 1000 >= EXCERPT)
    .map((row) => row[name!]!)
  if (names.length === 0)
    throw new Refused(`${path} names no performance of 5 minutes in the ${split} split.`)
  return names
}

/** The cells of a line of CSV (RFC 4180, without line breaks in cells). */
function cellsOf(line: string): string[] {
  return [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(
    ([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain ?? '',
  )
}
