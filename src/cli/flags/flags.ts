import { parseArgs } from 'node:util'
import { describeRange, parseControl } from '../../engine/controls/control-values.js'
import {
  CONTROL_NAMES,
  CONTROLS,
  type ControlName,
  type Controls,
  defaultControls,
  withControl,
} from '../../engine/controls/controls.js'
import { Refused } from '../../engine/refused.js'
import { messageOf } from '../../io/error-text.js'

/**
 * A flag of the command line. With `value`, its placeholder in the help, the flag needs a value; without, it is a
 * switch.
 */
export interface Flag {
  readonly name: string
  readonly short?: string
  readonly value?: string
  readonly help: string
}

/** The flags and arguments given on the command line; flags by name. */
export interface Given {
  readonly values: Readonly<Record<string, string | boolean | undefined>>
  readonly positionals: readonly string[]
}

/** The flag of a control: `keyLock` is set by `--key-lock`. */
export function flagName(control: ControlName): string {
  return control.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
}

/** A flag for every control of the table. */
export const CONTROL_FLAGS: readonly Flag[] = CONTROL_NAMES.map((name) => {
  const flag = { name: flagName(name), help: `${CONTROLS[name].help} (${controlRange(name)})` }
  return CONTROLS[name].kind === 'switch' ? flag : { ...flag, value: placeholder(name) }
})

function controlRange(name: ControlName): string {
  return CONTROLS[name].kind === 'switch' ? `--no-${flagName(name)} turns it off` : describeRange(name)
}

function placeholder(name: ControlName): string {
  const { kind } = CONTROLS[name]
  if (kind === 'range') return 'LOW-HIGH'
  return kind === 'choice' ? 'NAME' : kind === 'weights' ? 'W,W,...' : 'N'
}

/** Reads arguments by the given flags. Throws Refused, with one sentence, for a wrong flag or number of arguments. */
export function parseFlags(args: readonly string[], flags: readonly Flag[], positionals: boolean): Given {
  const options = Object.fromEntries(
    flags.map(({ name, short, value }) => [
      name,
      { type: value === undefined ? ('boolean' as const) : ('string' as const), ...(short && { short }) },
    ]),
  )
  try {
    const { values, positionals: rest } = parseArgs({
      args: joinNegatives(args, flags),
      options,
      allowPositionals: positionals,
      // `--no-...` is allowed, so that a remembered switch can be turned off.
      allowNegative: true,
      strict: true,
    })
    return { values: values as Given['values'], positionals: rest }
  } catch (error) {
    throw new Refused(explain(error))
  }
}

/** Joins a flag and its negative number: of `--transpose -5`, parseArgs would take `-5` for a flag. */
function joinNegatives(args: readonly string[], flags: readonly Flag[]): string[] {
  const takesValue = new Set(flags.flatMap(({ name, value }) => (value === undefined ? [] : [`--${name}`])))
  const joined: string[] = []
  for (const arg of args) {
    const last = joined.at(-1)
    if (last !== undefined && takesValue.has(last) && /^-[\d.]/.test(arg)) {
      joined[joined.length - 1] = `${last}=${arg}`
    } else joined.push(arg)
  }
  return joined
}

function explain(error: unknown): string {
  const text = messageOf(error)
  const first = text.split(/\. |\n/)[0] ?? text
  return `${first.replace(/\.$/, '')}; see --help.`
}

/** `before` with the controls that flags were given for. Throws Refused for a value out of range. */
export function controlsFrom({ values }: Given, before: Controls = defaultControls()): Controls {
  let controls = before
  for (const name of CONTROL_NAMES) {
    const given = values[flagName(name)]
    if (given === undefined) continue
    const checked =
      typeof given === 'boolean' ? { ok: true as const, value: given } : parseControl(name, given)
    if (!checked.ok) throw new Refused(`--${flagName(name)} takes ${describeRange(name)}, not "${given}".`)
    controls = withControl(controls, name, checked.value)
  }
  return controls
}

/** The least and the greatest number that a flag accepts. */
export interface Limits {
  readonly min: number
  readonly max: number
  readonly whole?: boolean
}

/** The value of a number flag, or `otherwise` where it isn't given. Throws Refused where it is outside the limits. */
export function numberFrom<Otherwise>(
  given: Given,
  flag: string,
  limits: Limits,
  otherwise: Otherwise,
): number | Otherwise {
  return wordOrNumberFrom<never, Otherwise>(given, flag, [], limits, otherwise)
}

/**
 * The value of a flag that accepts one of a few words, or a number; `otherwise` where it isn't given. Throws Refused for
 * another word, or a number outside the limits.
 */
export function wordOrNumberFrom<const Word extends string, Otherwise>(
  { values }: Given,
  flag: string,
  words: readonly Word[],
  limits: Limits,
  otherwise: Otherwise,
): Word | number | Otherwise {
  const given = values[flag]
  if (given === undefined) return otherwise
  const word = words.find((candidate) => candidate === given)
  if (word !== undefined) return word
  const value = /^-?(\d+\.?\d*|\.\d+)$/.test(String(given)) ? Number(given) : Number.NaN
  const fits = value >= limits.min && value <= limits.max && (!limits.whole || Number.isInteger(value))
  if (fits) return value
  const orWords = words.length === 0 ? '' : `${words.join(', ')} or `
  const kind = limits.whole ? 'a whole number' : 'a number'
  throw new Refused(`--${flag} takes ${orWords}${kind} from ${limits.min} to ${limits.max}, not "${given}".`)
}

/**
 * The value of a flag that accepts one of a few words; the first where it isn't given. Throws Refused for another word.
 */
export function choiceFrom<const Option extends string>(
  { values }: Given,
  flag: string,
  options: readonly [Option, ...Option[]],
): Option {
  const given = values[flag]
  if (given === undefined) return options[0]
  const found = options.find((option) => option === given)
  if (found === undefined) throw new Refused(`--${flag} takes ${options.join(', ')}, not "${given}".`)
  return found
}

/** The value of a text flag, or null where it isn't given. Throws Refused where it is empty. */
export function textFrom({ values }: Given, flag: string): string | null {
  const given = values[flag]
  if (given === undefined) return null
  if (typeof given !== 'string' || given === '') throw new Refused(`--${flag} needs a value.`)
  return given
}

/** The help of a command: its usage, what it does, and its flags in groups. */
export function helpText(
  usage: string,
  what: string,
  groups: readonly (readonly [title: string, flags: readonly Flag[]])[],
): string {
  const sections = groups.map(([title, flags]) => {
    const rows = flags.map(({ name, short, value, help }): [string, string] => {
      const left = `${short ? `-${short}, ` : '    '}--${name}${value ? ` ${value}` : ''}`
      return [left, help]
    })
    const width = Math.max(...rows.map(([left]) => left.length)) + 2
    return `${title}:\n${rows.map(([left, help]) => `  ${left.padEnd(width)}${help}`).join('\n')}\n`
  })
  return `Usage: ${usage}\n\n${what}\n\n${sections.join('\n')}`
}
