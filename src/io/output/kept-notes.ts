import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Channel } from '../../engine/units.js'
import { type LedgerCopy, SLOTS } from '../shared/ledger.js'

/** A byte for each channel follows those of the ledger's slots. */
const CHANNELS = 16

/**
 * Makes a file for {@link KeptNotes} in which nothing sounds. The file has no name any more, so that nothing is left of it when
 * the last process has closed it. Throws where the folder for temporary files can't be written to. @returns its descriptor
 */
export function createKeptFile(): number {
  const folder = mkdtempSync(join(tmpdir(), 'rubato-'))
  try {
    const file = openSync(join(folder, 'notes'), 'wx+', 0o600)
    writeSync(file, new Uint8Array(SLOTS + CHANNELS), 0, SLOTS + CHANNELS, 0)
    return file
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

export function closeKeptFile(file: number): void {
  closeSync(file)
}

/**
 * The ledger's copy in a file, which another process reads if this one is killed: what was written stays in the system's
 * memory however the writer ends. A note is entered before it is sent, and struck out after its note-off was. Never throws: a
 * file that can't be written to any more is left alone.
 */
export class KeptNotes implements LedgerCopy {
  readonly #used = new Uint8Array(CHANNELS)
  readonly #byte = new Uint8Array(1)
  #file: number

  /** @param file what {@link createKeptFile} returned */
  constructor(file: number) {
    this.#file = file
  }

  begin(slot: number): void {
    this.#write(slot, 1)
  }

  end(slot: number): void {
    this.#write(slot, 0)
  }

  use(channel: Channel): void {
    if (this.#used[channel] === 1) return
    this.#used[channel] = 1
    this.#write(SLOTS + channel, 1)
  }

  silenced(): void {
    for (let channel = 0; channel < CHANNELS; channel++) {
      if (this.#used[channel] === 1) this.#write(SLOTS + channel, 0)
      this.#used[channel] = 0
    }
  }

  #write(at: number, value: number): void {
    if (this.#file < 0) return
    this.#byte[0] = value
    try {
      writeSync(this.#file, this.#byte, 0, 1, at)
    } catch {
      this.#file = -1
    }
  }
}

/** What a file of {@link KeptNotes} holds: the slots that sound, and the channels in use. */
export function readKeptNotes(file: number): { readonly slots: number[]; readonly channels: Channel[] } {
  const bytes = new Uint8Array(SLOTS + CHANNELS)
  readSync(file, bytes, 0, bytes.length, 0)
  const set = Array.from(bytes.keys()).filter((at) => bytes[at] === 1)
  return {
    slots: set.filter((at) => at < SLOTS),
    channels: set.filter((at) => at >= SLOTS).map((at) => at - SLOTS),
  }
}
