/** Bits of colour: none, the 16 of every terminal, the 256 of xterm, or all. */
export type ColourDepth = 0 | 4 | 8 | 24

/** What the terminal can show. */
export interface TerminalTraits {
  readonly unicode: boolean
  readonly colour: ColourDepth
}

type Environment = Readonly<Record<string, string | undefined>>

/** Whether there is a terminal that a dashboard can be drawn on, and not a pipe or one that knows no cursor. */
export function canDraw(env: Environment, stdout: { readonly isTTY?: boolean }): boolean {
  return stdout.isTTY === true && env.TERM !== 'dumb'
}

/** Reads from the environment what the terminal can show. Where it is silent the lesser is taken: it reads anywhere. */
export function terminalTraits(env: Environment, platform: NodeJS.Platform): TerminalTraits {
  return { unicode: hasUnicode(env, platform), colour: colourDepth(env) }
}

function hasUnicode(env: Environment, platform: NodeJS.Platform): boolean {
  if (platform === 'win32') return env.WT_SESSION !== undefined || env.TERM_PROGRAM !== undefined
  const locale = [env.LC_ALL, env.LC_CTYPE, env.LANG].find((value) => value !== undefined && value !== '')
  return /utf-?8/i.test(locale ?? '')
}

function colourDepth(env: Environment): ColourDepth {
  // https://no-color.org: present and not empty, whatever its value.
  if (env.NO_COLOR !== undefined && env.NO_COLOR !== '') return 0
  if (/^(truecolor|24bit)$/i.test(env.COLORTERM ?? '') || env.WT_SESSION !== undefined) return 24
  if (/256/.test(env.TERM ?? '')) return 8
  return 4
}
