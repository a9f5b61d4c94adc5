/** The intervals, in semitones up or down, at which a note may be added to a key. */
export const INTERVALS = {
  /** All intervals but unisons and seconds, up to a twelfth. */
  free: [3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19],
  consonant: [3, 4, 5, 7, 8, 9, 12, 15, 16, 19],
  thirds: [3, 4, 8, 9, 15, 16],
  open: [5, 7, 12, 17, 19],
} as const satisfies Record<string, readonly number[]>

export type IntervalName = keyof typeof INTERVALS
export const INTERVAL_NAMES = Object.keys(INTERVALS) as [IntervalName, ...IntervalName[]]
