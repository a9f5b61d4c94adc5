import { panelPlaces } from '../panels.js'
import { copyRow, type Tensor } from '../safetensors.js'

/** Columns of a panel (kernel.as.ts says what that is). */
const PANEL = 32
/** What 1 becomes in an int16 input. */
const INPUT_ONE = 32767
/** The largest weight: 8 products with an input of -32768 stay under 2^31 (see `panelSumsInt16`), with 8192 they wouldn't. */
const MOST_WEIGHT = 8191

/**
 * Packs the matrices of `stack`, one below the other (an even number of rows in each), as int16 panels
 * [panel][row / 2][32][2]. A column's weights are its float32 weights times one factor, which makes the largest of them
 * +-8191; `scales` [panels * 32] gets what undoes that and the factor of the inputs. `order[j]` is column j's number
 * among the panels' columns. Columns that no `order` names stay as they are.
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
  // Two rows of a panel lie side by side: as float32 panels of half the rows and twice the columns would.
  const places = panelPlaces(
    order.map((at) => 2 * at),
    2 * PANEL,
    rows / 2,
  )
  let firstRow = 0
  for (const tensor of stack) {
    for (let r = 0; r < tensor.rows; r++) {
      copyRow(tensor, r, row)
      const base = ((firstRow + r) >> 1) * 2 * PANEL + (r & 1)
      for (let j = 0; j < row.length; j++) target[base + places[j]!] = Math.round(row[j]! * factors[j]!)
    }
    firstRow += tensor.rows
  }
}

/** The largest magnitude in each column of the whole stack. */
function largestOf(stack: readonly Tensor[], row: Float32Array): Float32Array {
  const largest = new Float32Array(row.length)
  for (const tensor of stack) {
    for (let r = 0; r < tensor.rows; r++) {
      copyRow(tensor, r, row)
      for (let j = 0; j < row.length; j++) largest[j] = Math.max(largest[j]!, Math.abs(row[j]!))
    }
  }
  return largest
}
