import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, test } from 'vitest'
import { BUILT_CLI } from '../helpers/built-app.js'
import { BUILD, threadsAreBuilt } from '../helpers/compiled-worker.js'
import { hasTmux, openRealTerminal, type RealTerminal } from '../helpers/tmux.js'

const missing = !hasTmux ? 'tmux is missing' : threadsAreBuilt ? '' : BUILD
const CRASHING = fileURLToPath(new URL('../helpers/crash-while-playing.js', import.meta.url))
const PLAY = `node ${BUILT_CLI} --no-web --seed 3 --density 12`

describe.skipIf(missing !== '')(`the dashboard in a real terminal${missing && ` (${missing})`}`, () => {
  const open: RealTerminal[] = []
  afterEach(() => {
    for (const terminal of open.splice(0)) terminal.end()
  })

  async function start(
    columns: number,
    rows: number,
    command = PLAY,
    environment: Record<string, string> = {},
  ) {
    const terminal = openRealTerminal(columns, rows, environment)
    open.push(terminal)
    terminal.type(command, 'Enter')
    await terminal.until((screen) => screen.includes('playing') && screen.includes('Temperature'))
    return terminal
  }

  /** The shell is there again, with echo, a cursor and no mouse: the terminal as it was. */
  async function expectRestored(terminal: RealTerminal) {
    await terminal.until(() => terminal.flag('alternate_on') === '0')
    terminal.type('stty -a | grep -wo -e echo -e icanon | sort; echo done$((1+1))', 'Enter')
    const screen = await terminal.until((text) => text.includes('done2'))
    expect(screen).toContain('echo\nicanon\ndone2')
    expect([terminal.flag('cursor_flag'), terminal.flag('mouse_any_flag')]).toEqual(['1', '0'])
  }

  const notes = (screen: string) => (screen.match(/[▀▄█]/g) ?? []).length

  test('starts, shows notes that fall, turns a control, resizes, panics, quits, and leaves the terminal as it was', async () => {
    const terminal = await start(100, 30)
    expect(terminal.flag('alternate_on')).toBe('1')
    const before = await terminal.until((screen) => notes(screen) > 10)
    await terminal.until((screen) => notes(screen) > 10 && screen !== before)
    for (let n = 0; n < 5; n++) terminal.type('', 'Down')
    terminal.type('=7', 'Enter')
    await terminal.until((screen) => /Density\s+7 /.test(screen))
    terminal.type('u')
    await terminal.until((screen) => /Density\s+12 /.test(screen))
    for (const [columns, rows] of [
      [60, 16],
      [40, 10],
      [200, 60],
      [80, 24],
    ] as const) {
      terminal.resize(columns, rows)
      // After a redraw there is one status line, and nothing is left of the old one.
      await terminal.until((screen) => screen.match(/playing/g)?.length === 1)
      expect(terminal.screen().length).toBeLessThanOrEqual(rows)
    }
    terminal.type('!')
    await terminal.until((screen) => screen.includes('paused'))
    terminal.type('q')
    await expectRestored(terminal)
  })

  test('q asks once more while playing, Ctrl-C leaves at once', async () => {
    const terminal = await start(80, 24)
    terminal.type('q')
    await terminal.until((screen) => screen.includes('q once more quits'))
    expect(terminal.flag('alternate_on')).toBe('1')
    terminal.type('', 'C-c')
    await expectRestored(terminal)
  })

  test('d has a drummer play along and then shows his controls, z and Z mute, D sends him away', async () => {
    const terminal = await start(120, 30)
    terminal.type('d')
    await terminal.until((screen) => /drums bar \d of 8/.test(screen))
    terminal.type('d')
    await terminal.until((screen) => screen.includes("the drums' controls"))
    terminal.type('z')
    await terminal.until((screen) => screen.includes('drums muted'))
    terminal.type('zZ')
    await terminal.until((screen) => screen.includes('drums alone'))
    terminal.type('D')
    await terminal.until((screen) => screen.includes('Register') && !/drums (bar|alone|muted)/.test(screen))
    terminal.type('', 'C-c')
    await expectRestored(terminal)
  })

  test('a crash leaves the terminal as it was, and one line says what broke', async () => {
    const terminal = await start(80, 24, `node ${CRASHING}`)
    const screen = await terminal.until((text) => text.includes('something broke'))
    expect(screen).not.toContain('    at ')
    await expectRestored(terminal)
  })

  test('Ctrl-Z gives the terminal to the shell, fg takes it back, and SIGTERM leaves it as it was', async () => {
    const terminal = await start(80, 24)
    terminal.type('', 'C-z')
    await expectRestored(terminal)
    terminal.type('fg', 'Enter')
    await terminal.until((screen) => screen.includes('Temperature') && screen.includes('playing'))
    process.kill(Number(terminal.flag('pane_pid')), 'SIGCONT')
    terminal.type('', 'C-z')
    await terminal.until(() => terminal.flag('alternate_on') === '0')
    terminal.type('fg & sleep 1; kill -TERM %1; fg', 'Enter')
    await expectRestored(terminal)
  })

  test('plain signs are drawn without colour or Unicode, and TERM=dumb gets no dashboard', async () => {
    const terminal = await start(80, 24, `${PLAY} --ascii`, { NO_COLOR: '1' })
    const screen = await terminal.until((text) => /[#:|]/.test(text))
    expect([...screen].filter((sign) => sign > '~')).toEqual([])
    const dumb = openRealTerminal(80, 24)
    open.push(dumb)
    dumb.type(`TERM=dumb ${PLAY}`, 'Enter')
    await dumb.until((text) => text.includes('Rubato plays'))
    expect(dumb.flag('alternate_on')).toBe('0')
    dumb.type('', 'C-c')
  })
})
