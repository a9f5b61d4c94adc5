import type { PlannedNote } from '../../engine/surface/snapshot.js'
import type { Ms, Velocity } from '../../engine/units.js'
import { isBlack, type Octave, octaveOf } from '../terminal/note-names.js'
import { LEVELS, type Theme, VOICES, type Voice } from '../terminal/theme.js'
import { type KeyLayout, keyLayout } from './key-layout.js'
import type { PlayedNote } from './played-notes.js'

/** The notes and times that a frame of the roll shows. */
export interface RollFrame {
  readonly now: Ms
  readonly notes: readonly PlayedNote[]
  readonly ahead: readonly PlannedNote[]
  /** How far ahead of now the music is planned. */
  readonly planned: Ms
  readonly keys: KeyLayout
}

/** The time scale of a roll. A row is half a line, as a cell shows two rows by a half block. */
export interface RollTimes {
  /** Lines above the keyboard, which itself takes one line. */
  readonly aheadLines: number
  readonly rowMs: Ms
  /** The time that the lines above and below the keyboard span. */
  readonly aheadMs: Ms
  readonly pastMs: Ms
}

/**
 * The share of lines above the keyboard, and their greatest number. Few are enough: the plan is far shorter than the
 * past.
 */
const AHEAD_SHARE = 0.22
const MOST_AHEAD_LINES = 10
/** The time that the lines above the keyboard should span: about as far as the plan reaches. */
const AHEAD_MS: Ms = 1000
/** Bounds for the time of a row: with a shorter one notes rush by, with a longer one runs look like chords. */
const SHORTEST_ROW_MS: Ms = 50
const LONGEST_ROW_MS: Ms = 125
/** The number of levels by which a note is dimmer after its onset, so that repeated notes can be told apart. */
const TAIL_LEVELS = 2

export function rollTimes(lines: number): RollTimes {
  const around = Math.max(0, lines - 1)
  const aheadLines = Math.min(
    MOST_AHEAD_LINES,
    Math.max(around > 1 ? 1 : 0, Math.round(around * AHEAD_SHARE)),
  )
  const even = AHEAD_MS / (2 * Math.max(1, aheadLines))
  const rowMs = Math.min(LONGEST_ROW_MS, Math.max(SHORTEST_ROW_MS, Math.round(even)))
  return {
    aheadLines,
    rowMs,
    aheadMs: aheadLines * 2 * rowMs,
    pastMs: (around - aheadLines) * 2 * rowMs,
  }
}

/** The keys that a roll shows so that its notes can be seen; `before` is the lowest key that it showed until now. */
export function rollKeys(
  columns: number,
  notes: readonly PlayedNote[],
  ahead: readonly PlannedNote[],
  before: number | null,
): KeyLayout {
  let low = Number.POSITIVE_INFINITY
  let high = Number.NEGATIVE_INFINITY
  for (const list of [notes, ahead]) {
    for (const { pitch } of list) {
      low = Math.min(low, pitch)
      high = Math.max(high, pitch)
    }
  }
  return keyLayout(columns, low <= high ? { low, high } : null, before)
}

/** The code of an empty cell; the codes of each voice's levels follow, softest first. */
const EMPTY = 0
function cellCode(voice: Voice, level: number): number {
  return 1 + VOICES.indexOf(voice) * LEVELS + level
}

function levelOf(velocity: Velocity): number {
  return Math.max(0, Math.min(LEVELS - 1, Math.floor((velocity * LEVELS) / 128)))
}

/**
 * Draws a piano roll of one size and look: played notes fall away below the keyboard, planned notes stand above it.
 * The grid of cells is allocated once.
 */
export interface PianoRoll {
  readonly times: RollTimes
  /** Every line is exactly `columns` cells wide, escape sequences not counted. */
  lines(frame: RollFrame): string[]
}

export function createPianoRoll(columns: number, lines: number, theme: Theme, octave: Octave): PianoRoll {
  const times = rollTimes(lines)
  const { aheadLines, rowMs } = times
  const rows = 2 * Math.max(0, lines - 1)
  const aheadRows = 2 * aheadLines
  const grid = new Uint8Array(rows * columns)
  const signs = createCellSigns(theme)

  /**
   * Fills the rows of a note from its start to `end`, within slots `first` to `last`. Slot s is the time [s, s + 1) *
   * rowMs.
   */
  function fill(
    keys: KeyLayout,
    now: number,
    note: { pitch: number; start: Ms; velocity: Velocity },
    end: Ms,
    voice: Voice,
    first: number,
    last: number,
  ): void {
    const from = keys.starts[note.pitch - keys.low]
    const to = keys.starts[note.pitch - keys.low + 1]
    if (from === undefined || to === undefined) return
    const onset = Math.floor(note.start / rowMs)
    const offset = Math.max(onset, Math.ceil(end / rowMs - 0.5) - 1)
    const level = levelOf(note.velocity)
    for (let slot = Math.max(first, onset); slot <= Math.min(last, offset); slot++) {
      const row = now + aheadRows - slot
      const code = cellCode(voice, slot === onset ? level : Math.max(0, level - TAIL_LEVELS))
      grid.fill(code, row * columns + from, row * columns + Math.min(to, columns))
    }
  }

  function draw({ now, notes, ahead, planned, keys }: RollFrame): void {
    grid.fill(EMPTY)
    const slot = Math.floor(now / rowMs)
    const oldest = slot + aheadRows - rows + 1
    for (const by of ['pianist', 'player'] as const) {
      for (const note of notes) if (note.by === by) fill(keys, slot, note, note.end ?? now, by, oldest, slot)
    }
    for (const note of ahead) {
      fill(keys, slot, note, note.end ?? now + planned, 'planned', slot + 1, slot + aheadRows)
    }
  }

  function gridLine(line: number, keys: KeyLayout): string {
    const guides = new Set<number>()
    for (let pitch = Math.ceil(keys.low / 12) * 12; pitch <= keys.high; pitch += 12) {
      guides.add(keys.starts[pitch - keys.low]!)
    }
    const top = 2 * line * columns
    const writer = createStyledLine()
    for (let x = 0; x < columns; x++) {
      const sign = signs(grid[top + x]!, grid[top + columns + x]!)
      writer.add(...(sign ?? (guides.has(x) ? signs.guide : signs.empty)))
    }
    return writer.end()
  }

  return {
    times,
    lines: (frame) => {
      if (lines < 1) return []
      draw(frame)
      const drawn = Array.from({ length: rows / 2 }, (_, line) => gridLine(line, frame.keys))
      drawn.splice(aheadLines, 0, stripLine(frame, columns, theme, octave))
      return drawn
    },
  }
}

/** The sign of a cell and the SGR parameters that it is drawn with. */
type Cell = readonly [sign: string, codes: string]

/** Joins cells into a line with escape sequences only where the colours change. */
function createStyledLine() {
  let text = ''
  let current = ''
  return {
    add: (sign: string, codes: string) => {
      if (codes !== current)
        text += codes === '' ? '\x1b[0m' : current === '' ? `\x1b[${codes}m` : `\x1b[0;${codes}m`
      current = codes
      text += sign
    },
    end: () => (current === '' ? text : `${text}\x1b[0m`),
  }
}

/** Gives the look of a cell by the codes of its upper and lower half; undefined where both are empty. */
function createCellSigns(theme: Theme) {
  const kinds = 1 + VOICES.length * LEVELS
  const cells: (Cell | undefined)[] = []
  for (let top = 0; top < kinds; top++) {
    for (let bottom = 0; bottom < kinds; bottom++) {
      if (top !== EMPTY || bottom !== EMPTY) cells[top * kinds + bottom] = cellOf(theme, top, bottom)
    }
  }
  const look = (top: number, bottom: number) => cells[top * kinds + bottom]
  return Object.assign(look, {
    empty: [' ', ''] as Cell,
    guide: [theme.sign('guide'), theme.codes('faint')] as Cell,
  })
}

function cellOf(theme: Theme, top: number, bottom: number): Cell {
  const split = (code: number) => ({
    voice: VOICES[Math.floor((code - 1) / LEVELS)]!,
    level: (code - 1) % LEVELS,
  })
  // A cell that can show one half only shows the lower one, which is earlier and so may hold the onset.
  const one = split(bottom === EMPTY ? top : bottom)
  if (!theme.unicode) return [plainSign(one.voice, one.level), theme.front(one.voice, one.level)]
  if (theme.colour === 0) {
    const shade = { pianist: undefined, player: '▒', planned: '░' }[one.voice]
    const block = bottom === EMPTY ? '▀' : top === EMPTY ? '▄' : '█'
    return [shade ?? block, one.voice === 'pianist' && one.level >= LEVELS - 3 ? '1' : '']
  }
  if (bottom === EMPTY) return ['▀', theme.front(one.voice, one.level)]
  if (top === EMPTY) return ['▄', theme.front(one.voice, one.level)]
  if (top === bottom) return ['█', theme.front(one.voice, one.level)]
  const upper = split(top)
  return ['▀', `${theme.front(upper.voice, upper.level)};${theme.back(one.voice, one.level)}`]
}

function plainSign(voice: Voice, level: number): string {
  if (voice === 'planned') return ':'
  if (voice === 'player') return 'o'
  return level < 3 ? '-' : level < 6 ? '=' : '#'
}

/** The line of the keyboard, with the names of the Cs and the sounding keys lit. */
function stripLine({ now, notes, keys }: RollFrame, columns: number, theme: Theme, octave: Octave): string {
  const sounding = new Map<number, PlayedNote>()
  for (const note of notes) {
    if (note.start <= now && (note.end === null || note.end > now)) sounding.set(note.pitch, note)
  }
  const names = nameCells(keys, octave)
  const writer = createStyledLine()
  const [first = 0] = keys.starts
  writer.add(' '.repeat(first), '')
  for (let pitch = keys.low; pitch <= keys.high; pitch++) {
    const from = keys.starts[pitch - keys.low]!
    const to = Math.min(columns, keys.starts[pitch - keys.low + 1]!)
    const note = sounding.get(pitch)
    for (let x = from; x < to; x++) writer.add(...keyCell(theme, isBlack(pitch), names.get(x), note))
  }
  const last = keys.starts[keys.starts.length - 1]!
  writer.add(' '.repeat(Math.max(0, columns - last)), '')
  return writer.end()
}

/** The cells that show a letter or digit of a name: each C's own cell, and the next one on a white key. */
function nameCells(keys: KeyLayout, octave: Octave): Map<number, string> {
  const cells = new Map<number, string>()
  for (let pitch = Math.ceil(keys.low / 12) * 12; pitch <= keys.high; pitch += 12) {
    const start = keys.starts[pitch - keys.low]!
    const after = keys.starts[pitch - keys.low + 1]!
    // A key of two cells holds its whole name; the digit of a narrower one goes on the D beside it.
    const digit = after - start > 1 ? start + 1 : keys.starts[pitch - keys.low + 2]
    const number = octaveOf(pitch, octave)
    cells.set(start, 'C')
    if (digit !== undefined) cells.set(digit, number < 0 ? '-' : String(number % 10))
  }
  return cells
}

function keyCell(theme: Theme, black: boolean, name: string | undefined, note: PlayedNote | undefined): Cell {
  const plain = name ?? (theme.colour === 0 ? plainKey(theme, black, note) : ' ')
  if (theme.colour === 0) return [plain, theme.unicode && !black ? '7' : '']
  if (note) return [plain, `1;30;${theme.back(note.by, Math.max(LEVELS / 2, levelOf(note.velocity)))}`]
  return [plain, theme.codes(black ? 'black' : 'white')]
}

function plainKey(theme: Theme, black: boolean, note: PlayedNote | undefined): string {
  if (note) return note.by === 'player' ? 'o' : '*'
  return theme.unicode ? ' ' : black ? '|' : '_'
}
