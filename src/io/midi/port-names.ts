import { Refused } from '../../engine/refused.js'

// Systems spell port names differently: ALSA's are `Client:Port 128:0`, those of macOS and Windows have no structure.

/** The name without ALSA's trailing client:port numbers, which change at each start. */
export function bareName(name: string): string {
  return name.replace(/ \d+:\d+$/, '')
}

/** ALSA's address in a name, such as `128:0`; undefined where the name has none. */
export function addressOf(name: string): string | undefined {
  return / (\d+:\d+)$/.exec(name)?.[1]
}

/** The name that a port's own program gave it, without ALSA's numbers and client name. */
export function portPart(name: string): string {
  const bare = bareName(name)
  return bare === name ? name : bare.slice(bare.indexOf(':') + 1)
}

/**
 * Finds the port that a user means by `wanted`. A whole name counts first; then a name without ALSA's numbers, or the
 * port's own name, exactly; then the beginning of either in upper or lower case. Throws Refused with the list when no
 * port fits, or several do. @returns an index into `names`.
 */
export function matchPort(names: readonly string[], wanted: string): number {
  const fits = fittingPorts(names, wanted)
  const [first] = fits
  if (first !== undefined && fits.length === 1) return first
  if (fits.length > 1) {
    throw new Refused(
      `"${wanted}" could be any of these ports, so give more of the name: ${list(fits.map((i) => names[i]!))}.`,
    )
  }
  throw new Refused(
    names.length === 0
      ? `There is no MIDI port "${wanted}", nor any other to connect to.`
      : `There is no MIDI port "${wanted}"; there are: ${list(names)}.`,
  )
}

/** The port that {@link matchPort} finds, by its full name; undefined where none or several fit. */
export function findPort(names: readonly string[], wanted: string): string | undefined {
  const [first, second] = fittingPorts(names, wanted)
  return first === undefined || second !== undefined ? undefined : names[first]
}

/** All ports that `wanted` may mean by the rules of {@link matchPort}: indices into `names`. */
export function fittingPorts(names: readonly string[], wanted: string): number[] {
  const whole = names.indexOf(wanted)
  if (whole >= 0) return [whole]
  const low = wanted.toLowerCase()
  const exact = fitting(names, (key) => key === wanted)
  return exact.length > 0 ? exact : fitting(names, (key) => key.toLowerCase().startsWith(low))
}

/**
 * Finds a port by the rules of {@link matchPort}, but never one of Rubato's own, called `own`. @returns an index into all
 * `names`.
 */
export function matchForeignPort(names: readonly string[], wanted: string, own: readonly string[]): number {
  const foreign = foreignPorts(names, own)
  return names.indexOf(foreign[matchPort(foreign, wanted)] ?? '')
}

function fitting(names: readonly string[], test: (key: string) => boolean): number[] {
  return names.flatMap((name, index) => (test(bareName(name)) || test(portPart(name)) ? [index] : []))
}

const list = (names: readonly string[]) => names.map((name) => `"${name}"`).join(', ')

/** `base`, or the first of `base 2`, `base 3`, ... that no port is called yet. */
export function freeName(base: string, taken: readonly string[]): string {
  const names = new Set(taken.map(portPart))
  let name = base
  for (let number = 2; names.has(name); number++) name = `${base} ${number}`
  return name
}

/** The name of the virtual input that belongs to the output called `portName`. */
export function inputName(portName: string): string {
  return `${portName} in`
}

/** The names of the two virtual ports of an instance. */
export function ownPorts(portName: string): string[] {
  return [portName, inputName(portName)]
}

/** The names of all ports but Rubato's own, called `own`: Rubato must not be connected to itself. */
export function foreignPorts(names: readonly string[], own: readonly string[]): string[] {
  return names.filter((name) => !own.includes(portPart(name)))
}
