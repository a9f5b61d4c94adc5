import { open } from 'node:fs/promises'
import type { ServerResponse } from 'node:http'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'

/**
 * Finds the file for a path of the page; undefined for every other path. A path is looked up in a table, or names a
 * folder of a fixed list and a file without slashes and dots in it, so no path leads anywhere else. Paths of modules
 * are as in dist, so that their imports find each other.
 */
export type StaticFiles = (path: string) => { readonly file: string; readonly type: string } | undefined

const HTML = 'text/html; charset=utf-8'
const CSS = 'text/css; charset=utf-8'
const SCRIPT = 'text/javascript; charset=utf-8'
const SVG = 'image/svg+xml'

/** The modules that a browser may load: those of the page, and those rooms of the engine that it imports. */
const MODULE =
  /^\/(server\/web|engine\/(?:controls|controls\/table|language|surface))\/([a-z][a-z0-9-]*)\.js$/

/** The page's files in the package's folder `root`. */
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

/**
 * Sends a file of the page, no faster than the other side reads it, so that many slow readers of a large file cost little
 * memory; or status 404 where it can't be read. Never throws. Resolves when all is sent or `gone` has aborted.
 */
export async function sendFile(
  response: ServerResponse,
  { file, type }: { readonly file: string; readonly type: string },
  withBody: boolean,
  gone: AbortSignal,
): Promise<void> {
  try {
    const handle = await open(file)
    try {
      const { size } = await handle.stat()
      response.writeHead(200, { 'content-type': type, 'content-length': size, 'cache-control': 'no-cache' })
      if (!withBody || size === 0) response.end()
      // Given a signal that has aborted already, a pipeline would leave its streams open.
      else if (!gone.aborted)
        await pipeline(handle.createReadStream({ end: size - 1, autoClose: false }), response, {
          signal: gone,
        })
    } finally {
      await handle.close()
    }
  } catch {
    if (response.headersSent) response.destroy()
    else response.writeHead(404).end()
  }
}
