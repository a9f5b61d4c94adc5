import { EVENT_COUNT } from '../language/events.js'
import { Refused } from '../refused.js'
import { field, isRecord, parseStrictJson, quoted } from '../strict-json.js'
import { CONDITIONING_LAYOUTS } from './conditioning.js'
import { MAGENTA_LAYOUTS } from './magenta-conditioning.js'
import type { ModelSpec } from './model.js'
import type { FloatTensor } from './safetensors-writer.js'

/** A group of a tfjs manifest: its files, joined end to end, contain its tensors end to end. */
export interface ManifestGroup {
  /** Plain file names beside the manifest. */
  readonly paths: readonly string[]
  readonly tensors: readonly ManifestTensor[]
  /** Bytes of all tensors of the group. */
  readonly length: number
}

interface ManifestTensor {
  readonly name: string
  readonly shape: readonly number[]
  readonly length: number
}

/** A network, ready to be written into a model folder. */
interface ConvertedModel {
  readonly spec: Omit<ModelSpec, 'sha256' | 'name'>
  readonly tensors: ReadonlyMap<string, FloatTensor>
}

/** Limits on the download that a manifest may cause. The published models have 25 MB. */
const MOST_BYTES = 1 << 30
const MOST_SHARDS = 1000

/** The value that TensorFlow's BasicLSTMCell adds to the forget gate at run time (forget_bias). */
const FORGET_BIAS = 1
const CELL = 'rnn/multi_rnn_cell/cell_'

/** The places of the gates i, f, g, o among those of a BasicLSTMCell: i, j (our g), f, o. */
const GATES = [0, 2, 1, 3]

/**
 * Reads a weights_manifest.json of TensorFlow.js. Throws {@link Refused}, naming the fault, for a manifest that can't be
 * used.
 */
export function parseManifest(text: string): ManifestGroup[] {
  const manifest = parseStrictJson(text, 'The manifest')
  if (!Array.isArray(manifest) || manifest.length === 0)
    throw new Refused("The manifest isn't a list of weight groups.")
  const groups = manifest.map(parseGroup)
  if (groups.reduce((sum, { length }) => sum + length, 0) > MOST_BYTES)
    throw new Refused('The manifest names more weights than any model here has.')
  return groups
}

function parseGroup(group: unknown): ManifestGroup {
  if (!isRecord(group)) throw new Refused("A group of the manifest isn't an object.")
  const paths = field(group, 'paths')
  const weights = field(group, 'weights')
  if (!Array.isArray(paths) || paths.length === 0 || paths.length > MOST_SHARDS || !Array.isArray(weights))
    throw new Refused('A group of the manifest has no paths or no weights.')
  const named = paths.map((path: unknown) => {
    if (typeof path === 'string' && /^[\w.-]{1,128}$/.test(path) && !path.startsWith('.')) return path
    throw new Refused(`The manifest's path ${quoted(path)} isn't a plain file name.`)
  })
  const tensors = weights.map(parseTensor)
  return { paths: named, tensors, length: tensors.reduce((sum, { length }) => sum + length, 0) }
}

function parseTensor(weight: unknown): ManifestTensor {
  if (!isRecord(weight)) throw new Refused("A weight of the manifest isn't an object.")
  const name = field(weight, 'name')
  const shape = field(weight, 'shape')
  if (typeof name !== 'string') throw new Refused('A weight of the manifest has no name.')
  const isShape = Array.isArray(shape) && shape.length > 0 && shape.length <= 2
  if (!isShape || !shape.every((n: unknown) => Number.isInteger(n) && Number(n) > 0 && Number(n) < 1e6))
    throw new Refused(`The weight ${quoted(name)} has the shape ${quoted(shape)}, which isn't one.`)
  if (field(weight, 'quantization') !== undefined)
    throw new Refused(`The weight ${quoted(name)} is quantized; get the model with float32 weights.`)
  if (field(weight, 'dtype') !== 'float32')
    throw new Refused(`The weight ${quoted(name)} is of type ${quoted(field(weight, 'dtype'))}, not float32.`)
  return { name, shape, length: 4 * shape.reduce((product: number, n: number) => product * n, 1) }
}

/**
 * Converts a network from Magenta's published form (tfjs): reorders the gates from i, j, f, o to i, f, g, o, adds the forget
 * bias of 1 to the biases, and cuts the kernel of the first cell into the rows of conditioning, events and h.
 * @param bodies the bytes of each group
 * @throws {@link Refused}, naming the tensor that is wrong
 */
export function convertMagenta(
  groups: readonly ManifestGroup[],
  bodies: readonly Uint8Array[],
): ConvertedModel {
  const found = readTensors(groups, bodies)
  const take = (name: string): FloatTensor => {
    const tensor = found.get(name)
    if (!tensor) throw new Refused(`The weights lack ${name}; this isn't a published Performance RNN.`)
    found.delete(name)
    return tensor
  }
  const layers = [...found.keys()].filter((name) => name.startsWith(CELL) && name.endsWith('kernel')).length
  const tensors = new Map<string, FloatTensor>()
  let units = 0
  let layout = ''
  for (let layer = 0; layer < layers; layer++) {
    const kernel = take(`${CELL}${layer}/basic_lstm_cell/kernel`)
    const bias = take(`${CELL}${layer}/basic_lstm_cell/bias`)
    const [rows, columns] = matrixOf(kernel, `cell ${layer}'s kernel`)
    if (layer === 0) {
      units = columns / 4
      layout = layoutOf(rows - units - EVENT_COUNT)
      const conditioning = rows - units - EVENT_COUNT
      if (conditioning > 0) tensors.set('lstm.0.conditioning', reordered(kernel, 0, conditioning, units))
      tensors.set('lstm.0.event', reordered(kernel, conditioning, EVENT_COUNT, units))
    } else {
      if (rows !== 2 * units || columns !== 4 * units)
        throw new Refused(`Cell ${layer}'s kernel is [${rows},${columns}], not [${2 * units},${4 * units}].`)
      tensors.set(`lstm.${layer}.input`, reordered(kernel, 0, units, units))
    }
    tensors.set(`lstm.${layer}.recurrent`, reordered(kernel, rows - units, units, units))
    if (bias.shape.length !== 1 || bias.shape[0] !== 4 * units)
      throw new Refused(`Cell ${layer}'s bias is [${bias.shape}], not [${4 * units}].`)
    const moved = reordered(bias, 0, 1, units)
    for (let unit = units; unit < 2 * units; unit++) moved.data[unit]! += FORGET_BIAS
    tensors.set(`lstm.${layer}.bias`, { shape: [4 * units], data: moved.data })
  }
  const weight = take('fully_connected/weights')
  const bias = take('fully_connected/biases')
  if (String(weight.shape) !== String([units, EVENT_COUNT]) || String(bias.shape) !== String([EVENT_COUNT]))
    throw new Refused(
      `The output layer is [${weight.shape}] and [${bias.shape}], not [${units},${EVENT_COUNT}] and [${EVENT_COUNT}].`,
    )
  tensors.set('output.weight', weight)
  tensors.set('output.bias', bias)
  const [more] = found.keys()
  if (more !== undefined)
    throw new Refused(`The weights hold ${quoted(more)}, which a Performance RNN doesn't have.`)
  return {
    spec: {
      network: { cell: 'lstm', layers, units, gateOrder: 'i f g o', forgetBias: 0 },
      events: 'performance-388',
      step: 'ms',
      conditioning: layout,
    },
    tensors,
  }
}

function readTensors(
  groups: readonly ManifestGroup[],
  bodies: readonly Uint8Array[],
): Map<string, FloatTensor> {
  const found = new Map<string, FloatTensor>()
  for (const [index, { tensors, length }] of groups.entries()) {
    const body = bodies[index]
    if (!body || body.length !== length)
      throw new Refused(
        `The weights' files hold ${body?.length ?? 0} bytes where the manifest names ${length}.`,
      )
    let at = 0
    for (const { name, shape, length: size } of tensors) {
      if (found.has(name)) throw new Refused(`The manifest names ${quoted(name)} twice.`)
      const data = new Float32Array(new Uint8Array(body.subarray(at, at + size)).buffer)
      if (!data.every(Number.isFinite)) throw new Refused(`${name} holds a value that isn't a finite number.`)
      found.set(name, { shape: shape.length === 1 ? [shape[0]!] : [shape[0]!, shape[1]!], data })
      at += size
    }
  }
  return found
}

function matrixOf({ shape }: FloatTensor, what: string): readonly [rows: number, columns: number] {
  const [rows, columns] = shape
  if (columns === undefined || columns % 4 !== 0 || rows <= columns / 4)
    throw new Refused(`${what} is [${shape}], which no LSTM has.`)
  return [rows, columns]
}

/** The name of the published layout whose vector has `size` numbers. Throws {@link Refused} if there is none. */
function layoutOf(size: number): string {
  for (const [name, layout] of MAGENTA_LAYOUTS) if (layout.size === size) return name
  throw new Refused(
    `The first cell takes ${EVENT_COUNT + size} numbers; the published models take ${[...MAGENTA_LAYOUTS.values()].map((layout) => EVENT_COUNT + layout.size).join(', ')}.`,
  )
}

/** Rows `from` to `from + count` of a kernel (or the one row of a bias), each with its gates in the order i, f, g, o. */
function reordered({ data }: FloatTensor, from: number, count: number, units: number): FloatTensor {
  const columns = 4 * units
  const target = new Float32Array(count * columns)
  for (let row = 0; row < count; row++) {
    for (const [gate, theirs] of GATES.entries()) {
      const start = (from + row) * columns + theirs * units
      target.set(data.subarray(start, start + units), row * columns + gate * units)
    }
  }
  return { shape: [count, columns], data: target }
}

/**
 * The description of the network whose tensors, named as on the model cards, have these shapes. Throws {@link Refused} if they
 * don't make a network.
 */
export function specOfShapes(shapes: ReadonlyMap<string, readonly number[]>): ConvertedModel['spec'] {
  const [units] = shapes.get('output.weight') ?? []
  let layers = 0
  while (shapes.has(`lstm.${layers}.recurrent`)) layers++
  if (units === undefined || layers === 0)
    throw new Refused(
      "The weights aren't named as a model card's are (lstm.0.recurrent, output.weight, ...).",
    )
  const size = shapes.get('lstm.0.conditioning')?.[0] ?? 0
  const layout = [...CONDITIONING_LAYOUTS].find(([, found]) => found.size === size)?.[0]
  if (layout === undefined)
    throw new Refused(`The weights are conditioned on ${size} numbers, which no layout here has.`)
  const isPercussion = layout === 'beat-14'
  return {
    network: { cell: 'lstm', layers, units, gateOrder: 'i f g o', forgetBias: 0 },
    events: isPercussion ? 'percussion-388' : 'performance-388',
    step: isPercussion ? 'beat' : 'ms',
    conditioning: layout,
  }
}
