import { render } from 'ink-testing-library'
import { createElement } from 'react'
import { describe, expect, test } from 'vitest'
import { CONTROL_NAMES, CONTROLS } from '../../../src/engine/controls/controls.js'
import { DRUMMER_CONTROLS } from '../../../src/engine/controls/parts.js'
import type { ChordPlace } from '../../../src/engine/surface/snapshot.js'
import type { View } from '../../../src/tui/input/input-handler.js'
import { controlAt } from '../../../src/tui/panel/control-lines.js'
import { layOut } from '../../../src/tui/panel/layout.js'
import { sparkline } from '../../../src/tui/panel/meter-lines.js'
import { Panel } from '../../../src/tui/panel/panel.js'
import { createPanelSurface } from '../../../src/tui/panel/panel-surface.js'
import type { PanelView } from '../../../src/tui/panel/panel-view.js'
import type { TerminalTraits } from '../../../src/tui/terminal/terminal-traits.js'
import { textWidth } from '../../../src/tui/terminal/text-cells.js'
import { createTheme } from '../../../src/tui/terminal/theme.js'
import { plain } from '../plain-terminal.js'
import { VIEW } from '../views.js'

const FULL: TerminalTraits = { unicode: true, colour: 24 }

function frame(columns: number, rows: number, view: PanelView = VIEW, traits = FULL): string {
  const { input } = view
  const layout = layOut(columns, rows, input.view, input.showsKeys)
  const theme = createTheme(traits)
  return render(createElement(Panel, { view, layout, theme, octave: 'C3' })).lastFrame() ?? ''
}

const withInput = (input: Partial<PanelView['input']>): PanelView => ({
  ...VIEW,
  input: { ...VIEW.input, ...input },
})

describe('the place in the form', () => {
  const withForm = (form: PanelView['meters']['form']): PanelView => ({
    ...VIEW,
    meters: { ...VIEW.meters, form },
  })

  test('stands in the first line, with the kept themes where there is room', () => {
    const [first] = plain(frame(120, 24)).split('\n')
    expect(first).toMatch(/A B \[A'\] C A'' {2}theme A returns {2}\? keys {2}style: nocturne\.mid 0\.7/)
    const without = { ...VIEW, meters: { ...VIEW.meters, style: null } }
    expect(plain(frame(120, 24, without)).split('\n')[0]).toMatch(/\? keys {2}kept A 8 s, B 12 s/)
  })

  test('stands among the meters in full, with length and key of every theme', () => {
    const text = plain(frame(100, 40, withInput({ view: 'meters' })))
    expect(text).toMatch(/form +movement 1: A B \[A'\] C A'' {2}theme A returns/)
    expect(text).toMatch(/theme +A 8\.4 s, 53 notes, D minor/)
    expect(text).toMatch(/theme +B 11\.6 s, 71 notes, F major/)
    expect(text).toMatch(/style +nocturne\.mid 0\.7/)
  })

  test('is left out where nothing returns', () => {
    const [first] = plain(frame(80, 24, withForm(null))).split('\n')
    expect(first).toMatch(/^▶ playing {2}on Rubato {2}\? keys/)
    expect(
      plain(frame(100, 40, { ...withForm(null), input: { ...VIEW.input, view: 'meters' } })),
    ).not.toContain('movement')
  })
})

test.each([
  [0, 'nobody else yet'],
  [1, '1 peer'],
  [3, '3 peers'],
])('with %i others in the Link session the first line and the meters say so', (linkPeers, said) => {
  const meters = { ...VIEW.meters, meters: { ...VIEW.meters.meters, linkPeers } }
  const view: PanelView = { ...VIEW, beat: '120.0 BPM 12.3', meters }
  expect(plain(frame(80, 24, view)).split('\n')[0]).toContain(`120.0 BPM 12.3  Link: ${said}`)
  const full = { ...view, input: { ...VIEW.input, view: 'meters' as const } }
  expect(plain(frame(100, 40, full))).toMatch(new RegExp(`link +${said}`))
})

describe('the panel at 80x24', () => {
  const lines = plain(frame(80, 24)).split('\n')

  test('shows the chosen control, whichever it is', () => {
    for (const name of CONTROL_NAMES) {
      const text = plain(frame(80, 24, withInput({ chosen: name })))
      expect(text).toContain(`›${CONTROLS[name].label.slice(0, 7)}`)
    }
  })

  test('shows controls with their values, and a letter for who set them', () => {
    expect(lines.join('\n')).toMatch(/›Temperature +0\.9 c/)
    expect(plain(frame(80, 24, withInput({ chosen: 'register' })))).toMatch(/Register +C2–C4 w/)
    expect(plain(frame(80, 24, withInput({ chosen: 'keyLock' })))).toMatch(/Key lock +on k/)
  })

  test('shows the aims of the tide for controls that are auto', () => {
    expect(lines.join('\n')).toMatch(/Density +auto ~7\.3/)
    expect(plain(frame(80, 24, withInput({ chosen: 'key' })))).toMatch(/Key +off ~A minor/)
  })

  test('describes the chosen control, and shows the meters in two lines and what is wrong', () => {
    expect(lines[0]).toMatch(/^▶ playing {2}on Rubato {2}A B \[A'\] C A'' {2}theme A returns {2}\? keys/)
    expect(lines[7]).toMatch(/^Temperature: 0\.9, set by a controller/)
    expect(lines[8]).toMatch(/late p50 0\.04 p99 0\.31 ms.*plan 412 ms {2}slips 2, 34 ms/)
    expect(lines[9]).toMatch(/CC74=93 \(2\) {2}out Rubato: 1 connected {2}in Keystation: gone/)
    expect(lines[10]).toBe('Keystation has gone: plug it in again.')
  })
})

const chordPlace = (place: Partial<ChordPlace>): ChordPlace => ({
  latched: null,
  chords: [
    { symbol: 'Am7', bar: 1 },
    { symbol: 'F', bar: 1 },
    { symbol: 'C', bar: 2 },
    { symbol: 'G/B', bar: 2 },
    { symbol: 'Dm', bar: 3 },
  ],
  current: null,
  beatsLeft: null,
  ...place,
})

describe('the panel elsewhere', () => {
  test('at 200x80 every meter is shown', () => {
    const text = plain(frame(200, 80))
    for (const part of [
      /trouble +Keystation has gone/,
      /late +p50 0\.04 p99 0\.31 ms/,
      /plan +412 ms +slips 2, 34 ms/,
      /events +12\.3\/s +cpu 34 %/,
      /lost +1 dropped/,
      /held +C3 G3/,
      /out +Rubato: 1 connected/,
      /web +http:\/\/127\.0\.0\.1:7331/,
      /model +rubato-piano, wasm int16, seed 7/,
      /priority No real-time priority: chrt/,
      /file +\/music\/take\.mid/,
      /Temperature +━+─+ 0\.9/,
    ])
      expect(text).toMatch(part)
  })

  test('the chords stand in the first line from the current bar on, and among the meters all of them', () => {
    const chords = chordPlace({ current: 2 })
    const view = { ...VIEW, chords, meters: { ...VIEW.meters, chords } }
    expect(plain(frame(100, 24, view)).split('\n')[0]).toContain('[C] G/B | Dm  on Rubato')
    expect(plain(frame(100, 40, { ...view, input: { ...VIEW.input, view: 'meters' } }))).toMatch(
      /chords +Am7 F \| \[C\] G\/B \| Dm/,
    )
    expect(plain(frame(40, 12, { ...view, chords: chordPlace({ current: 0 }) })).split('\n')[0]).toContain(
      '[Am7] F',
    )
    const latched = chordPlace({ current: 2, latched: 'E7' })
    expect(plain(frame(100, 24, { ...view, chords: latched }))).toContain('[E7] latched, before C G/B | Dm')
    const coming = chordPlace({ current: null, beatsLeft: 3 })
    expect(plain(frame(100, 24, { ...view, chords: coming }))).toContain('Am7 F | C G/B | Dm (in 3)')
  })

  test('the compact form shows the state, the chosen control and the last notice', () => {
    const text = plain(frame(40, 12, { ...VIEW, notices: ['A sentence.'] }))
    expect(text).toMatch(/▶ playing/)
    expect(text).toMatch(/Temperature: 0\.9/)
    expect(text).toMatch(/A sentence\./)
  })

  test('without Unicode every character is ASCII', () => {
    for (const view of ['all', 'meters'] as const) {
      for (const [columns, rows] of [
        [80, 24],
        [200, 60],
        [40, 12],
      ] as const) {
        const text = plain(frame(columns, rows, withInput({ view }), { unicode: false, colour: 8 }))
        expect(text).toMatch(/^[ -~\n]+$/)
      }
    }
  })

  test('without colour no colour is set', () => {
    const text = frame(80, 24, VIEW, { unicode: true, colour: 0 })
    // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences begin with one
    const codes = [...text.matchAll(/\x1b\[([\d;]*)m/g)].flatMap(([, code = '']) =>
      code.split(';').map(Number),
    )
    expect(codes.length).toBeGreaterThan(0)
    expect(codes.filter((code) => code >= 30)).toEqual([])
  })

  test('a value being typed or a question replaces the description', () => {
    expect(plain(frame(80, 24, withInput({ typed: '1.2' })))).toContain(
      'Temperature = 1.2▏ (0.1 to 2; Enter sets',
    )
    const typed = plain(frame(80, 24, withInput({ typed: 'Am7 F | C G/B', typing: 'chords' })))
    expect(typed).toContain('Chords Am7 F | C G/B▏ (bars with |; Enter sets')
    const long = withInput({ typed: `${'Am7 F | '.repeat(40)}G`, typing: 'chords' })
    expect(plain(frame(80, 24, long))).toContain('Am7 F | G▏')
    expect(plain(frame(80, 24, withInput({ asking: 'quit' })))).toContain('q once more quits')
    expect(plain(frame(80, 24, withInput({ asking: 'preset' })))).toContain('1 Untouched, 3 Toccata')
  })

  test('all keys fit a terminal of 80x24', () => {
    const lines = plain(frame(80, 24, withInput({ showsKeys: true }))).split('\n')
    expect(lines.some((line) => line.includes('Ctrl-C'))).toBe(true)
    expect(lines.length).toBeLessThanOrEqual(23)
  })

  test('a change that waits for the bar is marked', () => {
    const controls = { ...VIEW.controls.controls, quantise: 'bar' } as const
    const waiting = { ...VIEW, controls: { ...VIEW.controls, controls, waiting: ['temperature'] as const } }
    const text = plain(frame(80, 24, waiting))
    expect(text).toMatch(/›Temperature +0\.9 …/)
    expect(text).toMatch(/^Temperature: 0\.9, waits for the next bar, set by a controller/m)
  })

  test('a count-in is shown with the beats that are left', () => {
    const text = plain(frame(80, 24, { ...VIEW, state: 'counting', beat: '96.0 BPM 3 to go' }))
    expect(text).toMatch(/counting in \(space\) +96\.0 BPM 3 to go/)
  })

  test('a slow terminal is reported', () => {
    expect(plain(frame(80, 24, { ...VIEW, slowedTo: 8 }))).toContain('slow terminal: 8 frames/s')
  })
})

describe('the layout', () => {
  test('never takes the last row nor more than the width, at any size, in any view', () => {
    const style = { theme: createTheme({ unicode: true, colour: 0 }), octave: 'C3' } as const
    for (let i = 0; i < 220; i++) {
      const columns = 1 + ((i * 37) % 230)
      const rows = 1 + ((i * 23) % 70)
      for (const view of ['all', 'roll', 'meters'] satisfies View[]) {
        const showsKeys = i % 5 === 0
        const layout = layOut(columns, rows, view, showsKeys)
        const lowest = Math.max(1, rows - 1)
        for (const area of [layout.roll, layout.panel]) {
          if (!area) continue
          expect(area.row + area.rows).toBeLessThanOrEqual(lowest)
          expect(area.column + area.columns).toBeLessThanOrEqual(columns)
        }
        const surface = createPanelSurface(layout, style)
        const lines = surface.draw(withInput({ view, showsKeys }))
        surface.close()
        expect(lines.length).toBeLessThanOrEqual(layout.panel.rows)
        for (const line of lines) expect(textWidth(plain(line))).toBeLessThanOrEqual(layout.panel.columns)
      }
    }
  })

  test('the mouse finds the control that is drawn there', () => {
    const { panel, controls } = layOut(80, 24, 'all', false)
    const area = { column: 0, row: panel.row + 1, columns: 80 }
    const viewOf = (grid: typeof controls) => ({ grid, names: CONTROL_NAMES, chosen: 'temperature' as const })
    expect(controlAt(area, viewOf(controls), { column: 3, row: area.row })?.name).toBe('temperature')
    expect(controlAt(area, viewOf(controls), { column: 25, row: area.row })?.name).toBe(
      CONTROL_NAMES[Math.ceil(CONTROL_NAMES.length / 4)],
    )
    expect(controlAt(area, viewOf(controls), { column: 3, row: area.row - 1 })).toBeUndefined()
    const side = layOut(200, 80, 'all', false)
    const beside = { column: side.panel.column, row: 1, columns: side.panel.columns }
    expect(controlAt(beside, viewOf(side.controls), { column: beside.column + 15, row: 2 })).toEqual({
      name: 'pitchTemperature',
      share: 0,
    })
    expect(controlAt(beside, viewOf(side.controls), { column: 3, row: 2 })).toBeUndefined()
  })
})

describe("the drummer's controls", () => {
  const drums = withInput({ part: 'drums', chosen: 'density' })

  test.each([
    [80, 24],
    [200, 60],
  ])("take the place of the pianist's at %ix%i, and it says whose they are", (columns, rows) => {
    const text = plain(frame(columns, rows, drums))
    expect(text).toContain("the drums' controls (d)")
    expect(text).toContain('Drums: Density')
    for (const name of DRUMMER_CONTROLS) expect(text).toContain(CONTROLS[name].label.slice(0, 7))
    expect(text).not.toMatch(/Polyphony|Key lock/)
    expect(text.split('\n').length).toBe(plain(frame(columns, rows)).split('\n').length)
  })
})

describe('the sparkline', () => {
  const theme = createTheme({ unicode: true, colour: 0 })

  test('shows the worst of what falls into a column, the last second to the right', () => {
    expect(sparkline([0, 0, 0, 8], 2, theme)).toBe(' █')
    expect(sparkline([0, 1, 2, 0], 4, theme)).toBe(' ▄█ ')
    expect(sparkline([], 5, theme)).toBe('')
  })
})
