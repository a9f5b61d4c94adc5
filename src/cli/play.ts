import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { type App, startApp } from '../app.js'
import type { AppOptions } from '../app-options.js'
import { formatControl } from '../engine/control-values.js'
import { CONTROL_NAMES, defaultControls } from '../engine/controls.js'
import { DEFAULT_HORIZON_MS } from '../engine/performer.js'
import { type Ms, Refused } from '../engine/units.js'
import { DEFAULT_PORTS, type PortSettings } from '../io/settings.js'
import { requireWritable } from '../io/whole-file.js'
import type { KeyAction } from '../tui/key-bindings.js'
import { openTerminal, type Terminal } from '../tui/terminal.js'
import {
  backendFrom,
  HELP_FLAG,
  JSON_FLAG,
  modelFrom,
  NETWORK_FLAGS,
  PROMPT_FLAGS,
  type Prompt,
  precisionFrom,
  promptFrom,
  SEED_FLAG,
  seedFrom,
} from './common.js'
import {
  CONTROL_FLAGS,
  choiceFrom,
  controlsFrom,
  type Flag,
  flagName,
  type Given,
  helpText,
  numberFrom,
  parseFlags,
  textFrom,
} from './flags.js'
import { hasJobControl, isInForeground } from './job-control.js'
import { describeRemembered, intakeOf, type Memory, PORT_FLAGS, portsFrom, recall } from './remembered.js'

const TIMING_FLAGS: readonly Flag[] = [
  { name: 'realtime', value: 'WHEN', help: 'real-time priority: auto, on or off (auto)' },
  { name: 'horizon', value: 'MS', help: 'notes nearer than this are committed (10 to 100; 20)' },
]

const PLAY_FLAGS: readonly Flag[] = [
  { name: 'paused', help: 'armed: silent until space or transport' },
  { name: 'headless', help: 'no status line; without a terminal it is so anyway' },
  { name: 'for', value: 'SECONDS', help: 'play this long, then quit' },
  { name: 'record', value: 'FILE', help: 'write all that is sent into a MIDI file' },
  ...PROMPT_FLAGS,
  { name: 'fresh', help: 'forget the ports and controls of the last time' },
  SEED_FLAG,
  ...NETWORK_FLAGS,
  { ...JSON_FLAG, help: 'with --headless: one line of JSON a second' },
  HELP_FLAG,
]

export const PLAY_HELP = helpText(
  'rubato [play] [options] [controls]',
  'Plays, endlessly, into the MIDI port Rubato. Without a sequencer it plays in silence and says so.',
  [
    ['Options', PLAY_FLAGS],
    ['Ports and timing', [...PORT_FLAGS, ...TIMING_FLAGS]],
    ['Controls', CONTROL_FLAGS],
  ],
)

/** Exit codes of the ways out that a shell knows by 128 + the signal's number. */
const SIGNALS = { SIGHUP: 129, SIGINT: 130, SIGQUIT: 131, SIGTERM: 143, SIGBREAK: 149 } as const
const LOST_CODE = 1
/** Node's timers hold 31 bits of milliseconds: 24 days. */
const LONGEST_TIMER_S = 2_147_483
/** How often changed controls are written down. A kill -9 loses what came after; more often would wear the disk. */
const REMEMBER_MS: Ms = 3000

/** What `rubato play` was asked to do. */
interface PlayOptions {
  readonly app: Omit<AppOptions, 'onNotice' | 'onLost'>
  readonly paused: boolean
  readonly headless: boolean
  readonly json: boolean
  readonly seconds: number | null
  readonly ports: PortSettings
  readonly prompt: Prompt | null
}

/** Where to record; a take that is there already is not lost to the next. Throws Refused. */
function recordFrom(given: Given): string | null {
  const path = textFrom(given, 'record')
  if (path === null) return null
  if (existsSync(path)) throw new Refused(`${path} is there already; give the recording another name.`)
  requireWritable(path)
  return path
}

async function optionsFrom(given: Given, memory: Memory): Promise<PlayOptions> {
  const isAtTerminal = process.stdin.isTTY && process.stdout.isTTY && isInForeground()
  const headless = given.values.headless === true || !isAtTerminal
  if (given.values.json && !headless) throw new Refused('--json goes with --headless.')
  const ports = portsFrom(given, memory.settings?.ports ?? DEFAULT_PORTS)
  const prompt = await promptFrom(given)
  return {
    paused: given.values.paused === true,
    headless,
    json: given.values.json === true,
    seconds: numberFrom(given, 'for', { min: 0.1, max: LONGEST_TIMER_S }, null),
    ports,
    prompt,
    app: {
      controls: controlsFrom(given, memory.settings?.controls ?? defaultControls()),
      backend: backendFrom(given),
      precision: precisionFrom(given),
      seed: seedFrom(given),
      horizon: numberFrom(given, 'horizon', { min: 10, max: 100 }, DEFAULT_HORIZON_MS),
      to: ports.to,
      toIsRemembered: given.values.to === undefined,
      from: ports.from,
      intake: intakeOf(ports),
      realtime: choiceFrom(given, 'realtime', ['auto', 'on', 'off']),
      followTransport: ports.sync === 'transport',
      record: recordFrom(given),
      prompt: prompt?.events ?? [],
      model: modelFrom(given),
    },
  }
}

/**
 * `rubato [play]`: starts and plays until it is told to leave; every road out (key, signal, error, end of time)
 * goes through the exit handler, which silences what sounds. Throws Refused if it can't start.
 * @returns 0 once it plays; the process lives on until it leaves by one of these roads
 * @param onStarted is handed the running app: for tests that break it
 */
export async function playCommand(args: readonly string[], onStarted?: (app: App) => void): Promise<number> {
  const given = parseFlags(args, [...PORT_FLAGS, ...TIMING_FLAGS, ...PLAY_FLAGS, ...CONTROL_FLAGS], false)
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
  const options = await optionsFrom(given, memory)
  let app: App | undefined
  const remember = () => {
    if (!app) return
    memory.keep({ ports: options.ports, controls: app.snapshot()?.controls ?? options.app.controls })
  }
  const leave = (code: number, sentence?: string): never => {
    if (sentence) say(sentence)
    process.exit(code)
  }
  process.on('exit', () => {
    // Before anything else: whatever goes wrong later, nothing sounds.
    app?.end()
    terminal?.restore()
    remember()
  })
  process.on('uncaughtException', (error) => leave(LOST_CODE, `Rubato failed: ${error.message}.`))
  // Whoever read the reports has gone (`... | head`): no error, but nobody is left to play for.
  process.stdout.on('error', () => leave(0))
  for (const [signal, code] of Object.entries(SIGNALS)) process.on(signal, () => leave(code))

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
  } else if (options.json) setInterval(() => process.stdout.write(`${reportLine(playing)}\n`), 1000)
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

function act(action: KeyAction, app: App, leave: (code: number) => void, suspendByKey: () => void): void {
  switch (action.type) {
    case 'quit':
      leave(0)
      break
    case 'interrupt':
      leave(SIGNALS.SIGINT)
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

/**
 * Silence, then stop, where a shell could bring it back; then it plays on if it was playing. From the key the whole process group is stopped,
 * as a terminal would, or `npm start` goes on waiting and the shell gets no turn; the terminal is given back before:
 * whoever touches it after the shell has taken it is stopped for that, half way.
 */
function suspend(app: App, terminal: Terminal | undefined, by: 'key' | 'signal'): void {
  const wasPlaying = app.snapshot()?.paused === false
  app.silence()
  if (by === 'key' && !hasJobControl()) return
  terminal?.restore()
  process.once('SIGCONT', () => {
    terminal?.take()
    if (wasPlaying) app.command({ type: 'play' })
  })
  process.kill(by === 'key' ? 0 : process.pid, 'SIGSTOP')
}

/** One line of `--json`: how the last second stands. */
function reportLine(app: App): string {
  const meters = app.meters()
  const snapshot = app.snapshot()
  const round = (ms: number) => Number(ms.toFixed(3))
  const { p50, p99, max } = meters.lateness
  return JSON.stringify({
    notes: meters.notes,
    sounding: meters.sounding,
    lateness: { p50: round(p50), p99: round(p99), max: round(max) },
    slips: snapshot?.slips ?? 0,
    plan: snapshot ? Math.round(snapshot.planned) : 0,
    paused: snapshot?.paused ?? true,
    dropped: meters.dropped,
    lost: meters.lost,
    echoes: meters.echoes,
    restarts: meters.restarts,
    held: snapshot?.held ?? [],
    heardWeights: snapshot?.heardWeights ?? null,
    controls: snapshot
      ? Object.fromEntries(
          CONTROL_NAMES.map((name) => [flagName(name), formatControl(name, snapshot.controls[name])]),
        )
      : {},
  })
}
