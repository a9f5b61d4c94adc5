import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Ms } from '../src/engine/units.js'

/** What LinkHut shows of itself in its one line, and when it was read. */
export interface HutLine {
  readonly isEnabled: boolean
  readonly peers: number
  readonly isPlaying: boolean
  readonly tempo: number
  /** Place in its song, in quarter notes; from the start of the song if it was started in a session. */
  readonly beat: number
  /** `performance.now()` when the line was read. */
  readonly at: Ms
}

/** LinkHut, the example program of the real library, without sound. */
export interface LinkHut {
  /** The last line; undefined before the first. */
  line(): HutLine | undefined
  /**
   * Presses keys: `a` enables Link, `s` start-stop sync, space starts and stops, `w` and `e` make it slower and faster, `q`
   * quits.
   */
  press(keys: string): void
  /** Ends it without a word to others. */
  kill(): void
}

/** Longest wait for LinkHut's first line: jackd and LinkHut start in a second on a quiet machine. */
const PATIENCE_MS: Ms = 20_000

/** Why LinkHut can't run on this machine, or null. */
export function missingLinkHut(): string | null {
  const folders = (process.env.PATH ?? '').split(delimiter)
  const missing = ['LinkHut', 'jackd'].filter(
    (name) => !folders.some((folder) => existsSync(join(folder, name))),
  )
  if (missing.length === 0) return null
  return `${missing.join(' and ')} missing: apt install ableton-link-utils jackd2`
}

let huts = 0

/**
 * Starts LinkHut with a sound server of its own that plays to nobody; both end with this process. Throws if it shows nothing.
 * @param inside the command that runs a program where LinkHut is to run, such as `ip netns exec NAME`
 */
export async function startLinkHut(inside: readonly string[] = []): Promise<LinkHut> {
  const server = `rubato-${process.pid}-${++huts}`
  const env = { ...process.env, JACK_DEFAULT_SERVER: server, JACK_NO_AUDIO_RESERVATION: '1' }
  const jack = ['jackd', '--no-realtime', '-n', server, '-d', 'dummy', '-r', '48000', '-p', '256']
  const children: ChildProcess[] = []
  const run = (command: readonly string[]) => {
    const [program = '', ...args] = [...inside, ...command]
    const child = spawn(program, args, { env, stdio: ['pipe', 'pipe', 'ignore'] })
    children.push(child)
    return child
  }
  const kill = () => {
    for (const child of children) child.kill('SIGKILL')
    process.removeListener('exit', kill)
  }
  process.on('exit', kill)
  run(jack).stdout.resume()
  await sleep(1000)
  const hut = run(['LinkHut'])
  let last: HutLine | undefined
  hut.stdout.on('data', (chunk: Buffer) => {
    for (const text of chunk.toString().split('\r')) last = readLine(text) ?? last
  })
  // It may have quit already.
  hut.stdin.on('error', () => {})
  hut.on('exit', kill)
  for (let waited = 0; last === undefined; waited += 50) {
    if (waited > PATIENCE_MS) {
      kill()
      throw new Error('LinkHut shows nothing.')
    }
    await sleep(50)
  }
  return { line: () => last, press: (keys) => hut.stdin.write(keys), kill }
}

/** Reads `yes     | 1         | 4       | yes [playing]   | 120.00  | 3.25    | XXXX`. */
function readLine(text: string): HutLine | undefined {
  const [enabled, peers, , playing, tempo, beat, metro] = text.split('|').map((cell) => cell.trim())
  if (metro === undefined || (enabled !== 'yes' && enabled !== 'no')) return undefined
  return {
    isEnabled: enabled === 'yes',
    peers: Number(peers),
    isPlaying: playing?.includes('[playing]') === true,
    tempo: Number(tempo),
    beat: Number(beat),
    at: performance.now(),
  }
}
