import type { Pitch } from '../../engine/units.js'
import type { RollGeometry } from './roll-geometry.js'

export interface PlayingKeysOptions {
  readonly canvas: HTMLCanvasElement
  readonly geometry: () => RollGeometry
  readonly strike: (pitch: Pitch, velocity: number) => void
  readonly lift: (pitch: Pitch) => void
  /** Callbacks of the space bar (`toggle`) and of Esc (`panic`). */
  readonly toggle: () => void
  readonly panic: () => void
}

/** The computer's keys that are piano keys, from middle C up: the home row is white, the row above it black. */
const KEYS = [
  'KeyA',
  'KeyW',
  'KeyS',
  'KeyE',
  'KeyD',
  'KeyF',
  'KeyT',
  'KeyG',
  'KeyY',
  'KeyH',
  'KeyU',
  'KeyJ',
  'KeyK',
]
const FIRST: Pitch = 60
const KEY_VELOCITY = 80
/** Velocities of a key that is touched at its upper and at its lower edge. */
const SOFTEST = 45
const LOUDEST = 110

/** Lets mouse, touch and the computer's keys play the keyboard of the roll. */
export function listenToKeys({ canvas, geometry, strike, lift, toggle, panic }: PlayingKeysOptions): void {
  /** The pitch that each pointer or computer key holds. */
  const held = new Map<string, Pitch>()

  function press(by: string, pitch: Pitch | undefined, velocity: number): void {
    if (held.get(by) === pitch) return
    release(by)
    if (pitch === undefined) return
    held.set(by, pitch)
    strike(pitch, velocity)
  }

  function release(by: string): void {
    const pitch = held.get(by)
    held.delete(by)
    if (pitch !== undefined && ![...held.values()].includes(pitch)) lift(pitch)
  }

  function point(event: PointerEvent): void {
    const { keysTop, keysBottom, pitchAt } = geometry()
    const depth = (event.offsetY - keysTop) / (keysBottom - keysTop)
    const pitch = pitchAt(event.offsetX, event.offsetY)
    press(`pointer ${event.pointerId}`, pitch, Math.round(SOFTEST + (LOUDEST - SOFTEST) * depth))
  }

  canvas.addEventListener('pointerdown', (event) => {
    canvas.setPointerCapture(event.pointerId)
    point(event)
  })
  canvas.addEventListener('pointermove', (event) => {
    if (canvas.hasPointerCapture(event.pointerId)) point(event)
  })
  for (const type of ['pointerup', 'pointercancel'] as const) {
    canvas.addEventListener(type, (event) => release(`pointer ${event.pointerId}`))
  }
  window.addEventListener('keydown', (event) => {
    if (event.repeat || event.ctrlKey || event.metaKey || event.altKey) return
    if (event.code === 'Escape') {
      panic()
      return
    }
    // While a button has the focus, the space bar presses that button.
    const isOnPage = event.target === document.body || event.target === canvas
    if (event.code === 'Space' && isOnPage) {
      event.preventDefault()
      toggle()
      return
    }
    const index = KEYS.indexOf(event.code)
    if (index < 0 || event.target instanceof HTMLSelectElement) return
    press(event.code, FIRST + index, KEY_VELOCITY)
  })
  window.addEventListener('keyup', (event) => release(event.code))
  window.addEventListener('blur', () => {
    for (const by of [...held.keys()]) release(by)
  })
}
