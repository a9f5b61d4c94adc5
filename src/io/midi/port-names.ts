import { Refused } from '../../engine/refused.js'

/** Port names as the systems spell them: ALSA's are `Client:Port 128:0`, those of macOS and Windows are plain. */

/** The name without ALSA's trailing client:port numbers, which change at each start. */
export function bareName(name: string): string {
  return name.replace(/ \d+:\d+$/, '')
}

/** ALSA's client:port numbers of a name as [client, port], undefined where it has none. */
export function addressOf(name: string): string | undefined {
  return / (\d+:\d+)$/.exec(name)?.[1]
}

/** What its owner called the port: without numbers and without ALSA's client name. */
export function portPart(name: string): string {
  const bare = bareName(name)
  return bare === name ? name : bare.slice(bare.indexOf(':') + 1)
}

/**
 * Which of `names` is meant by `wanted`: the whole name; else the name without numbers or the port's own name, exactly;
 * else a beginning of either, whatever the case. Throws Refused with the list when none or several fit.
 * @returns index into names.
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

/** All that `wanted` may mean by the rules of {@link matchPort}: indices into names. */
export function fittingPorts(names: readonly string[], wanted: string): number[] {
  const whole = names.indexOf(wanted)
  if (whole >= 0) return [whole]
  const low = wanted.toLowerCase()
  const exact = fitting(names, (key) => key === wanted)
  return exact.length > 0 ? exact : fitting(names, (key) => key.toLowerCase().startsWith(low))
}

/** As {@link matchPort}, passing over the ports of ours, called `own`. @returns index into all `names`. */
export function matchForeignPort(names: readonly string[], wanted: string, own: readonly string[]): number {
  const foreign = foreignPorts(names, own)
  return names.indexOf(foreign[matchPort(foreign, wanted)] ?? '')
}

function fitting(names: readonly string[], test: (key: string) => boolean): number[] {
  return names.flatMap((name, index) => (test(bareName(name)) || test(portPart(name)) ? [index] : []))
}

const list = (names: readonly string[]) => names.map((name) => `"${name}"`).join(', ')

/** `base`, or `base 2`, `base 3`, ... if ports of those names are there already. */
export function freeName(base: string, taken: readonly string[]): string {
  const names = new Set(taken.map(portPart))
  let name = base
  for (let number = 2; names.has(name); number++) name = `${base} ${number}`
  return name
}

/** What the virtual input beside the output called `portName` is called. */
export function inputName(portName: string): string {
  return `${portName} in`
}

/** The names of an instance's own ports: none of them is ever offered to itself. */
export function ownPorts(portName: string): string[] {
  return [portName, inputName(portName)]
}

/** Names that aren't ports of our own, called `own`: we must not be offered to ourselves. */
export function foreignPorts(names: readonly string[], own: readonly string[]): string[] {
  return names.filter((name) => !own.includes(portPart(name)))
}
