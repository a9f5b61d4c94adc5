import { copyRow, type Tensor } from '../model/safetensors.js'

/**
 * A matrix is packed so that it is read once, in order: in *panels* of `width` columns, stored [panel][row][width], so that
 * each input is multiplied with `width` weights that are side by side.
 *
 * This function returns for each column j the place of its row 0 in panels of `rows` rows; row r is `r * width` further on.
 * `order[j]` is the number of column j among the columns of all panels.
 */
export function panelPlaces(order: Int32Array, width: number, rows: number): Int32Array {
  return order.map((at) => Math.floor(at / width) * rows * width + (at % width))
}

/** The order in which column j stays column j. */
export function identityOrder(columns: number): Int32Array {
  return Int32Array.from({ length: columns }, (_, column) => column)
}

/** Writes row r, column j of `tensor` as float32 to `target[r * rowStride + places[j]]`. */
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
