import { EVENT_COUNT } from '../../language/events.js'
import type { Weights } from '../../model/model.js'
import type { Tensor } from '../../model/safetensors.js'
import { Refused } from '../../refused.js'
import { guidedNetwork } from '../guidance.js'
import type { Network, Precision } from '../network.js'
import { identityOrder, panelPlaces, scatterRows } from '../weight-panels.js'
import { type Blocks, type Layer, layOut, OUTPUT_COLUMNS, PANEL } from './blocks.js'
import { packInt16 } from './int16-panels.js'

/** The part of the global WebAssembly that is used here, which the types of the es2023 library don't contain. */
declare const WebAssembly: {
  validate(bytes: Uint8Array): boolean
  Module: new (bytes: Uint8Array) => object
  Instance: new (module: object, imports: object) => { readonly exports: object }
  Memory: new (limits: { initial: number; maximum: number }) => { readonly buffer: ArrayBuffer }
}

/**
 * The functions that kernel.as.ts exports. All arguments are byte addresses, apart from sizes, counts, distances between
 * lanes, and `scale`.
 */
interface Kernel {
  lstmLayer(
    weights: number,
    start: number,
    startLane: number,
    inputs: number,
    size: number,
    cell: number,
    hidden: number,
    units: number,
    sums: number,
    lane: number,
  ): void
  dense(
    weights: number,
    bias: number,
    inputs: number,
    size: number,
    out: number,
    panels: number,
    lane: number,
  ): void
  lstmLayerInt16(
    weights: number,
    scales: number,
    start: number,
    startLane: number,
    inputs: number,
    size: number,
    quantized: number,
    cell: number,
    hidden: number,
    units: number,
    sums: number,
    lane: number,
  ): void
  denseInt16(
    weights: number,
    scales: number,
    bias: number,
    inputs: number,
    size: number,
    quantized: number,
    out: number,
    panels: number,
    lane: number,
  ): void
  addScaled(out: number, a: number, b: number, scale: number, count: number): void
}

const PAGE_BYTES = 65536

/** Units whose four gates make a panel. */
const PANEL_UNITS = 8

/** Whether this machine's WebAssembly has SIMD128: validates a module of one splat. */
export function simdSupported(): boolean {
  const module = [0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0]
  return WebAssembly.validate(Uint8Array.of(...module, 253, 15, 253, 98, 11))
}

/**
 * Creates a network on the SIMD kernel: compiles the kernel, allocates 4 bytes for each weight (with int16 2 bytes, except for
 * the rows of events and conditioning), and packs the weights.
 * @param kernelBytes the contents of kernel.wasm
 * @throws {@link Refused} if there is no SIMD or not enough memory, or if the bytes aren't this kernel
 */
export function createWasmNetwork(
  weights: Weights,
  kernelBytes: Uint8Array,
  precision: Precision = 'f32',
): Network {
  const { units, conditioningSize } = weights
  const gates = 4 * units
  const blocks = layOut(weights, precision)
  const memory = allocate(blocks.bytes)
  const kernel = instantiate(kernelBytes, memory)
  const floats: Floats = (address, count) => new Float32Array(memory.buffer, address, count)
  const shorts: Shorts = (address, count) => new Int16Array(memory.buffer, address, count)
  pack(weights, blocks, precision === 'f32' ? packFloats(floats) : packIntegers(floats, shorts), floats)

  const { layers, events, conditioning, conditioned, start, quantized, sums, output, lane } = blocks
  const bias = layers[0]!.bias
  const partsOf = (distance: number) =>
    layers.flatMap(({ inputs, size, cell }) => [
      floats(inputs + 4 * (size - units) + distance, units),
      floats(cell + distance, units),
    ])

  /** Writes to `target` [gates] the bias of layer 0 with the conditioning. */
  function fold(vector: Float32Array, target: number): void {
    // The first row is added even if its factor is 0, because that copies the bias. A network without rows adds the bias,
    // times 0, instead.
    kernel.addScaled(target, bias, conditioningSize > 0 ? conditioning : bias, vector[0] ?? 0, gates)
    for (let i = 1; i < conditioningSize; i++) {
      if (vector[i] !== 0) kernel.addScaled(target, target, conditioning + 4 * gates * i, vector[i]!, gates)
    }
  }
  const nothing = new Float32Array(conditioningSize)
  fold(nothing, conditioned)
  fold(nothing, conditioned + lane)

  /** Steps a layer. `second` is the distance from the blocks of lane 0 to those of lane 1, or 0 to step lane 0 alone. */
  const stepLayer =
    precision === 'f32'
      ? ({ weights, inputs, size, cell, hidden }: Layer, start: number, startLane: number, second: number) =>
          kernel.lstmLayer(weights, start, startLane, inputs, size, cell, hidden, units, sums, second)
      : (layer: Layer, start: number, startLane: number, second: number) => {
          const { weights, scales, inputs, size, cell, hidden } = layer
          kernel.lstmLayerInt16(
            weights,
            scales,
            start,
            startLane,
            inputs,
            size,
            quantized,
            cell,
            hidden,
            units,
            sums,
            second,
          )
        }

  return guidedNetwork({
    backend: precision === 'f32' ? 'wasm' : 'wasm int16',
    conditioningSize,
    states: [partsOf(0), partsOf(lane)],
    logits: [floats(output.sums, EVENT_COUNT), floats(output.sums + lane, EVENT_COUNT)],
    condition: (vector) => fold(vector, conditioned),
    advance(event, both) {
      const row = events + 4 * gates * event
      const second = both ? lane : 0
      kernel.addScaled(start, conditioned, row, 1, gates)
      if (both) kernel.addScaled(start + lane, conditioned + lane, row, 1, gates)
      stepLayer(layers[0]!, start, second, second)
      for (let i = 1; i < layers.length; i++) stepLayer(layers[i]!, layers[i]!.bias, 0, second)
    },
    computeLogits(both) {
      const { weights, scales, bias, inputs, sums, panels } = output
      const second = both ? lane : 0
      if (precision === 'f32') kernel.dense(weights, bias, inputs, units, sums, panels, second)
      else kernel.denseInt16(weights, scales, bias, inputs, units, quantized, sums, panels, second)
    },
  })
}

function allocate(bytes: number): { readonly buffer: ArrayBuffer } {
  const pages = Math.ceil(bytes / PAGE_BYTES)
  try {
    return new WebAssembly.Memory({ initial: pages, maximum: pages })
  } catch {
    throw new Refused(`The network needs ${Math.ceil(bytes / 1e6)} MB of memory, more than there is.`)
  }
}

function instantiate(bytes: Uint8Array, memory: object): Kernel {
  if (!simdSupported())
    throw new Refused("This machine's WebAssembly has no SIMD; use the js backend instead.")
  try {
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), { env: { memory } })
    if (isKernel(exports)) return exports
  } catch {
    // The message of the WebAssembly engine would be of no use to a musician.
  }
  throw new Refused('The kernel.wasm is damaged or of another version; install Rubato again.')
}

/** Number of arguments of each function of {@link Kernel}: a kernel of another version may have functions of the same names. */
const ARGUMENTS = { lstmLayer: 10, dense: 7, lstmLayerInt16: 12, denseInt16: 9, addScaled: 5 }

function isKernel(exports: object): exports is Kernel {
  return Object.entries(ARGUMENTS).every(([name, count]) => {
    const made: unknown = Reflect.get(exports, name)
    return typeof made === 'function' && made.length === count
  })
}

type Floats = (address: number, count: number) => Float32Array
type Shorts = (address: number, count: number) => Int16Array

/** Packs matrices, one below the other, into a block of weights and (for int16) a block of their scales. */
type PackStack = (
  stack: readonly Tensor[],
  order: Int32Array,
  columns: number,
  block: { readonly weights: number; readonly scales: number },
) => void

const rowsOf = (stack: readonly Tensor[]) => stack.reduce((sum, { rows }) => sum + rows, 0)

function packFloats(floats: Floats): PackStack {
  return (stack, order, columns, { weights }) => {
    const rows = rowsOf(stack)
    const target = floats(weights, rows * columns)
    const places = panelPlaces(order, PANEL, rows)
    let firstRow = 0
    for (const tensor of stack) {
      scatterRows(tensor, target.subarray(firstRow * PANEL), places, PANEL)
      firstRow += tensor.rows
    }
  }
}

function packIntegers(floats: Floats, shorts: Shorts): PackStack {
  return (stack, order, columns, { weights, scales }) =>
    packInt16(stack, order, shorts(weights, rowsOf(stack) * columns), floats(scales, columns))
}

/** Packs all weights into their blocks. */
function pack(weights: Weights, blocks: Blocks, packStack: PackStack, floats: Floats): void {
  const { units, conditioningSize } = weights
  const gates = 4 * units
  // Gate columns are [gate][unit] in the file and [unit / 8][gate][unit % 8] in the panels. Output columns stay in order.
  const byPanel = Int32Array.from({ length: gates }, (_, column) => {
    const unit = column % units
    const gate = (column - unit) / units
    return Math.floor(unit / PANEL_UNITS) * PANEL + gate * PANEL_UNITS + (unit % PANEL_UNITS)
  })
  const outputOrder = identityOrder(EVENT_COUNT)

  scatterRows(weights.event, floats(blocks.events, EVENT_COUNT * gates), byPanel, gates)
  scatterRows(weights.conditioning, floats(blocks.conditioning, conditioningSize * gates), byPanel, gates)
  weights.layers.forEach(({ input, recurrent, bias }, i) => {
    const block = blocks.layers[i]!
    packStack(input ? [input, recurrent] : [recurrent], byPanel, gates, block)
    const biases = floats(block.bias, gates)
    scatterRows(bias, biases, byPanel, gates)
    for (let unit = 0; unit < units; unit++) biases[byPanel[units + unit]!]! += weights.forgetBias
  })
  const { weight, bias } = weights.output
  packStack([weight], outputOrder, OUTPUT_COLUMNS, blocks.output)
  scatterRows(bias, floats(blocks.output.bias, OUTPUT_COLUMNS), outputOrder, OUTPUT_COLUMNS)
}
