import type { ColourDepth, TerminalTraits } from './terminal-traits.js'

type Rgb = readonly [red: number, green: number, blue: number]

/**
 * Levels of loudness that the roll shows: with fewer a crescendo has visible steps, with more neighbours look the same.
 */
export const LEVELS = 8

/** The owners of notes on the roll, in the order of the roll's cell codes. */
export const VOICES = ['pianist', 'player', 'planned'] as const
export type Voice = (typeof VOICES)[number]

/**
 * The colours of each voice from softest to loudest: violet over rose to gold, teal to mint, and slate for planned
 * notes.
 */
const GRADIENTS: Readonly<Record<Voice, readonly [Rgb, Rgb, Rgb]>> = {
  pianist: [
    [86, 64, 150],
    [214, 72, 118],
    [255, 216, 110],
  ],
  player: [
    [30, 110, 110],
    [50, 180, 150],
    [180, 255, 220],
  ],
  planned: [
    [58, 60, 84],
    [92, 96, 130],
    [150, 156, 190],
  ],
}

/** The colours of each voice by level on a terminal with 16 colours, as foreground codes (SGR). */
const SIXTEEN: Readonly<Record<Voice, readonly number[]>> = {
  pianist: [34, 34, 35, 35, 95, 33, 93, 97],
  player: [36, 36, 36, 32, 32, 92, 92, 96],
  planned: [90, 90, 90, 90, 90, 37, 37, 37],
}

/** The styles of words and lines in the panels. */
const STYLES = {
  dim: { rgb: [120, 122, 140], sixteen: '90', none: '2' },
  faint: { rgb: [62, 63, 78], sixteen: '90', none: '2' },
  strong: { rgb: [240, 236, 226], sixteen: '97', none: '1', also: '1' },
  accent: { rgb: [255, 200, 98], sixteen: '33', none: '1' },
  aim: { rgb: [170, 130, 190], sixteen: '35', none: '2' },
  player: { rgb: [96, 214, 178], sixteen: '36', none: '1' },
  good: { rgb: [130, 200, 120], sixteen: '32', none: '' },
  warn: { rgb: [240, 170, 70], sixteen: '33', none: '1' },
  bad: { rgb: [255, 105, 97], sixteen: '91', none: '1', also: '1' },
  /** The background of the filled part of a cell. */
  filled: { rgb: [74, 62, 110], sixteen: '44', none: '7', behind: true },
  /** The background of the filled part of the chosen control's cell. */
  chosen: { rgb: [176, 108, 50], sixteen: '43;30', none: '7', also: '1', behind: true },
  white: { rgb: [206, 204, 198], sixteen: '47;30', none: '7', also: '38;5;238', behind: true },
  black: { rgb: [34, 34, 42], sixteen: '40;37', none: '', behind: true },
} as const satisfies Record<string, StyleSource>

interface StyleSource {
  readonly rgb: Rgb
  /** SGR parameters where there are 16 colours. */
  readonly sixteen: string
  /** SGR parameters where there is no colour. */
  readonly none: string
  /** SGR parameters besides the colour, where there are 256 or more colours. */
  readonly also?: string
  readonly behind?: boolean
}

export type Style = keyof typeof STYLES

/** Signs with their replacements in ASCII. */
const SIGNS = {
  playing: ['▶', '>'],
  paused: ['‖', '='],
  listening: ['◦', 'o'],
  ending: ['◢', '~'],
  chosen: ['›', '>'],
  full: ['━', '='],
  rest: ['─', '-'],
  guide: ['┊', '.'],
  cursor: ['▏', '_'],
  range: ['–', '-'],
  dot: ['·', '-'],
  waits: ['…', '.'],
  up: ['↑', 'Up'],
  down: ['↓', 'Down'],
} as const satisfies Record<string, readonly [unicode: string, ascii: string]>

export type Sign = keyof typeof SIGNS

/** Colours and signs for one terminal. */
export interface Theme extends TerminalTraits {
  /** `text` in a style; unchanged where the terminal can't show the style. */
  paint(style: Style, text: string): string
  /** The SGR parameters of a style; empty where the terminal can't show it. */
  codes(style: Style): string
  sign(sign: Sign): string
  /** The signs of a sparkline, from nothing to most. */
  readonly ramp: string
  /**
   * SGR parameters of a voice at a level: `front` for the sign's colour, `back` for its background; empty without
   * colour.
   */
  front(voice: Voice, level: number): string
  back(voice: Voice, level: number): string
}

export function createTheme({ unicode, colour }: TerminalTraits): Theme {
  const styles = Object.fromEntries(
    Object.entries(STYLES).map(([name, source]) => [name, styleCodes(source, colour)]),
  ) as Record<Style, string>
  const voices = Object.fromEntries(
    VOICES.map((voice) => [voice, Array.from({ length: LEVELS }, (_, level) => voiceCodes(voice, level))]),
  ) as Record<Voice, { front: string; back: string }[]>

  function voiceCodes(voice: Voice, level: number) {
    if (colour === 0) return { front: '', back: '' }
    const sixteen = SIXTEEN[voice][level] ?? 37
    if (colour === 4) return { front: String(sixteen), back: String(sixteen + 10) }
    const rgb = gradient(GRADIENTS[voice], level / (LEVELS - 1))
    return { front: colourCode(rgb, colour, false), back: colourCode(rgb, colour, true) }
  }

  return {
    unicode,
    colour,
    paint: (style, text) => {
      const code = styles[style]
      return code === '' || text === '' ? text : `\x1b[${code}m${text}\x1b[0m`
    },
    codes: (style) => styles[style],
    sign: (sign) => SIGNS[sign][unicode ? 0 : 1],
    ramp: unicode ? ' ▁▂▃▄▅▆▇█' : ' .:-=+*#%',
    front: (voice, level) => voices[voice][level]?.front ?? '',
    back: (voice, level) => voices[voice][level]?.back ?? '',
  }
}

function styleCodes(source: StyleSource, colour: ColourDepth): string {
  if (colour === 0) return source.none
  if (colour === 4) return source.sixteen
  const code = colourCode(source.rgb, colour, source.behind === true)
  return source.also === undefined ? code : `${source.also};${code}`
}

function colourCode([red, green, blue]: Rgb, colour: ColourDepth, behind: boolean): string {
  const ground = behind ? 48 : 38
  if (colour === 24) return `${ground};2;${red};${green};${blue}`
  return `${ground};5;${cubeIndex([red, green, blue])}`
}

/** The index of the nearest colour in xterm's cube of 6 x 6 x 6, whose sides stand at 0, 95, 135, 175, 215 and 255. */
function cubeIndex(rgb: Rgb): number {
  const [red, green, blue] = rgb.map((value) =>
    value < 48 ? 0 : value < 115 ? 1 : Math.min(5, Math.floor((value - 35) / 40)),
  ) as [number, number, number]
  return 16 + 36 * red + 6 * green + blue
}

function gradient([low, middle, high]: readonly [Rgb, Rgb, Rgb], share: number): Rgb {
  const [from, to, part] = share < 0.5 ? [low, middle, share * 2] : [middle, high, share * 2 - 1]
  const mix = (i: 0 | 1 | 2) => Math.round(from[i] + (to[i] - from[i]) * part)
  return [mix(0), mix(1), mix(2)]
}
