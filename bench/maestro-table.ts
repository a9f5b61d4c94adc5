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
  const names = performancesIn(table, split)
    .filter(({ seconds }) => seconds * 1000 >= EXCERPT)
    .map(({ file }) => file)
    .sort((a, b) => (a < b ? -1 : 1))
  if (names.length === 0)
    throw new Refused(`${table} names no performance of 5 minutes in the ${split} split.`)
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

/** A performance by MAESTRO's table. */
export interface TableRow {
  /** Its MIDI file, by the table's own folder. */
  readonly file: string
  readonly composer: string
  readonly year: string
  readonly seconds: number
}

/** The performances of a split, in the order of the table at `path`. Throws Refused for a table that can't be used. */
export function performancesIn(path: string, split: string): TableRow[] {
  const [head = [], ...rows] = readText(path).split(/\r?\n/).map(cellsOf)
  const columnOf = (title: string) => {
    const column = head.indexOf(title)
    if (column < 0)
      throw new Refused(`${path} lacks the column ${title}; give the table that comes with MAESTRO.`)
    return column
  }
  const [file, group, duration] = [columnOf('midi_filename'), columnOf('split'), columnOf('duration')]
  // Tables that only choose performances may lack the other two.
  const [composer, year] = [head.indexOf('canonical_composer'), head.indexOf('year')]
  return rows
    .filter((row) => row[group] === split)
    .map((row) => ({
      file: row[file]!,
      composer: row[composer] ?? '',
      year: row[year] ?? '',
      seconds: Number(row[duration]),
    }))
}

/** The cells of a line of CSV (RFC 4180, without line breaks in cells). */
function cellsOf(line: string): string[] {
  return [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(
    ([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain ?? '',
  )
}
