/** Bits of colour: 0 for none, 4 for the 16 of every terminal, 8 for the 256 of xterm, 24 for all. */
export type ColourDepth = 0 | 4 | 8 | 24

/** The abilities of a terminal: its colours and characters. */
export interface TerminalTraits {
  readonly unicode: boolean
  readonly colour: ColourDepth
}

type Environment = Readonly<Record<string, string | undefined>>

/**
 * Whether the output is a terminal that the dashboard can be drawn on: neither a pipe nor one that can't move its
 * cursor.
 */
export function canDraw(env: Environment, stdout: { readonly isTTY?: boolean }): boolean {
  return stdout.isTTY === true && env.TERM !== 'dumb'
}

/**
 * Reads from the environment what the terminal can show. Where the environment says nothing, the least is assumed, which
 * any terminal can show.
 */
export function terminalTraits(env: Environment, platform: NodeJS.Platform): TerminalTraits {
  return { unicode: hasUnicode(env, platform), colour: colourDepth(env) }
}

function hasUnicode(env: Environment, platform: NodeJS.Platform): boolean {
  if (platform === 'win32') return env.WT_SESSION !== undefined || env.TERM_PROGRAM !== undefined
  const locale = [env.LC_ALL, env.LC_CTYPE, env.LANG].find((value) => value !== undefined && value !== '')
  return /utf-?8/i.test(locale ?? '')
}

function colourDepth(env: Environment): ColourDepth {
  // https://no-color.org: NO_COLOR counts when it is present and not empty, whatever its value.
  if (env.NO_COLOR !== undefined && env.NO_COLOR !== '') return 0
  if (/^(truecolor|24bit)$/i.test(env.COLORTERM ?? '') || env.WT_SESSION !== undefined) return 24
  if (/256/.test(env.TERM ?? '')) return 8
  return 4
}
