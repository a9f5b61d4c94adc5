import { Refused } from '../engine/refused.js'

/** The text that UTF-8 bytes hold. Throws {@link Refused} (a clause). */
export function decodeText(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw new Refused("it isn't UTF-8 text.")
  }
}
