import { EVENT_COUNT } from '../../language/events.js'
import type { Weights } from '../../model/model.js'
import type { Precision } from '../network.js'

/** Columns of a panel (kernel.as.ts says what that is). */
export const PANEL = 32
/** The output layer's columns, filled up to whole panels with zeros: 416. */
export const OUTPUT_COLUMNS = Math.ceil(EVENT_COUNT / PANEL) * PANEL
/** Every block starts on a cache line, so that no load of a weight touches two. */
const LINE_BYTES = 64

/** Where each block lies in the kernel's memory (byte addresses), and how many bytes that takes. */
export type Blocks = ReturnType<typeof layOut>
export type Layer = Blocks['layers'][number]

/** Lays out the memory that a network with these weights needs; computes addresses only. */
export function layOut({ units, conditioningSize, layers }: Weights, precision: Precision) {
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
  /** What is only read, and so the same for both lanes. */
  const shared = {
    output: {
      weights: place(units * OUTPUT_COLUMNS, weightBytes),
      scales: placeScales(OUTPUT_COLUMNS),
      bias: place(OUTPUT_COLUMNS),
      panels: OUTPUT_COLUMNS / PANEL,
    },
    layers: layers.map(({ input }) => {
      // The new h of the layer below, where there is one, and the layer's own h lie side by side.
      const size = input ? 2 * units : units
      return {
        weights: place(size * gates, weightBytes),
        scales: placeScales(gates),
        bias: place(gates),
        size,
      }
    }),
    /** [388][gates] and [conditioningSize][gates], rows in panel order. */
    events: place(EVENT_COUNT * gates),
    conditioning: place(conditioningSize * gates),
  }
  const laneStart = end
  const output = { ...shared.output, inputs: place(units), sums: place(OUTPUT_COLUMNS) }
  const placed = shared.layers.map((layer) => ({ ...layer, inputs: place(layer.size), cell: place(units) }))
  /** What each lane has of its own: here the addresses of lane 0's. */
  const own = {
    output,
    // A layer's new h goes to where the layer above reads its input: the first of its inputs.
    layers: placed.map((layer, i) => ({ ...layer, hidden: placed[i + 1]?.inputs ?? output.inputs })),
    /** [gates]: layer 0's bias with the lane's conditioning, and that with the event's row. */
    conditioned: place(gates),
    start: place(gates),
    /** [2 * units]: the inputs of the layer at work as int16. */
    quantized: place(2 * units, 2),
    sums: place(PANEL),
  }
  /** How many bytes behind lane 0's own blocks those of lane 1 lie. */
  const lane = end - laneStart
  return { ...shared, ...own, lane, bytes: end + lane }
}
