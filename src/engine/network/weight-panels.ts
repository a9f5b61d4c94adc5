import { copyRow, type Tensor } from '../model/safetensors.js'

/**
 * A matrix packed for reading once, in order: *panels* of `width` columns, stored [panel][row][width], so that one
 * input is multiplied with `width` weights that lie side by side.
 */

/**
 * Where column j of row 0 lies in panels of `rows` rows; row r lies `r * width` further on. `order[j]` is the column's
 * number among the panels' columns.
 */
export function panelPlaces(order: Int32Array, width: number, rows: number): Int32Array {
  return order.map((at) => Math.floor(at / width) * rows * width + (at % width))
}

/** The order that leaves `columns` columns as they are. */
export function inOrder(columns: number): Int32Array {
  return Int32Array.from({ length: columns }, (_, column) => column)
}

/** Writes row r, column j of `tensor` to `target[r * rowStride + places[j]]`, as float32. */
export function scatterRows(
  tensor: Tensor,
  target: Float32Array,
  places: Int32Array,
  rowStride: number,
): void {
  const row = new Float32Array(tensor.columns)
  for (let r = 0; r < tensor.rows; r++) {
    copyRow(tensor, r, row)
    const base = r * rowStride
    for (let j = 0; j < row.length; j++) target[base + places[j]!] = row[j]!
  }
}
