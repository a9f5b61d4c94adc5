import type { Ms } from '../engine/units.js'

/** Messages a second that a client may send: a knob sends 100, a fast pianist 50. More are ignored. */
export const MOST_MESSAGES = 200

/** Ignored messages a second at which a client is disconnected: it doesn't read the errors that it is sent. */
const MOST_IGNORED = 2000

/** What becomes of a message; `ignored-first` is the first ignored one of its second, of which the client is told. */
type Verdict = 'taken' | 'ignored-first' | 'ignored' | 'too-many'

/** Counts the messages of one client in each second. */
export class MessageRate {
  #second = 0
  #messages = 0

  /** Counts a message that came at `now`. */
  count(now: Ms): Verdict {
    const second = Math.floor(now / 1000)
    if (second !== this.#second) {
      this.#second = second
      this.#messages = 0
    }
    const ignored = ++this.#messages - MOST_MESSAGES
    if (ignored <= 0) return 'taken'
    if (ignored > MOST_IGNORED) return 'too-many'
    return ignored === 1 ? 'ignored-first' : 'ignored'
  }
}
