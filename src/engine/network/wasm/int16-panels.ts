import { copyRow, type Tensor } from '../../model/safetensors.js'
import { panelPlaces } from '../weight-panels.js'
import { PANEL } from './blocks.js'

/** The int16 value of an input of 1. */
const INPUT_ONE = 32767
/** The largest int16 weight: the sum of 8 products with an input of -32768 stays under 2^31 (see `addPanelInt16`); with 8192 it wouldn't. */
const MOST_WEIGHT = 8191

/**
 * Packs the matrices of `stack`, one below the other (each with an even number of rows), as int16 panels
 * [panel][row / 2][32][2]. The float32 weights of a column are multiplied by a factor that makes the largest +-8191. `scales`
 * [panels * 32] gets for each column the scale that undoes this factor and that of the inputs. `order[j]` is the number of
 * column j among the columns of all panels. The padding columns, which aren't in `order`, stay as they are.
 */
export function packInt16(
  stack: readonly Tensor[],
  order: Int32Array,
  target: Int16Array,
  scales: Float32Array,
): void {
  const row = new Float32Array(order.length)
  const factors = new Float64Array(order.length)
  for (const [j, largest] of largestOf(stack, row).entries()) {
    factors[j] = largest === 0 ? 0 : MOST_WEIGHT / largest
    scales[order[j]!] = largest / MOST_WEIGHT / INPUT_ONE
  }
  const rows = stack.reduce((sum, tensor) => sum + tensor.rows, 0)
  // Two rows of a panel are stored side by side, so a panel of pairs has half the rows.
  const places = panelPlaces(order, PANEL, rows / 2)
  // A pair is written as one word. That halves the number of writes, which are far apart and take most of the time.
  const pairs = new Int32Array(target.buffer, target.byteOffset, target.length / 2)
  const odd = new Float32Array(order.length)
  let firstRow = 0
  for (const tensor of stack) {
    for (let r = 0; r < tensor.rows; r += 2) {
      copyRow(tensor, r, row)
      copyRow(tensor, r + 1, odd)
      const base = ((firstRow + r) >> 1) * PANEL
      for (let j = 0; j < row.length; j++) {
        const low = Math.round(row[j]! * factors[j]!)
        const high = Math.round(odd[j]! * factors[j]!)
        pairs[base + places[j]!] = (low & 0xffff) | (high << 16)
      }
    }
    firstRow += tensor.rows
  }
}

/** The largest magnitude in each column of the whole stack. `row` [columns] is scratch. */
function largestOf(stack: readonly Tensor[], row: Float32Array): Float32Array {
  const largest = new Float32Array(row.length)
  for (const tensor of stack) {
    for (let r = 0; r < tensor.rows; r++) {
      copyRow(tensor, r, row)
      for (let j = 0; j < row.length; j++) {
        const magnitude = Math.abs(row[j]!)
        if (magnitude > largest[j]!) largest[j] = magnitude
      }
    }
  }
  return largest
}
