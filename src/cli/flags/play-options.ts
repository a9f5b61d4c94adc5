import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import type { AppOptions, WebAddress } from '../../app/options.js'
import { startsWithBand } from '../../engine/clock/sync.js'
import { defaultControls } from '../../engine/controls/controls.js'
import type { Progression } from '../../engine/language/chords.js'
import { DEFAULT_HORIZON_MS } from '../../engine/performer/performer.js'
import { Refused } from '../../engine/refused.js'
import type { Style } from '../../engine/style/profile.js'
import { requireWritable } from '../../io/atomic-file.js'
import { DEFAULT_PORTS, type PortSettings, type Settings } from '../../io/config/settings.js'
import { REPEAT_GAP_MS } from '../../io/output/repeated-notes.js'
import { DEFAULT_WEB, parseAddress, requireToken } from '../../server/address.js'
import { canDraw } from '../../tui/terminal/terminal-traits.js'
import { isInForeground } from '../job-control.js'
import { DRUMMER_FLAGS, drummerFrom, onItsChannel } from './drummer-flags.js'
import {
  CONTROL_FLAGS,
  choiceFrom,
  controlsFrom,
  type Flag,
  type Given,
  helpText,
  numberFrom,
  textFrom,
} from './flags.js'
import {
  HELP_FLAG,
  JSON_FLAG,
  MUSIC_FLAGS,
  musicFrom,
  type Prompt,
  type ThemeFile,
  unsupportedFlags,
} from './music-flags.js'
import { controllersOf, inputSettingsOf, PORT_FLAGS, portsFrom } from './port-flags.js'
import { EXPRESSION_FLAG, FREEDOM_FLAG, type GivenScore, scoreFrom } from './score-flags.js'

const OWN_FLAGS: readonly Flag[] = [
  { name: 'paused', help: 'armed: silent until space or transport' },
  { name: 'headless', help: 'no dashboard; without a terminal it is so anyway' },
  { name: 'for', value: 'SECONDS', help: 'play this long, then quit' },
  { name: 'record', value: 'FILE', help: 'write all that is played into a MIDI file, second by second' },
  {
    name: 'take',
    value: 'FILE',
    help: 'write down all that went in, so that `rubato replay` plays it again',
  },
  { name: 'captures', value: 'DIR', help: 'folder for the captures of key c (the current one)' },
  {
    name: 'perform',
    value: 'FILE',
    help: 'a MIDI file whose notes are played first, as `rubato perform` does',
  },
  FREEDOM_FLAG,
  EXPRESSION_FLAG,
  { name: 'fresh', help: 'forget the ports and controls of the last time' },
  ...MUSIC_FLAGS,
  ...DRUMMER_FLAGS,
  { ...JSON_FLAG, help: 'with --headless: one line of JSON a second' },
  HELP_FLAG,
]

const PORT_AND_TIMING_FLAGS: readonly Flag[] = [
  ...PORT_FLAGS,
  { name: 'realtime', value: 'WHEN', help: 'real-time priority: auto, on or off (auto)' },
  {
    name: 'repeat-gap',
    value: 'MS',
    help: 'silence before a note that is struck again, so that a DAW keeps the two apart (0 to 20; 2)',
  },
  { name: 'no-keeper', help: 'no second process, which ends the notes if this one is killed' },
  { name: 'horizon', value: 'MS', help: 'notes nearer than this are committed (10 to 100; 20)' },
]

const FACE_FLAGS: readonly Flag[] = [
  {
    name: 'web',
    value: '[HOST:]PORT',
    help: `where the page and the WebSocket are served (${DEFAULT_WEB.host}:${DEFAULT_WEB.port})`,
  },
  { name: 'no-web', help: 'no page and no WebSocket' },
  {
    name: 'token',
    value: 'SECRET',
    help: 'what a client must know; needed where --web reaches beyond this machine',
  },
  { name: 'octave', value: 'NAME', help: 'what middle C is called: C3 as in Live and Logic, or C4 (C3)' },
  { name: 'ascii', help: 'draw with plain letters alone; terminals without UTF-8 get that anyway' },
]

export const PLAY_FLAGS: readonly Flag[] = [
  ...OWN_FLAGS,
  ...PORT_AND_TIMING_FLAGS,
  ...FACE_FLAGS,
  ...CONTROL_FLAGS,
]

export const PLAY_HELP = helpText(
  'rubato [play] [options] [controls]',
  'Plays, endlessly, into the MIDI port Rubato. Without a sequencer it plays in silence and says so.',
  [
    ['Options', OWN_FLAGS],
    ['Ports and timing', PORT_AND_TIMING_FLAGS],
    ['Dashboard and page', FACE_FLAGS],
    ['Controls', CONTROL_FLAGS],
  ],
)

/**
 * How many notes of a prompt the network receives at most if `--prompt-seconds` isn't given. Each takes some four steps of
 * the network, so that a slow machine begins to play within a second. More keep the player waiting; fewer leave out notes
 * that the network still remembers.
 */
export const QUICK_PROMPT_NOTES = 180

/** The longest `--for`, 24 days: a timer of Node holds 31 bits of milliseconds. */
const LONGEST_TIMER_S = 2_147_483

/** The options of `rubato play`. */
interface PlayOptions {
  readonly app: Omit<AppOptions, 'onNotice' | 'onLost' | 'presets' | 'savePresets' | 'mapOf' | 'saveMap'>
  readonly octave: 'C3' | 'C4'
  readonly ascii: boolean
  /** A sentence for each flag that does nothing with this model. */
  readonly unsupported: readonly string[]
  readonly paused: boolean
  /** Whether the music begins with the band's transport. */
  readonly waitsForBand: boolean
  readonly headless: boolean
  readonly json: boolean
  /** How long to play, in seconds; null for no end. */
  readonly seconds: number | null
  readonly ports: PortSettings
  readonly prompt: Prompt | null
  readonly theme: ThemeFile | null
  /** The score that is played first. */
  readonly score: GivenScore | null
  readonly style: Style | null
  /** The chords that the music keeps to from its first bar on. */
  readonly progression: Progression | null
}

/**
 * The options that the flags ask for; those that no flag sets are as `remembered`. Throws Refused for options that can't
 * be met.
 */
export async function playOptionsFrom(given: Given, remembered: Settings | null): Promise<PlayOptions> {
  const isAtTerminal = process.stdin.isTTY && canDraw(process.env, process.stdout) && isInForeground()
  const headless = given.values.headless === true || !isAtTerminal
  if (given.values.json && !headless) throw new Refused('--json needs --headless.')
  const seconds = numberFrom(given, 'for', { min: 0.1, max: LONGEST_TIMER_S }, null)
  const controls = controlsFrom(given, remembered?.controls ?? defaultControls())
  const horizon = numberFrom(given, 'horizon', { min: 10, max: 100 }, DEFAULT_HORIZON_MS)
  const repeatGap = numberFrom(given, 'repeat-gap', { min: 0, max: 20 }, REPEAT_GAP_MS)
  const ports = portsFrom(given, remembered?.ports ?? DEFAULT_PORTS)
  const realtime = choiceFrom(given, 'realtime', ['auto', 'on', 'off'])
  const record = newFileFrom(given, 'record', 'recording')
  const take = newFileFrom(given, 'take', 'take')
  const web = webFrom(given)
  const { prompt, theme, style, progression, ...music } = await musicFrom(given, QUICK_PROMPT_NOTES)
  const score = await scoreFrom(given, music.model)
  return {
    unsupported: unsupportedFlags(given, music.model),
    paused: given.values.paused === true,
    waitsForBand: startsWithBand(ports.sync),
    headless,
    json: given.values.json === true,
    octave: choiceFrom(given, 'octave', ['C3', 'C4']),
    ascii: given.values.ascii === true,
    seconds,
    ports,
    prompt,
    theme,
    score,
    style,
    progression,
    app: {
      ...music,
      prompt: prompt?.events ?? [],
      drummer: drummerFrom(given, controls, music.model),
      controls: onItsChannel(music.model, controls, given),
      horizon,
      repeatGap,
      hasKeeper: given.values.keeper !== false,
      to: ports.to,
      toIsRemembered: given.values.to === undefined,
      from: ports.from,
      controllers: controllersOf(ports),
      input: inputSettingsOf(ports),
      realtime,
      sync: ports.sync,
      record,
      take,
      captures: capturesFrom(given),
      web,
      showsAhead: !headless || web !== null,
    },
  }
}

/** The new file that a flag names, or null. Throws Refused if the file exists: no recording is written over. */
function newFileFrom(given: Given, flag: string, what: string): string | null {
  const path = textFrom(given, flag)
  if (path === null) return null
  if (existsSync(path)) throw new Refused(`${path} is there already; give the ${what} another name.`)
  requireWritable(path)
  return path
}

/** The absolute path of the folder for captures. Throws Refused if the folder doesn't exist. */
function capturesFrom(given: Given): string {
  const folder = resolve(textFrom(given, 'captures') ?? '.')
  if (!existsSync(folder)) throw new Refused(`There is no folder ${folder} for captures; make it first.`)
  return folder
}

/** Where the page is served, or null for `--no-web`. Throws Refused for an address that all may reach without a token. */
function webFrom(given: Given): WebAddress | null {
  const token = textFrom(given, 'token')
  // `parseArgs` reads --no-web as a `web` that is false.
  if (given.values.web === false) return null
  const text = textFrom(given, 'web')
  const address = text === null ? DEFAULT_WEB : parseAddress(text)
  requireToken(address, token)
  return { ...address, token }
}
