import { Refused } from '../../engine/refused.js'

/**
 * A refusal because the source of a download, or the disk that it is stored on, fails. Unlike after other refusals, the bytes
 * that have arrived stay useful. The message is a reason and a cure.
 */
export class Unavailable extends Refused {
  /** @param isPassing whether the same command can resume the download once the cure has been applied */
  constructor(
    readonly reason: string,
    readonly cure: string,
    readonly isPassing: boolean,
  ) {
    super(`${reason}; ${cure}.`)
  }
}
