import { Refused } from '../../engine/refused.js'

/** A source, or the place where it is kept, fails: what has come of it is worth keeping. The message ends with the cure. */
export class Unavailable extends Refused {
  /** @param isPassing whether the same command may go on, once it is cured */
  constructor(
    readonly reason: string,
    readonly cure: string,
    readonly isPassing: boolean,
  ) {
    super(`${reason}; ${cure}.`)
  }
}
