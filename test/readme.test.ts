import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { flagName } from '../src/cli/flags.js'
import type { Control } from '../src/engine/controls/control-kinds.js'
import { describeRange, formatControl } from '../src/engine/controls/control-values.js'
import { CONTROL_NAMES, CONTROLS, defaultControls } from '../src/engine/controls/controls.js'
import { KEY_BINDINGS } from '../src/tui/input/key-bindings.js'
import { markdownTable, withSection } from './helpers/markdown-table.js'

const README = fileURLToPath(new URL('../README.md', import.meta.url))

const TABLES = {
  controls: markdownTable(
    ['flag', 'takes', 'default', 'CC', 'effect'],
    CONTROL_NAMES.map((name) => {
      const control: Control = CONTROLS[name]
      const initial = formatControl(name, defaultControls()[name])
      const takes = control.kind === 'switch' ? '' : describeRange(name)
      return [
        `\`--${flagName(name)}\``,
        takes,
        initial,
        control.cc === undefined ? '' : String(control.cc),
        control.help,
      ]
    }),
  ),
  keys: markdownTable(
    ['key', 'does'],
    KEY_BINDINGS.map(({ name, help }) => [name, help]),
  ),
}

/** The README with its tables as the code has them. */
function filledIn(readme: string): string {
  return Object.entries(TABLES).reduce((text, [name, rows]) => withSection(text, name, rows), readme)
}

describe('the README', () => {
  test('shows the controls and keys as the tables in the code have them (RUBATO_WRITE_README=1 rewrites it)', () => {
    const readme = readFileSync(README, 'utf8')
    if (process.env.RUBATO_WRITE_README) writeFileSync(README, filledIn(readme))
    else expect(readme).toBe(filledIn(readme))
  })
})
