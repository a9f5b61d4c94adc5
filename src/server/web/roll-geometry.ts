import type { Ms, Pitch } from '../../engine/units.js'

/** The lowest and highest key of a piano. */
export const LOWEST: Pitch = 21
export const HIGHEST: Pitch = 108

export const isBlack = (pitch: Pitch): boolean => [1, 3, 6, 8, 10].includes(pitch % 12)

/** The places of keys and times on a roll of one size, in CSS pixels from its upper left corner. */
export interface RollGeometry {
  readonly width: number
  readonly height: number
  /** The keyboard's upper and lower edge. Planned notes fall onto it, played notes fall away under it. */
  readonly keysTop: number
  readonly keysBottom: number
  /** Left edge and width of a key. */
  key(pitch: Pitch): { readonly x: number; readonly width: number }
  /** The key at a point of the keyboard, where black keys cover white ones; undefined beside the keyboard. */
  pitchAt(x: number, y: number): Pitch | undefined
  /** The height of a moment that is `ahead` of now; negative for the past. */
  y(ahead: Ms): number
  /** How much of the past the roll shows, in ms. */
  readonly past: Ms
}

/** How much of what is planned the roll shows: a little more than the plan reaches. */
const AHEAD_MS: Ms = 1100
/**
 * The share of the height above the keyboard: with less, planned notes are hard to see, with more, the past is gone
 * soon.
 */
const AHEAD_SHARE = 0.3
const KEYS_HEIGHT = 52
const BLACK_HEIGHT = 0.62
const BLACK_WIDTH = 0.62

const WHITES = Array.from({ length: HIGHEST - LOWEST + 1 }, (_, i) => LOWEST + i).filter(
  (pitch) => !isBlack(pitch),
)

export function rollGeometry(width: number, height: number): RollGeometry {
  const keysTop = Math.round((height - KEYS_HEIGHT) * AHEAD_SHARE)
  const keysBottom = keysTop + KEYS_HEIGHT
  const white = width / WHITES.length
  const perMs = keysTop / AHEAD_MS

  function key(pitch: Pitch): { x: number; width: number } {
    const before = WHITES.findIndex((other) => other >= pitch)
    const index = before < 0 ? WHITES.length : before
    if (!isBlack(pitch)) return { x: index * white, width: white }
    return { x: (index - BLACK_WIDTH / 2) * white, width: BLACK_WIDTH * white }
  }

  function pitchAt(x: number, y: number): Pitch | undefined {
    if (y < keysTop || y >= keysBottom || x < 0 || x >= width) return undefined
    const index = Math.floor(x / white)
    const onWhite = WHITES[index]
    if (y > keysTop + BLACK_HEIGHT * KEYS_HEIGHT || onWhite === undefined) return onWhite
    const near = [onWhite - 1, onWhite + 1].filter(
      (pitch) => isBlack(pitch) && pitch > LOWEST && pitch < HIGHEST,
    )
    return near.find((pitch) => x >= key(pitch).x && x < key(pitch).x + key(pitch).width) ?? onWhite
  }

  return {
    width,
    height,
    keysTop,
    keysBottom,
    key,
    pitchAt,
    y: (ahead) => (ahead >= 0 ? keysTop : keysBottom) - ahead * perMs,
    past: (height - keysBottom) / perMs,
  }
}

/** The height of a black key in CSS pixels. */
export const blackHeight = KEYS_HEIGHT * BLACK_HEIGHT
