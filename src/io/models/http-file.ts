import { Refused } from '../../engine/refused.js'
import { codeOf, messageOf } from '../error-text.js'
import { Unavailable } from './unavailable.js'

/** Where the bytes of a file go. Its functions throw {@link Unavailable} where they can't. */
export interface Sink {
  /** Bytes that are in it. */
  readonly length: number
  /** Puts nothing in the place of what is in it. */
  clear(): Promise<void>
  add(bytes: Uint8Array): Promise<void>
}

/** Nothing comes for this long: the connection is dead. */
const PATIENCE_MS = 30_000

/** Not now, but perhaps later; besides these, the server's own faults (5xx). */
const PASSING_STATUS: readonly number[] = [408, 425, 429]

/**
 * The address that somebody typed; null where it is none of the web's, but a path. Throws {@link Refused} for one that
 * can't be fetched from.
 */
export function webAddress(text: string): URL | null {
  const scheme = /^([a-z][a-z\d+.-]+):\/\//i.exec(text)?.[1]?.toLowerCase()
  if (scheme === undefined) return null
  if (scheme !== 'http' && scheme !== 'https')
    throw new Refused(
      `${text} is neither an http nor an https address; download its files and name their folder.`,
    )
  let address: URL
  try {
    address = new URL(text)
  } catch {
    throw new Refused(`${text} isn't a web address; one looks like https://host/folder/.`)
  }
  // They would be written down, in the part's marker and on the card.
  if (address.username || address.password)
    throw new Refused(
      `An address with a user's name or password (${address.host}) isn't taken; download its files and name their folder.`,
    )
  address.hash = ''
  return address
}

/**
 * Fetches the file at `address`, at most `most` bytes, going on from what is in `sink` where the server can do so;
 * `onProgress` is told how many bytes are there. Returns whether the end of the file is known to have come: a server that
 * tells no length and closes the connection may have been cut off. Throws {@link Unavailable}, or {@link Refused} where
 * the file is too long.
 */
export async function fetchInto(
  sink: Sink,
  address: URL,
  most: number,
  stop: AbortSignal,
  onProgress: (bytes: number) => void,
): Promise<boolean> {
  const silence = new AbortController()
  const hush = () => silence.abort(new Error(`nothing came for ${PATIENCE_MS / 1000} s`))
  let timer = setTimeout(hush, PATIENCE_MS)
  const signal = AbortSignal.any([stop, silence.signal])
  try {
    const answer = await ask(sink, address, signal)
    if (answer === 'whole') return true
    for await (const chunk of answer.body) {
      if (sink.length + chunk.length > most)
        throw new Refused(`${address.href} is longer than the ${most} bytes that it should have.`)
      await sink.add(chunk)
      onProgress(sink.length)
      clearTimeout(timer)
      timer = setTimeout(hush, PATIENCE_MS)
    }
    if (answer.length !== null && sink.length !== answer.length)
      throw failing(address, `broke off at ${sink.length} of ${answer.length} bytes`)
    return answer.tellsItsEnd
  } catch (error) {
    throw error instanceof Refused ? error : unreachable(address, error, signal)
  } finally {
    clearTimeout(timer)
  }
}

/** A body that goes on where the sink ends. */
interface Answer {
  readonly body: AsyncIterable<Uint8Array>
  /** Bytes of the whole file, where a range says so. */
  readonly length: number | null
  readonly tellsItsEnd: boolean
}

async function ask(sink: Sink, address: URL, signal: AbortSignal): Promise<Answer | 'whole'> {
  const from = sink.length
  // Compressed, a length or an offset would count other bytes than those that are kept.
  const headers = { 'accept-encoding': 'identity', ...(from > 0 && { range: `bytes=${from}-` }) }
  const response = await fetch(address, { signal, headers })
  const { status, body } = response
  if (from > 0 && (status === 206 || status === 416)) {
    const range = readRange(response)
    if (status === 416 && range.length === from) return 'whole'
    if (status === 206 && body && range.from === from && range.isToTheEnd)
      return { body, length: range.length, tellsItsEnd: true }
    // Not what was asked for: appended, it would make another file.
    await body?.cancel()
    await sink.clear()
    return ask(sink, address, signal)
  }
  if (status !== 200 || !body) {
    const isPassing = status >= 500 || PASSING_STATUS.includes(status)
    const cure = isPassing ? 'wait a while' : 'look at the address'
    throw new Unavailable(`${address.href} answers ${status}`, cure, isPassing)
  }
  await sink.clear()
  const tellsItsEnd = response.headers.has('content-length') || response.headers.has('transfer-encoding')
  return { body, length: null, tellsItsEnd }
}

/** A Content-Range: `bytes 100-199/200`, or with a star for the 100-199 where there is nothing at the offset. */
function readRange({ headers }: Response): {
  readonly from: number | null
  readonly length: number | null
  readonly isToTheEnd: boolean
} {
  const given = /^bytes (?:(\d+)-(\d+)|\*)\/(\d+)$/.exec(headers.get('content-range') ?? '')
  const isPlain = (headers.get('content-encoding') ?? 'identity') === 'identity'
  const [from, to, length] = given && isPlain ? given.slice(1) : []
  return {
    from: from === undefined ? null : Number(from),
    length: length === undefined ? null : Number(length),
    isToTheEnd: Number(to) + 1 === Number(length),
  }
}

function unreachable(address: URL, error: unknown, signal: AbortSignal): Unavailable {
  if (signal.aborted) return failing(address, `can't be had (${messageOf(signal.reason)})`)
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error
  // The network's failures have a code; without one it is the address that can't be fetched from, today or tomorrow.
  if (cause instanceof Error && 'code' in cause) return failing(address, `can't be had (${codeOf(cause)})`)
  return new Unavailable(`${address.href} can't be had (${messageOf(cause)})`, 'look at the address', false)
}

function failing(address: URL, how: string): Unavailable {
  return new Unavailable(`${address.href} ${how}`, 'look at the address and the connection', true)
}
