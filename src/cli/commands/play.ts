import { spawn } from 'node:child_process'
import { type App, startApp } from '../../app/app.js'
import type { Ms } from '../../engine/units.js'
import type { Dashboard } from '../../tui/dashboard.js'
import { INTERRUPTED_CODE, LOST_CODE, leadToExit } from '../exits.js'
import { parseFlags } from '../flags/flags.js'
import type { Prompt } from '../flags/music-flags.js'
import { PLAY_FLAGS, PLAY_HELP, playOptionsFrom } from '../flags/play-options.js'
import { describeRemembered, recall, recallMaps, recallPresets } from '../remembered.js'
import { reportLine } from '../report-line.js'
import { suspend } from '../suspension.js'

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
  let dashboard: Dashboard | undefined
  const say = (sentence: string) => {
    if (dashboard) dashboard.print(sentence)
    else process.stderr.write(`${sentence}\n`)
  }
  const memory = recall(given.values.fresh === true, say)
  const options = await playOptionsFrom(given, memory.settings)
  let app: App | undefined
  const remember = () => {
    if (!app) return
    memory.save({ ports: options.ports, controls: app.snapshot()?.controls ?? options.app.controls })
  }
  const leave = leadToExit(() => {
    // Before anything else: whatever goes wrong later, nothing sounds.
    app?.end()
    dashboard?.restore()
    dashboard = undefined
    remember()
  }, say)

  const remembered = memory.settings && describeRemembered(given, memory.settings)
  if (remembered) say(remembered)
  if (options.prompt) say(describePrompt(options.prompt))
  for (const sentence of options.idle) say(sentence)
  app = await startApp({
    ...options.app,
    ...recallPresets(say),
    ...recallMaps(say),
    onNotice: say,
    onLost: (sentence) => leave(LOST_CODE, sentence),
  })
  if (process.platform === 'darwin') stayAwake()
  const playing = app
  process.on('SIGTSTP', () => suspend(playing, dashboard, 'signal'))
  say(`Rubato plays ${app.meters().output}, seed ${options.app.seed}. ${app.meters().realtime.reason}`)
  if (options.seconds !== null) setTimeout(() => leave(0), options.seconds * 1000)
  remember()
  setInterval(remember, REMEMBER_MS)
  if (options.waitsForBand && !options.paused) say("Waits for the band's start; space plays at once.")
  else if (!options.paused) app.ask({ type: 'play' }, 'keys')
  if (!options.headless) {
    // Ink and React take a while to load: the music doesn't wait for them.
    const { openDashboard } = await import('../../tui/dashboard.js')
    dashboard = openDashboard({
      face: playing,
      octave: options.octave,
      ascii: options.ascii,
      leave: (how) => leave(how === 'quit' ? 0 : INTERRUPTED_CODE),
      // Windows has no such thing.
      suspend: () => process.platform !== 'win32' && suspend(playing, dashboard, 'key'),
    })
  } else if (options.json) setInterval(() => process.stdout.write(`${reportLine(playing)}\n`), REPORT_MS)
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
