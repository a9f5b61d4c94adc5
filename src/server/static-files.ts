import { readFile } from 'node:fs/promises'
import type { ServerResponse } from 'node:http'
import { createRequire } from 'node:module'
import { join } from 'node:path'

/**
 * The files of the page, and no others: a name is looked up in a table or fits a pattern without slashes, so no path
 * leads anywhere else. The addresses of modules are those of dist, so that they find each other.
 */
export type StaticFiles = (path: string) => { readonly file: string; readonly type: string } | undefined

const HTML = 'text/html; charset=utf-8'
const CSS = 'text/css; charset=utf-8'
const SCRIPT = 'text/javascript; charset=utf-8'
const SVG = 'image/svg+xml'

/** The folders whose modules a browser may load: the page, and the tables of the engine that it reads. */
const MODULE =
  /^\/(server\/web|engine\/(?:controls|controls\/table|language|surface))\/([a-z][a-z0-9-]*)\.js$/

/** The files under the package's folder `root`. */
export function createStaticFiles(root: string): StaticFiles {
  const page = join(root, 'src/server/web')
  const built = join(root, 'dist')
  const table: Readonly<Record<string, { readonly file: string; readonly type: string }>> = {
    '/': { file: join(page, 'index.html'), type: HTML },
    '/page.css': { file: join(page, 'page.css'), type: CSS },
    '/icon.svg': { file: join(page, 'icon.svg'), type: SVG },
    '/tone.js': { file: createRequire(import.meta.url).resolve('tone/build/Tone.js'), type: SCRIPT },
  }
  return (path) => {
    if (Object.hasOwn(table, path)) return table[path]
    const [, room, name = ''] = MODULE.exec(path) ?? []
    if (room === undefined) return undefined
    return { file: join(built, room, `${name}.js`), type: SCRIPT }
  }
}

/** Sends a file of the page. Never throws. */
export async function sendFile(
  response: ServerResponse,
  { file, type }: { readonly file: string; readonly type: string },
  withBody: boolean,
): Promise<void> {
  try {
    const body = await readFile(file)
    response.writeHead(200, {
      'content-type': type,
      'content-length': body.length,
      'cache-control': 'no-cache',
    })
    response.end(withBody ? body : undefined)
  } catch {
    response.writeHead(404).end()
  }
}
