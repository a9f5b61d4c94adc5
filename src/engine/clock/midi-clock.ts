/** Ticks of a MIDI clock in a quarter note (MIDI 1.0). */
export const TICKS_PER_QUARTER = 24

/** Floating-point slack: a position this little before a multiple counts as the multiple itself. */
const SLACK_QUARTERS = 1e-9

/** The first multiple of `quarters` after `position`, both in quarter notes. */
export function multipleAfter(quarters: number, position: number): number {
  return quarters * (Math.floor(position / quarters + SLACK_QUARTERS) + 1)
}
