import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Refused } from '../engine/refused.js'

/**
 * The folder of this package: the nearest one above this file that has a package.json with the name rubato. Works from
 * `src/` and from `dist/`. Blocks while it reads; throws {@link Refused} where there is no such folder.
 */
export function packageRoot(): string {
  const here = dirname(fileURLToPath(import.meta.url))
  for (let folder = here; ; folder = dirname(folder)) {
    if (isRubato(join(folder, 'package.json'))) return folder
    if (folder === dirname(folder)) {
      throw new Refused(`No package.json of Rubato lies above ${here}; install it again.`)
    }
  }
}

/** The version in package.json. Throws as {@link packageRoot}. */
export function packageVersion(): string {
  return String(readManifest(join(packageRoot(), 'package.json'))?.version)
}

function isRubato(path: string): boolean {
  return readManifest(path)?.name === 'rubato'
}

function readManifest(path: string): { readonly name?: unknown; readonly version?: unknown } | undefined {
  try {
    const manifest: unknown = JSON.parse(readFileSync(path, 'utf8'))
    return typeof manifest === 'object' && manifest !== null ? manifest : undefined
  } catch {
    return undefined
  }
}
