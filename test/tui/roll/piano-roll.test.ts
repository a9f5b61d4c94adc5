import { describe, expect, test } from 'vitest'
import { keyboardWidth, keyLayout } from '../../../src/tui/roll/key-layout.js'
import { createPianoRoll, rollKeys, rollTimes } from '../../../src/tui/roll/piano-roll.js'
import type { PlayedNote } from '../../../src/tui/roll/played-notes.js'
import type { TerminalTraits } from '../../../src/tui/terminal/terminal-traits.js'
import { createTheme } from '../../../src/tui/terminal/theme.js'
import { plain } from '../plain-terminal.js'

const ASCII: TerminalTraits = { unicode: false, colour: 0 }
const note = (
  pitch: number,
  start: number,
  end: number | null,
  more: Partial<PlayedNote> = {},
): PlayedNote => ({
  pitch,
  velocity: 127,
  start,
  end,
  by: 'pianist',
  ...more,
})

function roll(columns: number, lines: number, traits: TerminalTraits) {
  const theme = createTheme(traits)
  const keys = rollKeys(columns, [], [], null)
  const drawn = createPianoRoll(columns, lines, theme, 'C3')
  return {
    keys,
    times: drawn.times,
    draw: (
      now: number,
      notes: readonly PlayedNote[],
      ahead: Parameters<typeof drawn.lines>[0]['ahead'] = [],
    ) => drawn.lines({ now, notes, ahead, planned: 1000, keys }),
  }
}

/** The lines on which a pitch's column shows `sign`. */
function where(lines: readonly string[], column: number, sign: RegExp): number[] {
  return lines.flatMap((line, i) => (sign.test(plain(line)[column] ?? '') ? [i] : []))
}

describe('the keys of the roll', () => {
  test('all 88 keys are shown where there is room, and white keys are wider where there is more', () => {
    expect(keyLayout(88, null, null)).toMatchObject({ low: 21, high: 108 })
    const wide = keyLayout(140, null, null)
    expect([wide.low, wide.high, wide.starts[0], wide.starts[88]]).toEqual([21, 108, 0, 140])
    for (let columns = 1; columns < 300; columns++) {
      const { starts, low, high } = keyLayout(columns, null, null)
      expect(starts).toHaveLength(high - low + 2)
      expect(starts[starts.length - 1]).toBeLessThanOrEqual(columns)
      expect(keyboardWidth(columns)).toBeLessThanOrEqual(columns)
    }
  })

  test('a narrow window moves only as far as the notes need, and otherwise stays where it is', () => {
    const home = keyLayout(40, null, null)
    expect(home).toMatchObject({ low: 40, high: 79 })
    const moved = keyLayout(40, { low: 50, high: 85 }, home.low)
    expect(moved).toMatchObject({ low: 46, high: 85 })
    expect(keyLayout(40, { low: 60, high: 60 }, moved.low).low).toBe(46)
    expect(keyLayout(40, { low: 0, high: 127 }, 46)).toMatchObject({ low: 44 })
    expect(keyLayout(88, { low: 50, high: 127 }, null).high).toBe(127)
  })
})

describe('the roll', () => {
  test.each([ASCII, { unicode: true, colour: 0 }, { unicode: true, colour: 24 }] as const)(
    'in %o every line fills its width, and there are as many lines as asked for',
    (traits) => {
      for (const [columns, lines] of [
        [1, 1],
        [20, 2],
        [40, 8],
        [80, 12],
        [140, 59],
        [200, 30],
      ] as const) {
        const frame = roll(columns, lines, traits).draw(
          5000,
          [note(60, 4000, null), note(61, 4500, 4800, { by: 'player' })],
          [{ pitch: 62, velocity: 90, start: 5100, end: null }],
        )
        expect(frame).toHaveLength(lines)
        for (const line of frame) expect([...plain(line)]).toHaveLength(columns)
      }
    },
  )

  test('planned notes stand above the keyboard, played notes fall away below it', () => {
    const { keys, times, draw } = roll(88, 21, ASCII)
    const { rowMs, aheadLines } = times
    const column = keys.starts[60 - keys.low] ?? 0
    const other = keys.starts[64 - keys.low] ?? 0
    const now = 100 * rowMs
    const frame = draw(
      now,
      [note(60, now - 7 * rowMs, now - 3 * rowMs)],
      [{ pitch: 64, velocity: 100, start: now + 2 * rowMs, end: now + 4 * rowMs }],
    )
    const past = where(frame, column, /[-=#]/)
    const ahead = where(frame, other, /:/)
    expect(past.length).toBe(2)
    expect(Math.min(...past)).toBeGreaterThan(aheadLines)
    expect(ahead.length).toBeGreaterThan(0)
    expect(Math.max(...ahead)).toBeLessThan(aheadLines)
    // Two rows of time later the note is drawn a line lower.
    const later = draw(now + 2 * rowMs, [note(60, now - 7 * rowMs, now - 3 * rowMs)])
    expect(where(later, column, /[-=#]/)).toEqual(past.map((line) => line + 1))
  })

  test('the keyboard names every C and shows which keys sound, and whose they are', () => {
    const { keys, times, draw } = roll(88, 21, ASCII)
    const sounding = [note(61, 900, null), note(63, 900, null, { by: 'player' }), note(66, 100, 200)]
    const strip = draw(1000, sounding)[times.aheadLines] ?? ''
    expect(strip).toContain('C*3o')
    const sign = (pitch: number) => strip[keys.starts[pitch - keys.low] ?? 0]
    expect([sign(61), sign(63), sign(66), sign(65)]).toEqual(['*', 'o', '|', '_'])
    expect(
      createPianoRoll(88, 21, createTheme(ASCII), 'C4').lines({
        now: 0,
        notes: [],
        ahead: [],
        planned: 0,
        keys,
      })[times.aheadLines],
    ).toContain('C|4')
  })

  test('velocity is brightness, the onset is brighter than the rest of a note, and the player has another colour', () => {
    const { draw } = roll(88, 21, { unicode: true, colour: 24 })
    const codes = (velocity: number, by: PlayedNote['by'] = 'pianist') =>
      draw(5000, [note(60, 4000, 4400, { velocity, by })])
        .join('')
        .match(/38;2;[\d;]+/g) ?? []
    expect(new Set(codes(20))).not.toEqual(new Set(codes(120)))
    expect(new Set(codes(120))).not.toEqual(new Set(codes(120, 'player')))
    expect(new Set(codes(120)).size).toBeGreaterThan(new Set(codes(1)).size)
  })

  test('the lines stay the same within the time of a row', () => {
    const { times, draw } = roll(88, 21, { unicode: true, colour: 8 })
    const notes = [note(60, 10, 400)]
    const now = 50 * times.rowMs
    expect(draw(now + 1, notes)).toEqual(draw(now, notes))
  })

  test('the roll spans a second or less ahead, and more of the past', () => {
    for (let lines = 3; lines < 80; lines++) {
      const { aheadMs, pastMs, aheadLines } = rollTimes(lines)
      expect(aheadLines).toBeGreaterThan(0)
      expect(aheadMs).toBeLessThanOrEqual(1100)
      expect(pastMs).toBeGreaterThanOrEqual(aheadMs)
    }
  })
})
