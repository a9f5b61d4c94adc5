import { describe, expect, test } from 'vitest'
import { createInputParser, type TerminalInput } from '../../../src/tui/terminal/input-parser.js'

const key = (name: string): TerminalInput => ({ kind: 'key', key: name })
const parse = (...pieces: string[]) => {
  const parser = createInputParser()
  return pieces.flatMap((piece) => parser.push(piece))
}

const SEQUENCES: readonly (readonly [bytes: string, input: TerminalInput])[] = [
  ['\x1b[A', key('up')],
  ['\x1bOB', key('down')],
  ['\x1b[1;2C', key('shift-right')],
  ['\x1b[1;2D', key('shift-left')],
  ['\x1b[1;5C', key('right')],
  ['\x1b[5~', key('page-up')],
  ['\x1b[3~', key('delete')],
  ['\x1b[Z', key('shift-tab')],
  ['\x1b[<0;10;3M', { kind: 'mouse', action: 'press', column: 9, row: 2 }],
  ['\x1b[<64;1;1M', { kind: 'mouse', action: 'wheel-up', column: 0, row: 0 }],
  ['\x1b[<69;200;60M', { kind: 'mouse', action: 'wheel-down', column: 199, row: 59 }],
  ['\x1b[200~0.9 x\x1b[201~', { kind: 'paste', text: '0.9 x' }],
]

describe('the input parser', () => {
  test('keys that arrive as one string are separate keys', () => {
    expect(parse('q!\r\x7f\t 1é\x03')).toEqual(
      ['q', '!', 'enter', 'backspace', 'tab', ' ', '1', 'é', 'ctrl-c'].map(key),
    )
  })

  test.each(SEQUENCES)(
    '%j is one input when it arrives whole, split anywhere, or among others',
    (bytes, input) => {
      expect(parse(bytes)).toEqual([input])
      for (let i = 1; i < bytes.length; i++) expect(parse(bytes.slice(0, i), bytes.slice(i))).toEqual([input])
      expect(parse(...bytes)).toEqual([input])
      expect(parse(`a${bytes}b`)).toEqual([key('a'), input, key('b')])
    },
  )

  test('an escape alone is the Esc key once nothing more has come', () => {
    const parser = createInputParser()
    expect(parser.push('\x1b')).toEqual([])
    expect(parser.isOpen).toBe(true)
    expect(parser.flush()).toEqual([key('escape')])
    expect(parser.isOpen).toBe(false)
    expect(parser.push('\x1b\x1b[A')).toEqual([key('escape'), key('up')])
  })

  test('a sequence that is broken off is dropped, and the next key is understood', () => {
    const parser = createInputParser()
    parser.push('\x1b[1;')
    expect(parser.flush()).toEqual([])
    expect(parser.push('x')).toEqual([key('x')])
  })

  test('unknown sequences, releases, drags, and Alt with a letter are skipped', () => {
    expect(parse('\x1b[99~\x1b[<0;1;1m\x1b[<32;1;1M\x1b[<0;0;0M\x1bx\x1b[?62c\x00z')).toEqual([key('z')])
  })

  test('noise throws nothing and is not held for ever', () => {
    let seed = 1
    const parser = createInputParser()
    for (let i = 0; i < 2000; i++) {
      seed = (seed * 48271) % 2147483647
      const noise = Array.from({ length: seed % 9 }, (_, n) => String.fromCharCode((seed >> (n * 2)) % 128))
      parser.push(`\x1b${seed % 3 === 0 ? '[' : ''}${noise.join('')}`)
    }
    // Whatever state the noise has left the parser in, a paste is ended by this, and a long sequence is given up.
    parser.push('\x1b[201~')
    parser.push('1'.repeat(2000))
    parser.flush()
    expect(parser.push('q')).toEqual([key('q')])
  })
})
