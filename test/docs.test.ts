import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { flagName } from '../src/cli/flags/flags.js'
import type { Control } from '../src/engine/controls/control-kinds.js'
import { describeRange, formatControl } from '../src/engine/controls/control-values.js'
import { CONTROL_NAMES, CONTROLS, defaultControls } from '../src/engine/controls/controls.js'
import { KEY_BINDINGS } from '../src/tui/input/key-bindings.js'
import { markdownTable, withSection } from './helpers/markdown-table.js'

const ROOT = fileURLToPath(new URL('../', import.meta.url))
const GUIDE = join(ROOT, 'docs/guide.md')

/** The README is for musicians. What doesn't fit in this many bytes belongs in docs/. */
const README_BYTES = 9000

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

/** The guide with its tables as the code has them. */
function filledIn(guide: string): string {
  return Object.entries(TABLES).reduce((text, [name, rows]) => withSection(text, name, rows), guide)
}

/** The Markdown files at the root, under docs/ and training/, and the models' cards, relative to the root. */
function documents(): string[] {
  return ['', 'docs', 'training', 'models'].flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: folder === 'docs' || folder === 'models', encoding: 'utf8' })
      .filter((name) => name.endsWith('.md'))
      .map((name) => join(folder, name)),
  )
}

/** The targets of a document's links and pictures, without those that lead to the web. Code blocks are left out. */
function linksOf(text: string): string[] {
  const prose = text.replaceAll(/^```.*?^```$/gms, '')
  return [...prose.matchAll(/\]\(([^)\s]+)\)/g)]
    .map((match) => match[1] ?? '')
    .filter((target) => !/^[a-z]+:/.test(target))
}

/** The anchors of a document's headings, as GitHub makes them. */
function anchorsOf(text: string): string[] {
  return [...text.matchAll(/^#+ (.+)$/gm)].map((match) =>
    (match[1] ?? '')
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  )
}

describe('the guide', () => {
  test('has the tables of controls and keys as the code has them (RUBATO_WRITE_DOCS=1 rewrites them)', () => {
    const guide = readFileSync(GUIDE, 'utf8')
    if (process.env.RUBATO_WRITE_DOCS) writeFileSync(GUIDE, filledIn(guide))
    else expect(guide).toBe(filledIn(guide))
  })
})

describe('the README', () => {
  test(`has at most ${README_BYTES} bytes`, () => {
    expect(statSync(join(ROOT, 'README.md')).size).toBeLessThanOrEqual(README_BYTES)
  })
})

describe('the documents', () => {
  test('are found', () => {
    expect(documents()).toEqual(
      expect.arrayContaining(['README.md', 'CONTRIBUTING.md', 'docs/guide.md', 'docs/decisions/README.md']),
    )
  })

  test.each(documents())('%s links to files and headings that exist', (name) => {
    const file = join(ROOT, name)
    const broken = linksOf(readFileSync(file, 'utf8')).filter((link) => {
      const [path = '', anchor] = link.split('#')
      const target = path === '' ? file : join(dirname(file), path)
      if (!existsSync(target)) return true
      return anchor !== undefined && !anchorsOf(readFileSync(target, 'utf8')).includes(anchor)
    })
    expect(broken).toEqual([])
  })

  test.each(documents())('%s names source files that exist', (name) => {
    const text = readFileSync(join(ROOT, name), 'utf8')
    const named = [...text.matchAll(/`((?:src|test|bench|examples)\/[\w./-]+)`/g)].map(
      (match) => match[1] ?? '',
    )
    expect(named.filter((path) => !existsSync(join(ROOT, path)))).toEqual([])
  })
})
