import { describe, expect, test } from 'vitest'
import { canDraw, terminalTraits } from '../../../src/tui/terminal/terminal-traits.js'
import { createTheme } from '../../../src/tui/terminal/theme.js'

describe('what the terminal can show', () => {
  test.each([
    [{ LANG: 'de_DE.UTF-8', TERM: 'xterm-256color', COLORTERM: 'truecolor' }, true, 24],
    [{ LANG: 'en_US.utf8', TERM: 'tmux-256color' }, true, 8],
    [{ LC_ALL: 'C', LANG: 'en_US.UTF-8', TERM: 'xterm' }, false, 4],
    [{ TERM: 'linux', NO_COLOR: '1' }, false, 0],
    [{ TERM: 'xterm-256color', NO_COLOR: '' }, false, 8],
  ] as const)('%o', (env, unicode, colour) => {
    expect(terminalTraits(env, 'linux')).toEqual({ unicode, colour })
  })

  test('a pipe and a terminal that knows no cursor are not drawn on', () => {
    expect(canDraw({ TERM: 'xterm' }, { isTTY: true })).toBe(true)
    expect(canDraw({ TERM: 'dumb' }, { isTTY: true })).toBe(false)
    expect(canDraw({ TERM: 'xterm' }, {})).toBe(false)
  })
})

describe('the theme', () => {
  test('uses only colours that the terminal has', () => {
    const paint = (colour: 0 | 4 | 8 | 24) => createTheme({ unicode: true, colour }).paint('accent', 'x')
    expect(paint(24)).toMatch(/38;2;/)
    expect(paint(8)).toMatch(/38;5;\d+m/)
    expect(paint(4)).toBe('\x1b[33mx\x1b[0m')
    expect(paint(0)).toBe('\x1b[1mx\x1b[0m')
  })
})
