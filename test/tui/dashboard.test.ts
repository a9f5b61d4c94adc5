import { EventEmitter } from 'node:events'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { Request } from '../../src/engine/surface/commands.js'
import type { ControlSurface } from '../../src/engine/surface/surface.js'
import { openDashboard } from '../../src/tui/dashboard.js'
import { createPace, FULL_RATE } from '../../src/tui/terminal/pace.js'
import { createScreen } from '../../src/tui/terminal/screen.js'
import { createPlainTerminal } from './plain-terminal.js'
import { METERS, MIX, SNAPSHOT } from './views.js'

function setUp(columns: number, rows: number) {
  const terminal = createPlainTerminal(Math.max(columns, 250), Math.max(rows, 80))
  const asked: Request[] = []
  const left: string[] = []
  let sizes = { columns, rows }
  const written: string[] = []
  const stdout = Object.assign(new EventEmitter(), {
    get columns() {
      return sizes.columns
    },
    get rows() {
      return sizes.rows
    },
    write: (text: string) => {
      written.push(text)
      return terminal.write(text)
    },
  }) as unknown as NodeJS.WriteStream
  Object.defineProperty(stdout, 'columns', { get: () => sizes.columns })
  Object.defineProperty(stdout, 'rows', { get: () => sizes.rows })
  const raw: boolean[] = []
  const stdin = Object.assign(new EventEmitter(), {
    setRawMode: (on: boolean) => raw.push(on),
    resume: () => {},
    pause: () => {},
  })
  const surface: ControlSurface = {
    ask: (request) => {
      asked.push(request)
      return { ok: true, sentence: null }
    },
    snapshot: (part) => (part === 'drums' ? undefined : SNAPSHOT),
    mix: () => MIX,
    meters: () => METERS,
    receive: () => {},
    captured: () => null,
    presets: () => ({}),
    now: () => Date.now(),
    onSent: () => () => {},
    onHeard: () => () => {},
    onNotice: () => () => {},
  }
  const dashboard = openDashboard({
    surface,
    octave: 'C3',
    ascii: true,
    leave: (how) => left.push(how),
    suspend: () => left.push('suspend'),
    stdin: stdin as unknown as NodeJS.ReadStream,
    stdout,
  })
  return {
    dashboard,
    terminal,
    asked,
    left,
    raw,
    written,
    type: (text: string) => stdin.emit('data', Buffer.from(text)),
    resize: (next: typeof sizes) => {
      sizes = next
    },
  }
}

const ALTERNATE = '?1049'
const CURSOR = '?25'
const MOUSE = '?1000'

describe('the dashboard', () => {
  beforeEach(() => {
    vi.useFakeTimers()
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  test('takes over the terminal, and gives back everything once', () => {
    const { dashboard, terminal, raw, written } = setUp(80, 24)
    expect([ALTERNATE, CURSOR, MOUSE].map(terminal.mode)).toEqual([true, false, true])
    dashboard.restore()
    const before = written.length
    dashboard.restore()
    vi.advanceTimersByTime(1000)
    expect(written.length).toBe(before)
    expect([ALTERNATE, CURSOR, MOUSE].map(terminal.mode)).toEqual([false, true, false])
    expect(raw).toEqual([true, false])
    dashboard.acquire()
    expect(terminal.mode(ALTERNATE)).toBe(true)
    expect(terminal.lines().join('\n')).toContain('> playing')
    dashboard.restore()
  })

  test('never draws on the last row nor beyond the width, whatever the size becomes', () => {
    const { dashboard, resize, terminal } = setUp(80, 24)
    for (let i = 0; i < 120; i++) {
      const columns = 1 + ((i * 53) % 220)
      const rows = 2 + ((i * 29) % 64)
      resize({ columns, rows })
      vi.advanceTimersByTime(80)
      const lines = terminal.lines()
      expect(lines.slice(rows - 1).join('')).toBe('')
      expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(columns)
    }
    expect(terminal.beside()).toBe('')
    dashboard.restore()
  })

  test('keys act however they arrive, and an escape sequence cut in two is one key', () => {
    const { dashboard, asked, left, type } = setUp(80, 24)
    type('e!')
    type('\x1b[')
    type('B=1')
    type('.5\r\x03')
    expect(asked).toEqual([
      { type: 'end' },
      { type: 'panic' },
      { type: 'set', control: 'pitchTemperature', value: 1.5 },
    ])
    expect(left).toEqual(['interrupt'])
    dashboard.restore()
  })

  test('a click chooses a control, the wheel adjusts it', () => {
    const { dashboard, asked, type, terminal } = setUp(80, 24)
    const row = terminal.lines().findIndex((line) => line.includes('Top-p')) + 1
    const column = (terminal.lines()[row - 1]?.indexOf('Top-p') ?? 0) + 1
    type(`\x1b[<0;${column};${row}M`)
    vi.advanceTimersByTime(100)
    expect(terminal.lines()[row - 1]).toContain('>Top-p')
    type(`\x1b[<65;${column};${row}M`)
    expect(asked).toEqual([{ type: 'set', control: 'topP', value: 0.95 }])
    dashboard.restore()
  })

  test('a sentence is shown on the dashboard, and written as a line after the terminal is given back', () => {
    const { dashboard, terminal, written } = setUp(80, 24)
    dashboard.print('A sentence.')
    vi.advanceTimersByTime(100)
    expect(terminal.lines().join('\n')).toContain('A sentence.')
    dashboard.restore()
    dashboard.print('Another.')
    expect(written[written.length - 1]).toBe('Another.\n')
  })

  test('nothing is written while nothing changes', () => {
    const { dashboard, written } = setUp(80, 24)
    vi.advanceTimersByTime(200)
    const before = written.length
    vi.advanceTimersByTime(5000)
    expect(written.length).toBe(before)
    dashboard.restore()
  })
})

describe('the screen', () => {
  test('writing to a terminal that has gone throws nothing', () => {
    const screen = createScreen(
      {
        write: () => {
          throw new Error('EIO')
        },
      },
      true,
    )
    const area = { column: 0, row: 0, columns: 5, rows: 1 }
    expect(() => {
      screen.enter()
      screen.draw([{ area, lines: ['12345'], isFull: true }])
      screen.leave()
    }).not.toThrow()
  })
})

describe('the pace', () => {
  test('two slow frames in a row halve the rate, calm doubles it again, and it never falls to 0', () => {
    const pace = createPace()
    pace.took(80, 0)
    expect(pace.rate).toBe(FULL_RATE)
    pace.took(80, 1000)
    expect(pace.rate).toBe(FULL_RATE / 2)
    for (let at = 2000; at < 60_000; at += 500) pace.took(80, at)
    expect(pace.rate).toBe(2)
    for (let at = 60_000; at < 200_000; at += 500) pace.took(1, at)
    expect(pace.rate).toBe(FULL_RATE)
  })

  test('a single slow frame now and then changes nothing', () => {
    const pace = createPace()
    for (let at = 0; at < 100_000; at += 10_000) pace.took(80, at)
    expect(pace.rate).toBe(FULL_RATE)
  })
})
