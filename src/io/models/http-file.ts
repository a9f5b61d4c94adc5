import { Refused } from '../../engine/refused.js'
import { codeOf, messageOf } from '../error-text.js'
import { Unavailable } from './unavailable.js'

/** A place to which the bytes of a file are written. Its functions throw {@link Unavailable} if writing fails. */
export interface Sink {
  /** How many bytes have been written. */
  readonly length: number
  /** Drops all bytes. */
  clear(): Promise<void>
  add(bytes: Uint8Array): Promise<void>
}

/**
 * A connection over which nothing arrives for this long is given up. Shorter: slow servers are given up. Longer: the user
 * waits longer for a dead one.
 */
const PATIENCE_MS = 30_000

/** The HTTP statuses, besides 500 and above, after which a later try may succeed: timeout, too early, too many requests. */
const PASSING_STATUS: readonly number[] = [408, 425, 429]

/**
 * Reads a web address as a user types it; null for a text without a scheme, which is a path. Throws {@link Refused} for an
 * address that can't be fetched from.
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
  // A user's name and password would be written to the marker of the download and to the model's card.
  if (address.username || address.password)
    throw new Refused(
      `An address with a user's name or password (${address.host}) isn't accepted; download its files and name their folder.`,
    )
  address.hash = ''
  return address
}

/**
 * Fetches the file at `address` into `sink`, at most `most` bytes, resuming after the bytes in `sink` where the server can
 * do that. `onProgress` is told how many bytes `sink` holds. Throws {@link Unavailable}, or {@link Refused} for a file that
 * is too long. @returns whether the file is known to be whole: where the server gives no length, a connection that closes
 * may have been cut off.
 */
export async function fetchInto(
  sink: Sink,
  address: URL,
  most: number,
  stop: AbortSignal,
  onProgress: (bytes: number) => void,
): Promise<boolean> {
  const silence = new AbortController()
  const giveUp = () => silence.abort(new Error(`nothing came for ${PATIENCE_MS / 1000} s`))
  let timer = setTimeout(giveUp, PATIENCE_MS)
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
      timer = setTimeout(giveUp, PATIENCE_MS)
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

/** A server's answer: the part of the file that follows the bytes in the sink. */
interface Answer {
  readonly body: AsyncIterable<Uint8Array>
  /** Length of the whole file in bytes, where the server answers with a range; else null. */
  readonly length: number | null
  /** Whether the answer has a length or is chunked, so that a connection that breaks off is noticed. */
  readonly tellsItsEnd: boolean
}

async function ask(sink: Sink, address: URL, signal: AbortSignal): Promise<Answer | 'whole'> {
  const from = sink.length
  // Lengths and offsets of a compressed answer would count other bytes than those in the sink.
  const headers = { 'accept-encoding': 'identity', ...(from > 0 && { range: `bytes=${from}-` }) }
  const response = await fetch(address, { signal, headers })
  const { status, body } = response
  if (from > 0 && (status === 206 || status === 416)) {
    const range = readRange(response)
    if (status === 416 && range.length === from) return 'whole'
    if (status === 206 && body && range.from === from && range.isToTheEnd)
      return { body, length: range.length, tellsItsEnd: true }
    // The server sends another range than requested; appended, it would make a different file.
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

/** Reads a Content-Range, `bytes 100-199/200`; where the file has nothing at the offset, a star replaces `100-199`. */
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
  if (signal.aborted) return failing(address, `can't be fetched (${messageOf(signal.reason)})`)
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error
  // Failures of the network have a code. Without one the address itself is wrong, and a later try fails too.
  if (cause instanceof Error && 'code' in cause)
    return failing(address, `can't be fetched (${codeOf(cause)})`)
  return new Unavailable(
    `${address.href} can't be fetched (${messageOf(cause)})`,
    'look at the address',
    false,
  )
}

function failing(address: URL, how: string): Unavailable {
  return new Unavailable(`${address.href} ${how}`, 'look at the address and the connection', true)
}
