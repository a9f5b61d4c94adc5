import type { PlannedNote } from '../../engine/surface/snapshot.js'
import type { Ms, Velocity } from '../../engine/units.js'
import { isBlack, type Octave, octaveOf } from '../terminal/note-names.js'
import { LEVELS, type Theme, VOICES, type Voice } from '../terminal/theme.js'
import { type KeyLayout, keyLayout } from './key-layout.js'
import type { PlayedNote } from './played-notes.js'

/** What a frame of the roll shows. */
export interface RollFrame {
  readonly now: Ms
  readonly notes: readonly PlayedNote[]
  readonly ahead: readonly PlannedNote[]
  /** How far beyond now the plan reaches. */
  readonly planned: Ms
  readonly keys: KeyLayout
}

/** How a roll of some size is laid out in time: half a line is a row. */
export interface RollTimes {
  /** Lines above the keyboard strip, which takes one. */
  readonly aheadLines: number
  readonly rowMs: Ms
  /** What the lines above and below the strip span. */
  readonly aheadMs: Ms
  readonly pastMs: Ms
}

/** Share of the lines that stand above the playhead, and how many at most: the plan is far shorter than the past. */
const AHEAD_SHARE = 0.22
const MOST_AHEAD_LINES = 10
/** What the lines ahead should span: the plan's reach, more or less. */
const AHEAD_MS: Ms = 1000
/** A row shorter than this rushes by; a longer one makes chords of runs. */
const SHORTEST_ROW_MS: Ms = 50
const LONGEST_ROW_MS: Ms = 125
/** Levels that a note is dimmer after its onset, so that repeated notes can be told apart. */
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

/** The keys for a roll that shows `notes` and what is ahead, having shown `before` as its lowest. */
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

/** 0 is empty; then every voice's levels, softest first. */
const EMPTY = 0
function cellCode(voice: Voice, level: number): number {
  return 1 + VOICES.indexOf(voice) * LEVELS + level
}

function levelOf(velocity: Velocity): number {
  return Math.max(0, Math.min(LEVELS - 1, Math.floor((velocity * LEVELS) / 128)))
}

/**
 * Draws waterfalls of one size and look: what was played falls away below the keyboard, what is planned stands above.
 * Its grid is allocated once.
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

  /** Fills the rows that `start` to `end` cover, from slot `first` to `last`; time slot s is [s, s + 1) * rowMs. */
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

/** A sign and the SGR parameters that it is drawn with. */
type Cell = readonly [sign: string, codes: string]

/** Joins cells, changing the colours only where they change. */
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

/** How a cell looks whose upper and lower halves are codes; undefined where both are empty. */
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
  // Where a cell can only show one of its halves, the lower, earlier one stands: there the onset is.
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

/** The keyboard at the playhead: names of the Cs, and the keys that sound lit up. */
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

/** Which cells carry a letter or a digit of a name: a C's own and the next on a white key. */
function nameCells(keys: KeyLayout, octave: Octave): Map<number, string> {
  const cells = new Map<number, string>()
  for (let pitch = Math.ceil(keys.low / 12) * 12; pitch <= keys.high; pitch += 12) {
    const start = keys.starts[pitch - keys.low]!
    const after = keys.starts[pitch - keys.low + 1]!
    // A key two cells wide holds its name; from a narrow one the digit goes on to the D.
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
