import type { Unwatch } from '../engine/surface/surface.js'
import { watch } from '../io/meters/midi-monitor.js'

/** What the player should know, in sentences: passed on to everybody who watches. */
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

  /** `see` is given every sentence from now on. @returns what ends that */
  watch(see: (sentence: string) => void): Unwatch {
    return watch(this.#watchers, see)
  }
}
