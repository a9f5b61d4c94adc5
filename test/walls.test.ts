import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'

const SRC = fileURLToPath(new URL('../src/', import.meta.url))

/** What a face may know of the engine: what it asks, what it sees, and the tables that say how both look. */
const FACE =
  /^engine\/(face|commands|snapshot|controls|control-values|idle-controls|players|scales|notes|units)\.js$/

/** Each room: what it may import of the house (by room, or by file), and whether it may touch Node and packages. */
const ROOMS: Readonly<Record<string, { readonly imports: readonly RegExp[]; readonly outside: boolean }>> = {
  engine: { imports: [/^engine\//], outside: false },
  io: { imports: [/^engine\//, /^io\//], outside: true },
  threads: { imports: [/^engine\//, /^io\//, /^threads\//], outside: true },
  tui: { imports: [FACE, /^tui\//], outside: true },
  // The page's modules lie within: they run in a browser, and know no Node.
  server: { imports: [FACE, /^server\//], outside: true },
  cli: {
    imports: [/^engine\//, /^io\//, /^cli\//, /^tui\//, /^server\/address\.js$/, /^app(-options)?\.js$/],
    outside: true,
  },
  'app.ts': { imports: [/./], outside: true },
  'app-meters.ts': { imports: [/^engine\//, /^io\//, /^threads\//], outside: true },
  'app-requests.ts': { imports: [/^engine\//, /^io\//, /^app-glide\.js$/], outside: true },
  'app-drummer.ts': {
    imports: [/^io\//, /^threads\//, /^app-options\.js$/],
    outside: false,
  },
  'app-glide.ts': { imports: [/^engine\//], outside: false },
  'app-controllers.ts': { imports: [/^engine\//, /^io\//, /^threads\/messages\.js$/], outside: false },
  'app-options.ts': { imports: [/^engine\//, /^io\//, /^threads\/messages\.js$/], outside: false },
  'cli.ts': { imports: [/^cli\//, /^engine\/units\.js$/, /^io\/(failure|package-root)\.js$/], outside: true },
}

const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter(
  (name) => /\.tsx?$/.test(name) && !name.endsWith('.as.ts'),
)

function importsOf(file: string): string[] {
  const text = readFileSync(join(SRC, file), 'utf8')
  const matches = text.matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)
  return [...matches].map((match) => match[1] ?? '')
}

describe('the walls of the house', () => {
  test('every file stands in a room', () => {
    expect(files.length).toBeGreaterThan(40)
    expect(files.filter((file) => ROOMS[file.split('/')[0] ?? ''] === undefined)).toEqual([])
  })

  test.each(files)('%s imports what its room may', (file) => {
    const room = ROOMS[file.split('/')[0] ?? '']
    for (const imported of importsOf(file)) {
      if (imported.startsWith('.')) {
        const target = relative(SRC, join(SRC, dirname(file), imported))
        expect(
          room?.imports.some((allowed) => allowed.test(target)),
          `${file} -> ${target}`,
        ).toBe(true)
      } else expect(room?.outside, `${file} -> ${imported}`).toBe(true)
    }
  })

  test.each(files.filter((file) => file.startsWith('engine/')))('%s has no clock and no dice', (file) => {
    const text = readFileSync(join(SRC, file), 'utf8')
    expect(text).not.toMatch(/Math\.random|Date\.now|new Date\(|performance\.now|\bprocess\.|\bconsole\./)
  })
})
