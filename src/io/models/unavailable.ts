import { Refused } from '../../engine/refused.js'

/**
 * The source of a download, or the disk that it is stored on, fails. What has arrived before stays useful, unlike after other
 * refusals. The message is a reason and a cure.
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
