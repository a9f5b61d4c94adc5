/** A part of the screen, in cells from the top left. */
export interface Area {
  readonly column: number
  readonly row: number
  readonly columns: number
  readonly rows: number
}
