import { spawn } from 'node:child_process'
import { type App, startApp } from '../../app/app.js'
import { chordsSentence } from '../../engine/surface/chords-text.js'
import type { Ms } from '../../engine/units.js'
import type { Dashboard } from '../../tui/dashboard.js'
import { INTERRUPTED_CODE, LOST_CODE, leadToExit } from '../exits.js'
import { parseFlags } from '../flags/flags.js'
import { describeTheme, type Prompt } from '../flags/music-flags.js'
import { PLAY_FLAGS, PLAY_HELP, playOptionsFrom } from '../flags/play-options.js'
import { describeStyle } from '../flags/style-flag.js'
import { describeRemembered, openControllerMaps, openPresets, openSettings } from '../remembered.js'
import { reportLine } from '../report-line.js'
import { suspend } from '../suspension.js'

/** How often changed controls are written down. Less often, a kill -9 loses more changes; more often wears the disk. */
const REMEMBER_MS: Ms = 3000
/** How often `--json` prints a line. */
const REPORT_MS: Ms = 1000

/**
 * `rubato [play]`: starts the app, and plays until a key, a signal, an error or the end of `--for` ends the process. Each
 * of these goes through the exit handler, which silences everything. Throws Refused if it can't start.
 * @param onStarted receives the running app: for tests that break it
 * @returns 0 once the app plays; the process lives on
 */
export async function playCommand(args: readonly string[], onStarted?: (app: App) => void): Promise<number> {
  const given = parseFlags(args, PLAY_FLAGS, false)
  if (given.values.help) {
    process.stdout.write(PLAY_HELP)
    return 0
  }
  let dashboard: Dashboard | undefined
  const notice = (sentence: string) => {
    if (dashboard) dashboard.print(sentence)
    else process.stderr.write(`${sentence}\n`)
  }
  const store = openSettings(given.values.fresh === true, notice)
  const options = await playOptionsFrom(given, store.settings)
  let app: App | undefined
  const remember = () => {
    if (!app) return
    store.save({ ports: options.ports, controls: app.snapshot()?.controls ?? options.app.controls })
  }
  const leave = leadToExit(() => {
    // The app is ended first, so that no note sounds on if anything fails after it.
    app?.end()
    dashboard?.restore()
    dashboard = undefined
    remember()
  }, notice)

  const remembered = store.settings && describeRemembered(given, store.settings)
  if (remembered) notice(remembered)
  if (options.prompt) notice(describePrompt(options.prompt))
  if (options.style) notice(describeStyle(options.style, options.app.controls.styleStrength))
  if (options.theme) notice(describeTheme(options.theme, options.app.controls.memory))
  for (const sentence of options.unsupported) notice(sentence)
  app = await startApp({
    ...options.app,
    ...openPresets(notice),
    ...openControllerMaps(notice),
    onNotice: notice,
    onLost: (sentence) => leave(LOST_CODE, sentence),
  })
  if (process.platform === 'darwin') stayAwake()
  const playing = app
  process.on('SIGTSTP', () => suspend(playing, dashboard, 'signal'))
  notice(`Rubato plays ${app.meters().output}, seed ${options.app.seed}. ${app.meters().realtime.reason}`)
  if (options.seconds !== null) setTimeout(() => leave(0), options.seconds * 1000)
  remember()
  setInterval(remember, REMEMBER_MS)
  if (options.style) app.ask({ type: 'set-style', style: options.style }, 'keys')
  if (options.theme) app.ask({ type: 'give-theme', notes: options.theme.notes }, 'keys')
  if (options.progression) {
    app.ask({ type: 'set-progression', progression: options.progression }, 'keys')
    notice(chordsSentence(options.progression))
  }
  if (options.score) {
    app.ask(options.score.command, 'keys')
    notice(options.score.sentence)
  }
  // Where there is no network for Link, no band will ever start.
  const isAlone = options.app.sync === 'link' && app.meters().linkPeers === null
  if (options.waitsForBand && !isAlone && !options.paused)
    notice("Waiting for the band's start; space plays at once.")
  else if (!options.paused) app.ask({ type: 'play' }, 'keys')
  if (!options.headless) {
    // The dashboard is loaded only now: Ink and React take a while, and the music shouldn't wait for them.
    const { openDashboard } = await import('../../tui/dashboard.js')
    dashboard = openDashboard({
      surface: playing,
      octave: options.octave,
      ascii: options.ascii,
      leave: (how) => leave(how === 'quit' ? 0 : INTERRUPTED_CODE),
      // Windows can't stop a process and bring it back.
      suspend: () => process.platform !== 'win32' && suspend(playing, dashboard, 'key'),
    })
  } else if (options.json) setInterval(() => process.stdout.write(`${reportLine(playing)}\n`), REPORT_MS)
  onStarted?.(app)
  return 0
}

function describePrompt({ path, seconds, events }: Prompt): string {
  return `Goes on from the last ${seconds} s of ${path}, ${events.length} events.`
}

/** Stops macOS from slowing down this process, or going to sleep, while nobody touches the machine. */
function stayAwake(): void {
  const caffeinate = spawn('caffeinate', ['-i', '-w', String(process.pid)], { stdio: 'ignore' })
  caffeinate.on('error', () => {})
  caffeinate.unref()
}
