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

/** The file that marks a folder as made by an import. No other folder is ever written to or removed. */
const MARKER = 'rubato-import.json'

/** Holds the id of the process that is importing into the folder. */
const BUSY = 'rubato-import.pid'
const DOWNLOAD = 'download'
const MODEL = 'model'

/** The model that is being downloaded. A download is resumed only if its origin is the same. */
interface Origin {
  /** The address or path. */
  readonly source: string
  /** SHA-256 of the manifest, hex; it differs for another model at the same address. */
  readonly manifest: string
}

/**
 * Folders that this process is importing into. A busy file with our process id in any other folder was left by an earlier
 * process that had the same id.
 */
const held = new Set<string>()

/** The folder in which a model is assembled, and where an interrupted download waits to be resumed. */
export class PartialDownload {
  /** The folder of the files downloaded so far. */
  readonly download: string
  /** The folder in which the model is completed, and which is then renamed to the model's folder. */
  readonly #model: string
  readonly #path: string
  readonly #notice: (sentence: string) => void
  readonly #wasThere: boolean
  #begun = false

  /**
   * Makes the folder `path`, or reopens the one that an import left there, for this process alone. `notice` is called with a
   * sentence when the files in it can't be resumed from. Throws {@link Refused} where the folder was made by another program,
   * another import is using it, or it can't be made.
   */
  constructor(path: string, notice: (sentence: string) => void) {
    this.#path = path
    this.#notice = notice
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
   * Begins or resumes the download of the model at `source` with this manifest's text ('' for none). Files of any other
   * model are deleted. Throws {@link Refused} if the folder can't be written.
   */
  begin(source: string, manifest: string): void {
    const origin = { source, manifest: createHash('sha256').update(manifest).digest('hex') }
    const before = this.#origin()
    if (before.source !== origin.source || before.manifest !== origin.manifest) {
      if (this.#hasFiles())
        this.#notice(
          before.source === source
            ? `The manifest at ${source} has changed: the files downloaded before are deleted, and the download begins anew.`
            : `The files downloaded from ${before.source || 'another source'} are deleted: the import from ${source} begins anew.`,
        )
      rmSync(this.download, { recursive: true, force: true })
      this.#mark(origin)
    }
    this.#begun = true
    refusing(this.download, () => mkdirSync(this.download, { recursive: true }))
  }

  /** Whether the same command, given again, would find files of its source to resume from. */
  hasCome(): boolean {
    return this.#begun && this.#hasFiles()
  }

  /** Makes the folder `target` of `files`, whole or not at all, then removes this folder. Throws {@link Refused}. */
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

  /** Deletes the downloaded files, because they can't be used. */
  discard(): void {
    if (this.#begun) rmSync(this.download, { recursive: true, force: true })
  }

  /** Ends the work in this folder. Downloaded files stay for the next try. */
  leave(): void {
    if (this.#begun) rmSync(this.#model, { recursive: true, force: true })
    if (!this.#hasFiles() && (this.#begun || !this.#wasThere)) this.remove()
    else this.#vacate()
  }

  /** Deletes the files of imports in this folder, and the folder itself unless another program has put a file in it. */
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
      // The flag `wx` fails if the file exists, so that of two imports that start at once, one is refused.
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

  /** The origin that the marker names. A damaged marker names no source, so that nothing is resumed from this folder. */
  #origin(): Origin {
    try {
      const marker = parseStrictJson(readFileSync(join(this.#path, MARKER), 'utf8'), 'The marker')
      if (isRecord(marker))
        return { source: String(field(marker, 'source')), manifest: String(field(marker, 'manifest')) }
    } catch {
      // A marker that can't be read is treated as one that names no source.
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
    // The process is another user's, and alive.
    return codeOf(error) === 'EPERM'
  }
}

/** Runs `act`; an error of the system about `path` is thrown as {@link Unavailable}. */
function refusing(path: string, act: () => void): void {
  try {
    act()
  } catch (error) {
    const code = codeOf(error)
    const cure = code === 'ENOSPC' || code === 'EDQUOT' ? 'make room there' : 'choose another place'
    throw new Unavailable(`${path} can't be made (${code})`, cure, true)
  }
}
