import { readdirSync, readFileSync } from 'node:fs'
import { join, posix } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'

const SRC = fileURLToPath(new URL('../src/', import.meta.url))

interface Room {
  /** Other rooms whose files it may import. */
  readonly imports: readonly string[]
  /** Whether it may import Node's modules and packages. */
  readonly outside: boolean
}

/**
 * A row per room, from the ground up: the rooms that it may import, and no others. `engine` alone is the ground: units, the
 * error of refusal and strict JSON. Control surfaces (tui, server) know the engine's control table, language and surface, no
 * music.
 */
const ROOMS: Readonly<Record<string, Room>> = {
  engine: { imports: [], outside: false },
  'engine/language': { imports: ['engine'], outside: false },
  'engine/controls': { imports: ['engine', 'engine/language'], outside: false },
  'engine/model': { imports: ['engine', 'engine/language'], outside: false },
  'engine/form': { imports: ['engine', 'engine/language'], outside: false },
  'engine/groove': { imports: ['engine', 'engine/form', 'engine/language'], outside: false },
  'engine/sampling': {
    imports: ['engine', 'engine/form', 'engine/groove', 'engine/language'],
    outside: false,
  },
  'engine/network': { imports: ['engine', 'engine/language', 'engine/model'], outside: false },
  'engine/expression': { imports: ['engine', 'engine/form', 'engine/model'], outside: false },
  'engine/style': {
    imports: [
      'engine',
      'engine/form',
      'engine/language',
      'engine/model',
      'engine/network',
      'engine/sampling',
    ],
    outside: false,
  },
  'engine/surface': {
    imports: ['engine', 'engine/controls', 'engine/form', 'engine/language', 'engine/style'],
    outside: false,
  },
  'engine/clock': {
    imports: ['engine', 'engine/controls', 'engine/language', 'engine/surface'],
    outside: false,
  },
  'engine/mapping': {
    imports: ['engine', 'engine/controls', 'engine/language', 'engine/surface'],
    outside: false,
  },
  'engine/plan': {
    imports: [
      'engine',
      'engine/controls',
      'engine/language',
      'engine/network',
      'engine/sampling',
      'engine/surface',
    ],
    outside: false,
  },
  'engine/ensemble': {
    imports: [
      'engine',
      'engine/controls',
      'engine/form',
      'engine/language',
      'engine/plan',
      'engine/sampling',
      'engine/surface',
    ],
    outside: false,
  },
  'engine/pianist': {
    imports: [
      'engine',
      'engine/controls',
      'engine/ensemble',
      'engine/form',
      'engine/groove',
      'engine/language',
      'engine/model',
      'engine/network',
      'engine/plan',
      'engine/sampling',
      'engine/style',
      'engine/surface',
    ],
    outside: false,
  },
  'engine/offline': {
    imports: [
      'engine',
      'engine/clock',
      'engine/controls',
      'engine/ensemble',
      'engine/form',
      'engine/language',
      'engine/model',
      'engine/network',
      'engine/pianist',
      'engine/sampling',
      'engine/style',
      'engine/surface',
    ],
    outside: false,
  },
  'engine/restyle': {
    imports: [
      'engine',
      'engine/form',
      'engine/language',
      'engine/model',
      'engine/network',
      'engine/offline',
      'engine/sampling',
      'engine/style',
    ],
    outside: false,
  },
  'engine/performer': {
    imports: [
      'engine',
      'engine/clock',
      'engine/controls',
      'engine/ensemble',
      'engine/language',
      'engine/model',
      'engine/pianist',
      'engine/surface',
    ],
    outside: false,
  },
  'engine/index.ts': {
    imports: [
      'engine',
      'engine/controls',
      'engine/ensemble',
      'engine/language',
      'engine/model',
      'engine/network',
      'engine/offline',
      'engine/pianist',
      'engine/sampling',
      'engine/surface',
    ],
    outside: false,
  },
  io: { imports: ['engine'], outside: true },
  'io/shared': { imports: ['engine', 'engine/language', 'io'], outside: false },
  'tui/terminal': { imports: ['engine', 'engine/language'], outside: false },
  'io/meters': { imports: ['engine', 'engine/language', 'engine/surface', 'io/shared'], outside: false },
  'io/models': {
    imports: ['engine', 'engine/expression', 'engine/model', 'engine/network', 'io'],
    outside: true,
  },
  server: { imports: ['engine', 'engine/controls', 'engine/language', 'engine/surface'], outside: true },
  'tui/input': { imports: ['engine', 'engine/controls', 'engine/surface'], outside: false },
  'tui/roll': { imports: ['engine', 'engine/language', 'engine/surface', 'tui/terminal'], outside: false },
  'io/midi': { imports: ['engine', 'engine/language', 'engine/mapping', 'io'], outside: true },
  'server/web': {
    imports: ['engine', 'engine/controls', 'engine/language', 'engine/surface', 'server'],
    outside: true,
  },
  'tui/panel': {
    imports: ['engine', 'engine/controls', 'engine/surface', 'tui/input', 'tui/roll', 'tui/terminal'],
    outside: true,
  },
  'io/config': {
    imports: [
      'engine',
      'engine/clock',
      'engine/controls',
      'engine/mapping',
      'engine/surface',
      'io',
      'io/midi',
    ],
    outside: true,
  },
  'io/input': {
    imports: ['engine', 'engine/language', 'engine/mapping', 'io', 'io/midi', 'io/shared'],
    outside: false,
  },
  'io/link': { imports: ['engine', 'engine/clock', 'engine/language', 'io'], outside: true },
  'io/output': { imports: ['engine', 'engine/language', 'io', 'io/midi', 'io/shared'], outside: true },
  tui: {
    imports: [
      'engine',
      'engine/controls',
      'engine/surface',
      'tui/input',
      'tui/panel',
      'tui/roll',
      'tui/terminal',
    ],
    outside: true,
  },
  'io/lead-sheet': { imports: ['engine', 'engine/language', 'engine/surface', 'io'], outside: true },
  'io/recording': {
    imports: [
      'engine',
      'engine/clock',
      'engine/controls',
      'engine/language',
      'engine/model',
      'engine/offline',
      'engine/style',
      'engine/surface',
      'io',
    ],
    outside: true,
  },
  threads: {
    imports: [
      'engine',
      'engine/clock',
      'engine/controls',
      'engine/language',
      'engine/model',
      'engine/network',
      'engine/performer',
      'engine/surface',
      'io',
      'io/input',
      'io/midi',
      'io/models',
      'io/output',
      'io/shared',
    ],
    outside: true,
  },
  app: {
    imports: [
      'engine',
      'engine/clock',
      'engine/controls',
      'engine/language',
      'engine/mapping',
      'engine/model',
      'engine/network',
      'engine/offline',
      'engine/pianist',
      'engine/surface',
      'io',
      'io/config',
      'io/input',
      'io/lead-sheet',
      'io/link',
      'io/meters',
      'io/midi',
      'io/models',
      'io/output',
      'io/recording',
      'io/shared',
      'server',
      'threads',
    ],
    outside: true,
  },
  cli: {
    imports: [
      'app',
      'engine',
      'engine/clock',
      'engine/controls',
      'engine/expression',
      'engine/form',
      'engine/language',
      'engine/mapping',
      'engine/model',
      'engine/network',
      'engine/offline',
      'engine/performer',
      'engine/pianist',
      'engine/restyle',
      'engine/style',
      'engine/surface',
      'io',
      'io/config',
      'io/input',
      'io/lead-sheet',
      'io/link',
      'io/meters',
      'io/midi',
      'io/models',
      'io/output',
      'io/recording',
      'server',
      'tui',
      'tui/terminal',
    ],
    outside: true,
  },
  'cli.ts': { imports: ['cli', 'engine', 'io'], outside: false },
}

/** Files of src belong to the room of their folder. Sub-folders of a few rooms belong to the room above them. */
const SUB_FOLDERS = /^(engine\/(?:network|ensemble|pianist|controls)|app|cli)\/.*/

function roomOf(file: string): string {
  if (file in ROOMS) return file
  const folder = posix.dirname(file)
  return SUB_FOLDERS.exec(folder)?.[1] ?? folder
}

const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .map((name) => name.replaceAll('\\', '/'))
  .filter((name) => /\.tsx?$/.test(name) && !name.endsWith('.as.ts'))

function textOf(file: string): string {
  return readFileSync(join(SRC, file), 'utf8')
}

/** The modules that a file imports: files of src, and names of packages. */
function importsOf(file: string): { readonly inside: string[]; readonly outside: string[] } {
  const names = [...textOf(file).matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map(
    (match) => match[1] ?? '',
  )
  const inside = names
    .filter((name) => name.startsWith('.'))
    .map((name) => posix.join(posix.dirname(file), name).replace(/\.js$/, ''))
    .map((name) => files.find((other) => other === `${name}.ts` || other === `${name}.tsx`) ?? name)
  return { inside, outside: names.filter((name) => !name.startsWith('.')) }
}

/** The nodes of a graph that lie on a cycle. */
function onCircles(arrows: ReadonlyMap<string, readonly string[]>): string[] {
  const reach = (from: string): Set<string> => {
    const seen = new Set<string>()
    const open = [...(arrows.get(from) ?? [])]
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      if (seen.has(next)) continue
      seen.add(next)
      open.push(...(arrows.get(next) ?? []))
    }
    return seen
  }
  return [...arrows.keys()].filter((node) => reach(node).has(node))
}

describe('the walls of the house', () => {
  test('every file belongs to a room', () => {
    expect(files.length).toBeGreaterThan(200)
    expect(files.filter((file) => ROOMS[roomOf(file)] === undefined)).toEqual([])
  })

  test.each(files)('%s imports what its room may', (file) => {
    const own = roomOf(file)
    const room = ROOMS[own]
    const { inside, outside } = importsOf(file)
    const foreign = inside.map(roomOf).filter((other) => other !== own)
    expect(foreign.filter((other) => !room?.imports.includes(other))).toEqual([])
    if (!room?.outside) expect(outside).toEqual([])
  })

  test('no permission is left unused', () => {
    const used = new Set(
      files.flatMap((file) => importsOf(file).inside.map((other) => `${roomOf(file)} -> ${roomOf(other)}`)),
    )
    const given = Object.entries(ROOMS).flatMap(([room, { imports }]) =>
      imports.map((other) => `${room} -> ${other}`),
    )
    expect(given.filter((arrow) => !used.has(arrow))).toEqual([])
  })

  test('neither rooms nor files import in a circle', () => {
    const rooms = new Map(Object.entries(ROOMS).map(([room, { imports }]) => [room, imports]))
    expect(onCircles(rooms)).toEqual([])
    expect(onCircles(new Map(files.map((file) => [file, importsOf(file).inside])))).toEqual([])
  })

  test('no folder holds more than 15 files', () => {
    const counts = new Map<string, number>()
    for (const file of files) counts.set(posix.dirname(file), (counts.get(posix.dirname(file)) ?? 0) + 1)
    expect([...counts].filter(([, count]) => count > 15)).toEqual([])
  })

  test.each(files.filter((file) => file.startsWith('engine/')))(
    '%s reads no clock and draws no chance',
    (file) => {
      expect(textOf(file)).not.toMatch(
        /Math\.random|Date\.now|new Date\(|performance\.now|\bprocess\.|\bconsole\./,
      )
    },
  )

  test.each(files.filter((file) => !file.startsWith('engine/ensemble/')))(
    '%s asks for no mode by its name',
    (file) => {
      expect(textOf(file)).not.toMatch(/\bmode\s*[!=]==\s*'(?:solo|follow|duet|answer|continue|harmonize)'/)
    },
  )
})
