import { createHash } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { Refused } from '../../engine/refused.js'
import { field, isRecord, parseStrictJson } from '../../engine/strict-json.js'
import { writeWhole } from '../atomic-file.js'
import { codeOf } from '../error-text.js'
import { Unavailable } from './unavailable.js'

/** Only a folder with this file in it is an import's own: no other is ever written to or taken away. */
const MARKER = 'rubato-import.json'

/** Holds the id of the process that is at work here. */
const BUSY = 'rubato-import.pid'
const DOWNLOAD = 'download'
const MODEL = 'model'

/** What a download is of. Two that are equal may go on from one another. */
interface Origin {
  /** The address or path. */
  readonly source: string
  /** SHA-256 of the manifest, hex: another model at the same address. */
  readonly manifest: string
}

/** Folders that an import of this process is at work in: a busy file with our id is otherwise one of a process before us. */
const held = new Set<string>()

/** The folder in which a model is put together, and where a download that broke off waits for the next try. */
export class PartialDownload {
  /** Files that have come of the source. */
  readonly download: string
  /** Becomes the model's folder. */
  readonly #model: string
  readonly #path: string
  readonly #say: (sentence: string) => void
  readonly #wasThere: boolean
  #begun = false

  /**
   * Makes the folder `path`, or takes the one that an import left there, for this process alone. `say` is told in a
   * sentence where what is in it can't be gone on from. Throws {@link Refused} where the folder isn't an import's,
   * another one is at work in it, or it can't be made.
   */
  constructor(path: string, say: (sentence: string) => void) {
    this.#path = path
    this.#say = say
    this.download = join(path, DOWNLOAD)
    this.#model = join(path, MODEL)
    this.#wasThere = !makeFolder(path)
    if (this.#wasThere) {
      if (!existsSync(join(path, MARKER)) && !existsSync(join(path, BUSY)))
        throw new Refused(
          `${path} is in the way and no import made it; move it elsewhere, or give the model another name.`,
        )
      this.#occupy()
      return
    }
    try {
      this.#occupy()
      this.#mark({ source: '', manifest: '' })
    } catch (error) {
      this.remove()
      throw error
    }
  }

  /**
   * From here on the folder is for the model at `source` with this manifest's text (none: ''). What has come of another
   * one is thrown away. Throws {@link Refused} if it can't be written.
   */
  begin(source: string, manifest: string): void {
    const origin = { source, manifest: createHash('sha256').update(manifest).digest('hex') }
    const before = this.#origin()
    if (before.source !== origin.source || before.manifest !== origin.manifest) {
      if (this.#hasFiles())
        this.#say(
          before.source === source
            ? `The manifest at ${source} has changed: what came before is thrown away, and the download begins anew.`
            : `What came of ${before.source || 'another source'} is thrown away: ${source} begins anew.`,
        )
      rmSync(this.download, { recursive: true, force: true })
      this.#mark(origin)
    }
    this.#begun = true
    refusing(this.download, () => mkdirSync(this.download, { recursive: true }))
  }

  /** True where the same command will find something of its source that has come already. */
  hasCome(): boolean {
    return this.#begun && this.#hasFiles()
  }

  /** Gives `files` the name `target`, as a folder, whole or not at all; then this folder goes. Throws {@link Refused}. */
  finish(files: Readonly<Record<string, string | Uint8Array>>, target: string): void {
    rmSync(this.#model, { recursive: true, force: true })
    refusing(this.#model, () => mkdirSync(this.#model))
    for (const [name, content] of Object.entries(files)) {
      const path = join(this.#model, name)
      refusing(path, () => writeFileSync(path, content))
    }
    if (existsSync(target))
      throw new Unavailable(`${target} has been made meanwhile`, 'give the model another name', false)
    refusing(target, () => renameSync(this.#model, target))
    this.remove()
  }

  /** Throws away what has come of the source: it is of no use. */
  discard(): void {
    if (this.#begun) rmSync(this.download, { recursive: true, force: true })
  }

  /** Ends the work here, and leaves what has come, if anything has, for the next try. */
  leave(): void {
    if (this.#begun) rmSync(this.#model, { recursive: true, force: true })
    if (!this.#hasFiles() && (this.#begun || !this.#wasThere)) this.remove()
    else this.#vacate()
  }

  /** Takes away what imports have put here, and the folder where nobody else has put anything in it. */
  remove(): void {
    for (const name of [DOWNLOAD, MODEL, MARKER])
      rmSync(join(this.#path, name), { recursive: true, force: true })
    this.#vacate()
    if (readdirSync(this.#path).length === 0) rmdirSync(this.#path)
  }

  #hasFiles(): boolean {
    if (!existsSync(this.download)) return false
    return readdirSync(this.download).some((name) => statSync(join(this.download, name)).size > 0)
  }

  #occupy(): void {
    const busy = join(this.#path, BUSY)
    const pid = existsSync(busy) ? Number(readFileSync(busy, 'utf8')) : 0
    if (held.has(this.#path) || (pid !== process.pid && isAlive(pid)))
      throw new Refused(
        `Another import (process ${pid}) is at work in ${this.#path}; wait for its end, or give the model another name.`,
      )
    refusing(busy, () => {
      rmSync(busy, { force: true })
      // Exclusively: of two that come here at once, one is refused.
      writeFileSync(busy, `${process.pid}\n`, { flag: 'wx' })
    })
    held.add(this.#path)
  }

  #vacate(): void {
    rmSync(join(this.#path, BUSY), { force: true })
    held.delete(this.#path)
  }

  #mark(origin: Origin): void {
    writeWhole(join(this.#path, MARKER), Buffer.from(`${JSON.stringify(origin, null, 1)}\n`))
  }

  /** What the marker says; a damaged one belongs to no source, and so nothing goes on from there. */
  #origin(): Origin {
    try {
      const kept = parseStrictJson(readFileSync(join(this.#path, MARKER), 'utf8'), 'The marker')
      if (isRecord(kept))
        return { source: String(field(kept, 'source')), manifest: String(field(kept, 'manifest')) }
    } catch {
      // As where there is none.
    }
    return { source: '', manifest: '' }
  }
}

/** Makes the folder `path`; false where something of that name is there already. Throws {@link Unavailable}. */
function makeFolder(path: string): boolean {
  refusing(dirname(path), () => mkdirSync(dirname(path), { recursive: true }))
  if (existsSync(path)) return false
  refusing(path, () => mkdirSync(path))
  return true
}

function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // Somebody else's process is alive too.
    return codeOf(error) === 'EPERM'
  }
}

/** Runs `act`; what the system refuses about `path` is thrown as {@link Unavailable}. */
function refusing(path: string, act: () => void): void {
  try {
    act()
  } catch (error) {
    const code = codeOf(error)
    const cure = code === 'ENOSPC' || code === 'EDQUOT' ? 'make room there' : 'choose another place'
    throw new Unavailable(`${path} can't be made (${code})`, cure, true)
  }
}
