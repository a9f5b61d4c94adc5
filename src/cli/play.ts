import { spawn } from 'node:child_process'
import { type App, startApp } from '../app.js'
import type { Ms } from '../engine/units.js'
import type { KeyAction } from '../tui/key-bindings.js'
import { openTerminal, type Terminal } from '../tui/terminal.js'
import type { Prompt } from './common.js'
import { INTERRUPTED_CODE, type Leave, LOST_CODE, leadToExit } from './exits.js'
import { parseFlags } from './flags.js'
import { PLAY_FLAGS, PLAY_HELP, playOptionsFrom } from './play-options.js'
import { describeRemembered, recall } from './remembered.js'
import { reportLine } from './report-line.js'
import { suspend } from './suspension.js'

/** How often changed controls are written down. A kill -9 loses what came after; more often would wear the disk. */
const REMEMBER_MS: Ms = 3000
/** How often `--json` reports. */
const REPORT_MS: Ms = 1000

/**
 * `rubato [play]`: starts and plays until it is told to leave; every road out (key, signal, error, end of time)
 * goes through the exit handler, which silences what sounds. Throws Refused if it can't start.
 * @returns 0 once it plays; the process lives on until it leaves by one of these roads
 * @param onStarted is handed the running app: for tests that break it
 */
export async function playCommand(args: readonly string[], onStarted?: (app: App) => void): Promise<number> {
  const given = parseFlags(args, PLAY_FLAGS, false)
  if (given.values.help) {
    process.stdout.write(PLAY_HELP)
    return 0
  }
  let terminal: Terminal | undefined
  const say = (sentence: string) => {
    if (terminal) terminal.print(sentence)
    else process.stderr.write(`${sentence}\n`)
  }
  const memory = recall(given.values.fresh === true, say)
  const options = await playOptionsFrom(given, memory.settings)
  let app: App | undefined
  const remember = () => {
    if (!app) return
    memory.keep({ ports: options.ports, controls: app.snapshot()?.controls ?? options.app.controls })
  }
  const leave = leadToExit(() => {
    // Before anything else: whatever goes wrong later, nothing sounds.
    app?.end()
    terminal?.restore()
    remember()
  }, say)

  const remembered = memory.settings && describeRemembered(given, memory.settings)
  if (remembered) say(remembered)
  if (options.prompt) say(describePrompt(options.prompt))
  app = await startApp({ ...options.app, onNotice: say, onLost: (sentence) => leave(LOST_CODE, sentence) })
  if (process.platform === 'darwin') stayAwake()
  const playing = app
  process.on('SIGTSTP', () => suspend(playing, terminal, 'signal'))
  say(`Rubato plays ${app.meters().output}, seed ${options.app.seed}. ${app.meters().realtime.reason}`)
  if (!options.headless) {
    terminal = openTerminal({
      ...playing,
      act: (action) => act(action, playing, leave, () => suspend(playing, terminal, 'key')),
    })
  } else if (options.json) setInterval(() => process.stdout.write(`${reportLine(playing)}\n`), REPORT_MS)
  if (options.seconds !== null) setTimeout(() => leave(0), options.seconds * 1000)
  remember()
  setInterval(remember, REMEMBER_MS)
  if (!options.paused) app.command({ type: 'play' })
  onStarted?.(app)
  return 0
}

function describePrompt({ path, seconds, events }: Prompt): string {
  return `Goes on from the last ${seconds} s of ${path}, ${events.length} events.`
}

/** macOS slows down or sleeps a program that nobody touches: not this one, while it plays. */
function stayAwake(): void {
  const caffeinate = spawn('caffeinate', ['-i', '-w', String(process.pid)], { stdio: 'ignore' })
  caffeinate.on('error', () => {})
  caffeinate.unref()
}

function act(action: KeyAction, app: App, leave: Leave, suspendByKey: () => void): void {
  switch (action.type) {
    case 'quit':
      leave(0)
      break
    case 'interrupt':
      leave(INTERRUPTED_CODE)
      break
    case 'suspend':
      // Windows has no such thing.
      if (process.platform !== 'win32') suspendByKey()
      break
    case 'panic':
      app.panic()
      break
    default:
      app.command(action)
  }
}
