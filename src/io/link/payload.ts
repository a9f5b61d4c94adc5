/**
 * The payload of a Link packet (link-wire-spec 0.1, chapter 0, section 4.5): entries, each with a key of four letters, the
 * size of its value, and the value. Numbers are big-endian.
 */

/** The largest packet that peers send. */
const MOST_BYTES = 512
const HEADER_BYTES = 8

/** The values of a payload by their keys; of two with one key the last. Undefined if it isn't made of whole entries. */
export function readPayload(bytes: Uint8Array): ReadonlyMap<string, DataView> | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const values = new Map<string, DataView>()
  let at = 0
  while (at < bytes.length) {
    if (at + HEADER_BYTES > bytes.length) return undefined
    const key = String.fromCharCode(...bytes.subarray(at, at + 4))
    const size = view.getUint32(at + 4)
    at += HEADER_BYTES
    if (size > bytes.length - at) return undefined
    values.set(key, new DataView(bytes.buffer, bytes.byteOffset + at, size))
    at += size
  }
  return values
}

/** A signed number of 64 bits; undefined where a double can't hold it, which no clock and no song ever reaches. */
export function readNumber(view: DataView, at: number): number | undefined {
  const number = Number(view.getBigInt64(at))
  return Number.isSafeInteger(number) ? number : undefined
}

/** A peer's or session's name: 8 bytes, in hexadecimal digits. Names compare as their bytes do. */
export type LinkId = string
export const ID_BYTES = 8

export function readId(view: DataView, at: number): LinkId {
  return view
    .getBigUint64(at)
    .toString(16)
    .padStart(2 * ID_BYTES, '0')
}

/** Writes a packet from its first byte to its last. What goes beyond the largest packet throws RangeError. */
export class PacketWriter {
  readonly #bytes = new Uint8Array(MOST_BYTES)
  readonly #view = new DataView(this.#bytes.buffer)
  #length = 0

  /** The packet so far, a copy. */
  get packet(): Uint8Array {
    return this.#bytes.slice(0, this.#length)
  }

  raw(bytes: ArrayLike<number>): this {
    this.#bytes.set(bytes, this.#skip(bytes.length))
    return this
  }

  /** The header of an entry whose value has `size` bytes, which are written next. */
  entry(key: string, size: number): this {
    return this.raw([...key].map((letter) => letter.charCodeAt(0))).#word(size)
  }

  number(value: number): this {
    this.#view.setBigInt64(this.#skip(8), BigInt(value))
    return this
  }

  id(id: LinkId): this {
    this.#view.setBigUint64(this.#skip(ID_BYTES), BigInt(`0x${id}`))
    return this
  }

  byte(value: number): this {
    this.#view.setUint8(this.#skip(1), value)
    return this
  }

  short(value: number): this {
    this.#view.setUint16(this.#skip(2), value)
    return this
  }

  #word(value: number): this {
    this.#view.setUint32(this.#skip(4), value)
    return this
  }

  #skip(bytes: number): number {
    const at = this.#length
    this.#length += bytes
    return at
  }
}

/** Whether a packet begins with these bytes. */
export function beginsWith(bytes: Uint8Array, magic: readonly number[]): boolean {
  return bytes.length >= magic.length && magic.every((byte, i) => bytes[i] === byte)
}
