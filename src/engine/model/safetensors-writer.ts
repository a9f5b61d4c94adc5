import type { Shape } from './safetensors.js'

/** A tensor to write, row-major. */
export interface FloatTensor {
  readonly shape: Shape
  readonly data: Float32Array
}

/** The bytes of a safetensors file of float32 tensors, end to end; the header is padded to a multiple of 8 bytes. */
export function writeFloatTensors(tensors: ReadonlyMap<string, FloatTensor>): Uint8Array<ArrayBuffer> {
  let bodyLength = 0
  const header: Record<string, unknown> = {}
  for (const [name, { shape, data }] of tensors) {
    header[name] = { dtype: 'F32', shape, data_offsets: [bodyLength, bodyLength + data.byteLength] }
    bodyLength += data.byteLength
  }
  const text = JSON.stringify(header)
  const headerBytes = new TextEncoder().encode(text.padEnd(Math.ceil(text.length / 8) * 8))
  const bytes = new Uint8Array(8 + headerBytes.length + bodyLength)
  new DataView(bytes.buffer).setBigUint64(0, BigInt(headerBytes.length), true)
  bytes.set(headerBytes, 8)
  let at = 8 + headerBytes.length
  for (const { data } of tensors.values()) {
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at)
    at += data.byteLength
  }
  return bytes
}
