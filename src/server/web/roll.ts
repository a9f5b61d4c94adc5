import type { PlannedNote } from '../../engine/surface/snapshot.js'
import type { Ms, Pitch } from '../../engine/units.js'
import { blackHeight, HIGHEST, isBlack, LOWEST, type RollGeometry, rollGeometry } from './roll-geometry.js'
import type { ShownNote } from './shown-notes.js'

/** The notes and times that a frame of the roll shows. Times are the server's. */
export interface RollView {
  readonly now: Ms
  /** The notes that sound and those planned. */
  readonly ahead: readonly PlannedNote[]
  readonly notes: readonly ShownNote[]
}

export interface Roll {
  geometry(): RollGeometry
  draw(view: (past: Ms) => RollView): void
}

/** Hues of the pianist's and the player's notes; lightness and saturation show the velocity. */
const HUES = { rubato: 38, player: 190 } as const
const C: Pitch = 0
const MIDDLE_C: Pitch = 60

const colour = (by: keyof typeof HUES, velocity: number, alpha = 1) => {
  const loud = Math.min(1, velocity / 110)
  return `hsl(${HUES[by]} ${45 + 45 * loud}% ${30 + 42 * loud}% / ${alpha})`
}

/** A roll on `canvas`, as large as its element. */
export function createRoll(canvas: HTMLCanvasElement): Roll {
  const context = canvas.getContext('2d')
  let geometry = rollGeometry(1, 1)

  function resize(): void {
    const ratio = window.devicePixelRatio || 1
    const { clientWidth: width, clientHeight: height } = canvas
    if (geometry.width === width && geometry.height === height && canvas.width === Math.round(width * ratio))
      return
    geometry = rollGeometry(width, height)
    canvas.width = Math.round(width * ratio)
    canvas.height = Math.round(height * ratio)
    context?.setTransform(ratio, 0, 0, ratio, 0, 0)
  }

  function bar(pen: CanvasRenderingContext2D, pitch: Pitch, top: number, bottom: number): void {
    const { x, width } = geometry.key(pitch)
    const inset = Math.min(1.5, width * 0.12)
    pen.beginPath()
    pen.roundRect(x + inset, top, width - 2 * inset, Math.max(2, bottom - top), Math.min(4, width / 3))
    pen.fill()
  }

  function drawLines(pen: CanvasRenderingContext2D): void {
    pen.strokeStyle = 'hsl(40 20% 100% / 0.06)'
    pen.lineWidth = 1
    pen.beginPath()
    for (let pitch = LOWEST; pitch <= HIGHEST; pitch++) {
      if (pitch % 12 !== C) continue
      const x = Math.round(geometry.key(pitch).x) + 0.5
      pen.moveTo(x, 0)
      pen.lineTo(x, geometry.height)
    }
    pen.stroke()
  }

  function drawAhead(pen: CanvasRenderingContext2D, { now, ahead }: RollView): void {
    for (const { pitch, velocity, start, end } of ahead) {
      const bottom = geometry.y(Math.max(0, start - now))
      const top = end === null ? 0 : geometry.y(Math.max(0, end - now))
      if (bottom <= 0 || top >= geometry.keysTop) continue
      pen.fillStyle = colour('rubato', velocity, 0.55)
      bar(pen, pitch, Math.max(0, top), Math.min(bottom, geometry.keysTop))
    }
  }

  function drawPast(pen: CanvasRenderingContext2D, { now, notes }: RollView): void {
    for (const { by, pitch, velocity, start, end } of notes) {
      if (start > now) continue
      const top = geometry.y(Math.min(-0, (end ?? now) - now))
      const bottom = geometry.y(Math.min(-0, start - now))
      if (top > geometry.height) continue
      const depth = (top - geometry.keysBottom) / (geometry.height - geometry.keysBottom)
      pen.fillStyle = colour(by, velocity, 0.95 - 0.75 * Math.max(0, depth))
      bar(pen, pitch, Math.max(geometry.keysBottom, top), Math.max(geometry.keysBottom + 2, bottom))
    }
  }

  function drawKeys(pen: CanvasRenderingContext2D, { now, notes }: RollView): void {
    const down = new Map<Pitch, ShownNote>()
    for (const note of notes)
      if (note.start <= now && (note.end === null || note.end > now)) down.set(note.pitch, note)
    const { keysTop, keysBottom } = geometry
    for (const black of [false, true]) {
      for (let pitch = LOWEST; pitch <= HIGHEST; pitch++) {
        if (isBlack(pitch) !== black) continue
        const { x, width } = geometry.key(pitch)
        const note = down.get(pitch)
        const plain = black ? 'hsl(35 12% 10%)' : 'hsl(40 22% 90%)'
        pen.fillStyle = note ? colour(note.by, Math.max(60, note.velocity)) : plain
        pen.fillRect(x + 0.5, keysTop, width - 1, black ? blackHeight : keysBottom - keysTop)
      }
    }
    pen.fillStyle = 'hsl(35 20% 35%)'
    pen.font = '10px system-ui, sans-serif'
    pen.textAlign = 'center'
    for (let pitch = LOWEST; pitch <= HIGHEST; pitch++) {
      if (pitch % 12 !== C) continue
      const { x, width } = geometry.key(pitch)
      const name = width < 14 ? `${(pitch - MIDDLE_C) / 12 + 3}` : `C${(pitch - MIDDLE_C) / 12 + 3}`
      if (width >= 6) pen.fillText(name, x + width / 2, keysBottom - 5)
    }
  }

  return {
    geometry: () => geometry,
    draw: (look) => {
      if (!context) return
      resize()
      const view = look(geometry.past)
      context.clearRect(0, 0, geometry.width, geometry.height)
      drawLines(context)
      drawAhead(context, view)
      drawPast(context, view)
      drawKeys(context, view)
    },
  }
}
