import { describe, expect, test } from 'vitest'
import { cut, legible, padded, textWidth, wrap } from '../../../src/tui/terminal/text-cells.js'

describe('text in cells', () => {
  test('wide characters take two cells, combining marks none', () => {
    expect(textWidth('piano')).toBe(5)
    expect(textWidth('钢琴')).toBe(4)
    expect(textWidth('e\u0301')).toBe(1)
    expect(textWidth('🎹')).toBe(2)
  })

  test('cut and padded text never exceeds its width, and padded text fills it', () => {
    for (let width = 0; width < 12; width++) {
      for (const text of ['', 'Rubato', '钢琴 piano', 'a🎹b🎹c']) {
        expect(textWidth(cut(text, width))).toBeLessThanOrEqual(width)
        expect(textWidth(padded(text, width))).toBe(width)
      }
    }
  })

  test('lines are broken at spaces, and a word that is too long is broken anywhere', () => {
    expect(wrap('one two three', 7, 9)).toEqual(['one two', 'three'])
    expect(wrap('abcdefgh', 3, 2)).toEqual(['abc', 'def'])
    expect(wrap('钢', 1, 3)).toEqual([])
  })

  test('text from outside is shown without control characters', () => {
    expect(legible('a\x1b[2Jb\n', true)).toBe('a [2Jb ')
    expect(legible('Flügel', false)).toBe('Fl?gel')
  })
})
