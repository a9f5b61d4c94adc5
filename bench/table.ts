/** A row of a table: what each column shows. Numbers are shown as they are, so round them before. */
export type Row = Readonly<Record<string, string | number>>

/** Rounds for a table: more digits than the figure is good for only hide the others. */
export function round(value: number, digits: number): number {
  return Number(value.toFixed(digits))
}

/** Lays out `rows` under the names of the first row's columns; numbers to the right, words to the left. */
export function formatTable(title: string, rows: readonly Row[]): string {
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

/** Prints a table for people, unless the program was asked for `--json`: its output is then for machines alone. */
export function printTable(title: string, rows: readonly Row[]): void {
  if (!process.argv.includes('--json')) process.stdout.write(`${formatTable(title, rows)}\n`)
}
