import type { Unwatch } from '../engine/surface/surface.js'
import { watch } from '../io/meters/midi-monitor.js'

/** Notices to the player, each one a sentence: passed on to everybody who watches. */
export class Notices {
  readonly #watchers = new Set<(sentence: string) => void>()
  #last: string | null = null

  /** The last sentence; null before the first. */
  get last(): string | null {
    return this.#last
  }

  post(sentence: string): void {
    this.#last = sentence
    for (const see of this.#watchers) see(sentence)
  }

  /** Calls `see` with every sentence from now on. @returns a function that ends this */
  watch(see: (sentence: string) => void): Unwatch {
    return watch(this.#watchers, see)
  }
}
