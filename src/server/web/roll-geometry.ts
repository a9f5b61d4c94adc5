import type { Ms, Pitch } from '../../engine/units.js'

/** A piano's keys. */
export const LOWEST: Pitch = 21
export const HIGHEST: Pitch = 108

export const isBlack = (pitch: Pitch): boolean => [1, 3, 6, 8, 10].includes(pitch % 12)

/** Where things lie on a roll of some size, in CSS pixels from its upper left corner. */
export interface RollGeometry {
  readonly width: number
  readonly height: number
  /** The keyboard's upper and lower edge: what comes falls onto it, what was falls from under it. */
  readonly keysTop: number
  readonly keysBottom: number
  /** Left edge and width of a key. */
  key(pitch: Pitch): { readonly x: number; readonly width: number }
  /** The key at a place on the keyboard, black ones first where they lie; undefined beside it. */
  pitchAt(x: number, y: number): Pitch | undefined
  /** Where a moment lies, `ahead` of now (negative: past). */
  y(ahead: Ms): number
  /** How much of the past is shown. */
  readonly past: Ms
}

/** What comes: a little more than is planned. */
const AHEAD_MS: Ms = 1100
/** The share of the height above the keyboard: less and one can't see what comes, more and the past is soon gone. */
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

/** How much of a key's height a black one has. */
export const blackHeight = KEYS_HEIGHT * BLACK_HEIGHT
