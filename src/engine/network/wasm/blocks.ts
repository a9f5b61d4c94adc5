import { EVENT_COUNT } from '../../language/events.js'
import type { Weights } from '../../model/model.js'
import type { Precision } from '../network.js'

/** Columns of a panel, as kernel.as.ts describes it. */
export const PANEL = 32
/** Columns of the output layer, padded with zeros to whole panels: 416. */
export const OUTPUT_COLUMNS = Math.ceil(EVENT_COUNT / PANEL) * PANEL
/** Every block starts on a cache line, so that no load of weights touches two lines. */
const LINE_BYTES = 64

/** The byte address of each block in the kernel's memory, and the bytes of all together. */
export type Blocks = ReturnType<typeof layOut>
export type Layer = Blocks['layers'][number]

/** Lays out the memory of a network with these weights. It only computes addresses. */
export function layOut({ units, conditioningSize, layers }: Weights, precision: Precision) {
  const gates = 4 * units
  let end = LINE_BYTES
  const place = (count: number, bytesEach = 4): number => {
    const address = end
    end += Math.ceil((bytesEach * count) / LINE_BYTES) * LINE_BYTES
    return address
  }
  const weightBytes = precision === 'f32' ? 4 : 2
  /** Places the scales of int16 weights, one for each column; float32 weights have none. */
  const placeScales = (columns: number) => place(precision === 'f32' ? 0 : columns)
  /** The blocks that are only read, and so shared by both lanes. */
  const shared = {
    output: {
      weights: place(units * OUTPUT_COLUMNS, weightBytes),
      scales: placeScales(OUTPUT_COLUMNS),
      bias: place(OUTPUT_COLUMNS),
      panels: OUTPUT_COLUMNS / PANEL,
    },
    layers: layers.map(({ input }) => {
      // The inputs are the new h of the layer below, if there is one, and then the layer's own h.
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
  /** The blocks that each lane has of its own, with the addresses of lane 0. */
  const own = {
    output,
    // A layer writes its new h to where the layer above reads it: at the beginning of its inputs.
    layers: placed.map((layer, i) => ({ ...layer, hidden: placed[i + 1]?.inputs ?? output.inputs })),
    /** The bias of layer 0 plus the lane's conditioning, and this sum plus the row of the event; [gates] each. */
    conditioned: place(gates),
    start: place(gates),
    /** The inputs of the layer that is being computed, as int16, [2 * units]. */
    quantized: place(2 * units, 2),
    sums: place(PANEL),
  }
  /** Bytes from a block of lane 0 to the same block of lane 1. */
  const lane = end - laneStart
  return { ...shared, ...own, lane, bytes: end + lane }
}
