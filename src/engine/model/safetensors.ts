import { Refused } from '../refused.js'
import { field, isRecord, parseStrictJson, quoted } from '../strict-json.js'
import { float16sToFloat32s } from './float16.js'

/** Largest header that is parsed. Rubato's own files have 1 KB; a higher limit would let a hostile file occupy the parser. */
const MAX_HEADER_BYTES = 1 << 20

/** Bytes of a number of each type that is read. */
const BYTES_OF = new Map([
  ['F16', 2],
  ['F32', 4],
])

/** A tensor as it is in its file, little-endian and row-major. A vector has one row. */
export interface Tensor {
  readonly rows: number
  readonly columns: number
  /** A `Uint16Array` contains the bits of float16s. A view of the file's bytes where they are aligned, else a copy. */
  readonly data: Uint16Array | Float32Array
}

/** The shape that a tensor must have. */
export type Shape = readonly [columns: number] | readonly [rows: number, columns: number]

/** Writes row `row` of `tensor` to `target` [columns] as float32. */
export function copyRow(tensor: Tensor, row: number, target: Float32Array): void {
  const { data, columns } = tensor
  if (data instanceof Float32Array) target.set(data.subarray(row * columns, (row + 1) * columns))
  else float16sToFloat32s(data.subarray(row * columns, (row + 1) * columns), target)
}

/**
 * Reads a safetensors file (8 bytes of header length, JSON header, tensors end to end) whose tensors have exactly these
 * names and `shapes`, are of type F16 or F32, and contain only finite numbers. Throws {@link Refused} for every other file.
 * Nothing is converted, and a length that the file merely claims never leads to an allocation. `bytes` may lie in shared
 * memory.
 */
export function readSafetensors(
  bytes: Uint8Array,
  shapes: ReadonlyMap<string, Shape>,
): ReadonlyMap<string, Tensor> {
  const header = readHeader(bytes)
  const body = bytes.subarray(header.length)
  const tensors = new Map<string, Tensor>()
  const spans: { name: string; begin: number; end: number }[] = []
  for (const [name, entry] of Object.entries(header.entries)) {
    if (name === '__metadata__') continue
    const shape = shapes.get(name)
    if (!shape) throw new Refused(`The weights hold a tensor ${quoted(name)} that this model doesn't have.`)
    const { dtype, begin, end } = readEntry(name, entry, shape)
    if (end > body.length) throw new Refused(`The weights are cut off: tensor ${name} reaches past the end.`)
    spans.push({ name, begin, end })
    tensors.set(name, viewOf(body.subarray(begin, end), dtype, shape))
  }
  for (const name of shapes.keys()) {
    if (!tensors.has(name)) throw new Refused(`The weights lack the tensor ${name}.`)
  }
  refuseGaps(spans, body.length)
  for (const [name, tensor] of tensors) refuseNonFinite(name, tensor)
  return tensors
}

/** The names and shapes of a safetensors file, which are checked for nothing but being shapes. Throws {@link Refused} for an unreadable header. */
export function safetensorsShapes(bytes: Uint8Array): ReadonlyMap<string, readonly number[]> {
  const shapes = new Map<string, readonly number[]>()
  for (const [name, entry] of Object.entries(readHeader(bytes).entries)) {
    const shape = isRecord(entry) ? field(entry, 'shape') : undefined
    if (Array.isArray(shape) && shape.every((n) => Number.isSafeInteger(n))) shapes.set(name, shape)
  }
  return shapes
}

function readHeader(bytes: Uint8Array): { entries: Readonly<Record<string, unknown>>; length: number } {
  if (bytes.length < 8) throw new Refused('The weights are too short to be a safetensors file.')
  const view = new DataView(bytes.buffer, bytes.byteOffset, 8)
  const length = view.getUint32(0, true) + view.getUint32(4, true) * 2 ** 32
  if (length > MAX_HEADER_BYTES) {
    throw new Refused(
      `The weights claim a header of ${length} bytes, so this is no safetensors file of ours.`,
    )
  }
  if (8 + length > bytes.length) throw new Refused('The weights are cut off inside their header.')
  const text = decodeHeader(bytes.subarray(8, 8 + length))
  const entries = parseStrictJson(text, 'The header of the weights')
  if (!isRecord(entries)) throw new Refused("The header of the weights isn't a table of tensors.")
  return { entries, length: 8 + length }
}

function decodeHeader(bytes: Uint8Array): string {
  try {
    // A copy, because a TextDecoder may refuse shared memory.
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(new Uint8Array(bytes))
  } catch {
    throw new Refused("The header of the weights isn't UTF-8 text.")
  }
}

function readEntry(
  name: string,
  entry: unknown,
  shape: Shape,
): { dtype: string; begin: number; end: number } {
  if (!isRecord(entry)) throw new Refused(`The weights don't describe the tensor ${name}.`)
  const dtype = field(entry, 'dtype')
  const size = typeof dtype === 'string' ? BYTES_OF.get(dtype) : undefined
  if (typeof dtype !== 'string' || size === undefined) {
    throw new Refused(`Tensor ${name} is of type ${quoted(dtype)}, not F16 or F32.`)
  }
  const given = field(entry, 'shape')
  if (!Array.isArray(given) || given.length !== shape.length || shape.some((n, i) => given[i] !== n)) {
    throw new Refused(`Tensor ${name} has the shape ${quoted(given)}, not [${shape.join(',')}].`)
  }
  const offsets = field(entry, 'data_offsets')
  const [begin, end]: unknown[] = Array.isArray(offsets) && offsets.length === 2 ? offsets : []
  if (!isOffset(begin) || !isOffset(end)) {
    throw new Refused(
      `Tensor ${name} has the offsets ${quoted(offsets)}, which aren't two places in the file.`,
    )
  }
  if (end - begin !== shape.reduce((a, b) => a * b) * size) {
    throw new Refused(`Tensor ${name} has ${end - begin} bytes, which isn't its shape's size.`)
  }
  return { dtype, begin, end }
}

function isOffset(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0
}

/** Refuses tensors that don't lie end to end or don't fill the body: such a file hides bytes, or has some read twice. */
function refuseGaps(spans: { name: string; begin: number; end: number }[], bodyLength: number): void {
  let at = 0
  for (const { name, begin, end } of spans.sort((a, b) => a.begin - b.begin)) {
    if (begin < at) throw new Refused(`Tensor ${name} overlaps the one before it.`)
    if (begin > at) throw new Refused(`There is a gap before the tensor ${name}.`)
    at = end
  }
  if (at < bodyLength)
    throw new Refused(`The weights go on for ${bodyLength - at} bytes after the last tensor.`)
}

function viewOf(bytes: Uint8Array, dtype: string, shape: Shape): Tensor {
  const [rows, columns] = shape.length === 1 ? [1, shape[0]] : shape
  const size = dtype === 'F16' ? 2 : 4
  const { buffer, byteOffset } = bytes.byteOffset % size === 0 ? bytes : new Uint8Array(bytes)
  const count = rows * columns
  const data =
    dtype === 'F16' ? new Uint16Array(buffer, byteOffset, count) : new Float32Array(buffer, byteOffset, count)
  return { rows, columns, data }
}

function refuseNonFinite(name: string, { data }: Tensor): void {
  const allFinite = data instanceof Float32Array ? areFinite(data) : areFiniteFloat16s(data)
  if (!allFinite) throw new Refused(`Tensor ${name} holds a value that isn't a finite number.`)
}

// These are plain loops because `every` takes five times as long, and a musician waits for this check at each start.

function areFinite(values: Float32Array): boolean {
  for (let i = 0; i < values.length; i++) if (!Number.isFinite(values[i])) return false
  return true
}

/** A float16 is infinite or no number if all bits of its exponent are set. */
function areFiniteFloat16s(values: Uint16Array): boolean {
  for (let i = 0; i < values.length; i++) if ((values[i]! & 0x7c00) === 0x7c00) return false
  return true
}
