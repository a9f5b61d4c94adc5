import type { Encoding } from './bindings.js'

/** A knob that is learnt has moved to so many places: fewer would bind a fader that trembles. */
export const LEARN_PLACES = 3

/** An encoder turned both ways shows which it is; one way alone may be any knob. */
export function encodingOf(values: ReadonlySet<number>): Encoding | undefined {
  const has = (...some: number[]) => some.every((value) => values.has(value))
  const only = (...some: number[]) => [...values].every((value) => some.includes(value))
  if (has(1, 127) && only(1, 2, 3, 125, 126, 127)) return 'twos-complement'
  if (has(63, 65) && only(61, 62, 63, 65, 66, 67)) return 'offset-64'
  if (has(1, 65) && only(1, 2, 3, 65, 66, 67)) return 'sign-magnitude'
  return undefined
}

/** A button sends its two ends and nothing else. */
export function isButtonLike(values: ReadonlySet<number>): boolean {
  return values.size === 2 && values.has(127) && values.has(0)
}
