import { floatToFloat16 } from './float16-encoder.js'

/** A tensor to write. */
export interface TensorToWrite {
  readonly shape: readonly number[]
  readonly values: ArrayLike<number>
}

/** The bytes of a safetensors file, tensors in the order of their names, header filled up to a multiple of 8. */
export function writeSafetensors(
  tensors: Readonly<Record<string, TensorToWrite>>,
  dtype: 'F16' | 'F32' = 'F16',
): Uint8Array {
  const size = dtype === 'F16' ? 2 : 4
  const header: Record<string, unknown> = {}
  const parts: Uint8Array[] = []
  let at = 0
  for (const name of Object.keys(tensors).sort()) {
    const { shape, values } = tensors[name]!
    header[name] = { dtype, shape, data_offsets: [at, at + values.length * size] }
    at += values.length * size
    const data =
      dtype === 'F16' ? Uint16Array.from(Array.from(values), floatToFloat16) : Float32Array.from(values)
    parts.push(new Uint8Array(data.buffer))
  }
  return withHeader(JSON.stringify(header), Buffer.concat(parts))
}

/** The bytes of a file with `header` as its header and `body` after it. */
export function withHeader(header: string, body: Uint8Array): Uint8Array {
  const text = Buffer.from(header)
  const padded = Buffer.concat([text, Buffer.alloc((8 - (text.length % 8)) % 8, ' ')])
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(padded.length))
  return new Uint8Array(Buffer.concat([length, padded, body]))
}

/** The header (as parsed JSON) and the body of a file. */
export function splitSafetensors(bytes: Uint8Array): {
  header: Record<string, { dtype: string; shape: number[]; data_offsets: [number, number] }>
  body: Uint8Array
} {
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true)
  return {
    header: JSON.parse(Buffer.from(bytes.subarray(8, 8 + length)).toString()),
    body: bytes.slice(8 + length),
  }
}
