/** A row of a table, by the names of its columns. Numbers are shown as they are, so round them before. */
export type Row = Readonly<Record<string, string | number>>

/** Rounds a number to `digits` decimals. */
export function round(value: number, digits: number): number {
  return Number(value.toFixed(digits))
}

/** Lays out `rows` under the column names of the first row: numbers aligned to the right, words to the left. */
function formatTable(title: string, rows: readonly Row[]): string {
  const columns = Object.keys(rows[0] ?? {})
  const widths = columns.map((name) =>
    Math.max(name.length, ...rows.map((row) => String(row[name] ?? '').length)),
  )
  const line = (cell: (name: string) => string | number) =>
    columns
      .map((name, i) => {
        const text = String(cell(name))
        const right = rows.every((row) => typeof row[name] === 'number')
        return right ? text.padStart(widths[i]!) : text.padEnd(widths[i]!)
      })
      .join('  ')
      .trimEnd()
  return [title, line((name) => name), ...rows.map((row) => line((name) => row[name] ?? '')), ''].join('\n')
}

/** Prints a table, unless the program was started with `--json`: then its output is read by programs. */
export function printTable(title: string, rows: readonly Row[]): void {
  if (!process.argv.includes('--json')) process.stdout.write(`${formatTable(title, rows)}\n`)
}
