import { Refused } from '../engine/refused.js'

/** The text of UTF-8 bytes. Throws {@link Refused}, whose message is a clause, for other bytes. */
export function decodeText(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw new Refused("it isn't UTF-8 text.")
  }
}
