import type { Network, Precision } from '../backend.js'
import { EVENT_COUNT } from '../events.js'
import type { Weights } from '../model.js'
import { stateAccess } from '../network-state.js'
import { inOrder, panelPlaces, scatterRows } from '../panels.js'
import type { Tensor } from '../safetensors.js'
import { Refused } from '../units.js'
import { packInt16 } from './int16-panels.js'

/** The part of the WebAssembly global that is used here; the es2023 library doesn't describe it. */
declare const WebAssembly: {
  validate(bytes: Uint8Array): boolean
  Module: new (bytes: Uint8Array) => object
  Instance: new (module: object, imports: object) => { readonly exports: object }
  Memory: new (limits: { initial: number; maximum: number }) => { readonly buffer: ArrayBuffer }
}

/** What kernel.as.ts exports; every number but `scale`, sizes and counts is a byte address. */
interface Kernel {
  lstmLayer(
    weights: number,
    start: number,
    inputs: number,
    size: number,
    cell: number,
    hidden: number,
    units: number,
    sums: number,
  ): void
  dense(weights: number, bias: number, inputs: number, size: number, out: number, panels: number): void
  lstmLayerInt16(
    weights: number,
    scales: number,
    start: number,
    inputs: number,
    size: number,
    quantized: number,
    cell: number,
    hidden: number,
    units: number,
    sums: number,
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
  ): void
  addScaled(out: number, a: number, b: number, scale: number, count: number): void
}

/** Columns of a panel (kernel.as.ts says what that is), and the units whose four gates make one. */
const PANEL = 32
const PANEL_UNITS = 8
/** The output layer's columns, filled up to whole panels with zeros: 416. */
const OUTPUT_COLUMNS = Math.ceil(EVENT_COUNT / PANEL) * PANEL
const PAGE_BYTES = 65536
/** Every block starts on a cache line, so that no load of a weight touches two. */
const LINE_BYTES = 64

/** Whether this machine's WebAssembly has SIMD128: validates a module of one splat. */
export function simdSupported(): boolean {
  const module = [0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0]
  return WebAssembly.validate(Uint8Array.of(...module, 253, 15, 253, 98, 11))
}

/**
 * The network on the SIMD kernel, whose bytes are those of kernel.wasm. Compiles it, allocates 4 bytes a weight (2 in
 * int16, but for the rows of events and conditioning) and packs them, once; throws {@link Refused} where there is no
 * SIMD, no such memory, or another kernel.
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

  const { layers, events, conditioning, conditioned, start, quantized, sums, output } = blocks
  const bias = layers[0]!.bias
  const logits = floats(output.sums, EVENT_COUNT)
  const state = layers.flatMap(({ inputs, size, cell }) => [
    floats(inputs + 4 * (size - units), units),
    floats(cell, units),
  ])

  const condition = (vector: Float32Array): void => {
    kernel.addScaled(conditioned, bias, conditioning, vector[0]!, gates)
    for (let i = 1; i < conditioningSize; i++) {
      if (vector[i] !== 0) {
        kernel.addScaled(conditioned, conditioned, conditioning + 4 * gates * i, vector[i]!, gates)
      }
    }
  }
  condition(new Float32Array(conditioningSize))

  const stepLayer =
    precision === 'f32'
      ? ({ weights, inputs, size, cell, hidden }: Layer, start: number) =>
          kernel.lstmLayer(weights, start, inputs, size, cell, hidden, units, sums)
      : ({ weights, scales, inputs, size, cell, hidden }: Layer, start: number) =>
          kernel.lstmLayerInt16(weights, scales, start, inputs, size, quantized, cell, hidden, units, sums)
  const stepOutput = () => {
    const { weights, scales, bias, inputs, panels } = output
    if (precision === 'f32') kernel.dense(weights, bias, inputs, units, output.sums, panels)
    else kernel.denseInt16(weights, scales, bias, inputs, units, quantized, output.sums, panels)
  }

  return {
    backend: precision === 'f32' ? 'wasm' : 'wasm int16',
    conditioningSize,
    stateSize: layers.length * 2 * units,
    logits,
    condition,
    step(event) {
      kernel.addScaled(start, conditioned, events + 4 * gates * event, 1, gates)
      for (let i = 0; i < layers.length; i++) stepLayer(layers[i]!, i === 0 ? start : layers[i]!.bias)
      stepOutput()
    },
    ...stateAccess(state, units),
  }
}

/** Where each block of floats lies in the kernel's memory (byte addresses), and how many bytes that takes. */
type Blocks = ReturnType<typeof layOut>
type Layer = Blocks['layers'][number]

function layOut({ units, conditioningSize, layers }: Weights, precision: Precision) {
  const gates = 4 * units
  let end = LINE_BYTES
  const place = (count: number, bytesEach = 4): number => {
    const address = end
    end += Math.ceil((bytesEach * count) / LINE_BYTES) * LINE_BYTES
    return address
  }
  const weightBytes = precision === 'f32' ? 4 : 2
  /** A scale a column, which only int16 weights have. */
  const placeScales = (columns: number) => place(precision === 'f32' ? 0 : columns)
  const output = {
    weights: place(units * OUTPUT_COLUMNS, weightBytes),
    scales: placeScales(OUTPUT_COLUMNS),
    bias: place(OUTPUT_COLUMNS),
    inputs: place(units),
    sums: place(OUTPUT_COLUMNS),
    panels: OUTPUT_COLUMNS / PANEL,
  }
  const placed = layers.map(({ input }) => {
    // The new h of the layer below, where there is one, and the layer's own h lie side by side.
    const size = input ? 2 * units : units
    return {
      weights: place(size * gates, weightBytes),
      scales: placeScales(gates),
      bias: place(gates),
      inputs: place(size),
      size,
      cell: place(units),
    }
  })
  return {
    output,
    // A layer's new h goes to where the layer above reads its input: the first of its inputs.
    layers: placed.map((layer, i) => ({ ...layer, hidden: placed[i + 1]?.inputs ?? output.inputs })),
    /** [388][gates] and [conditioningSize][gates], rows in panel order. */
    events: place(EVENT_COUNT * gates),
    conditioning: place(conditioningSize * gates),
    /** [gates]: layer 0's bias with the conditioning, and that with the event's row. */
    conditioned: place(gates),
    start: place(gates),
    /** [2 * units]: the inputs of the layer at work as int16. */
    quantized: place(2 * units, 2),
    sums: place(PANEL),
    bytes: end,
  }
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
    // The reason is the engine's own and of no use to a player.
  }
  throw new Refused('The kernel.wasm is damaged or of another version; install Rubato again.')
}

function isKernel(exports: object): exports is Kernel {
  const names = ['lstmLayer', 'dense', 'lstmLayerInt16', 'denseInt16', 'addScaled']
  return names.every((name) => name in exports)
}

type Floats = (address: number, count: number) => Float32Array
type Shorts = (address: number, count: number) => Int16Array

/** Packs matrices that lie one below the other into the block of weights at an address (and of their scales). */
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

/** Fills the blocks of weights from the model's file. */
function pack(weights: Weights, blocks: Blocks, packStack: PackStack, floats: Floats): void {
  const { units, conditioningSize } = weights
  const gates = 4 * units
  // Gate columns come as [gate][unit] and go to [unit / 8][gate][unit % 8]; output columns stay in order.
  const byPanel = Int32Array.from({ length: gates }, (_, column) => {
    const unit = column % units
    const gate = (column - unit) / units
    return Math.floor(unit / PANEL_UNITS) * PANEL + gate * PANEL_UNITS + (unit % PANEL_UNITS)
  })
  const outputOrder = inOrder(EVENT_COUNT)

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
