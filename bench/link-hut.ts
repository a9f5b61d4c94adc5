import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Ms } from '../src/engine/units.js'
import { now } from '../src/io/clock.js'

/** What LinkHut shows of itself in its one line, and when it was read. */
interface HutLine {
  readonly isEnabled: boolean
  readonly peers: number
  readonly isPlaying: boolean
  readonly tempo: number
  /** Place in its song, in quarter notes; from the start of the song if it was started in a session. */
  readonly beat: number
  /** Process time at which the line was read; that of every process on this machine is the same clock. */
  readonly at: Ms
}

/** LinkHut, the example program of the real library, without sound. */
export interface LinkHut {
  /** The last line; undefined before the first. */
  line(): HutLine | undefined
  /**
   * Presses keys: `a` enables Link, `s` start-stop sync, space starts and stops, `w` and `e` make it slower and faster, `q`
   * quits. Resolves when it has had time for all of them.
   */
  press(keys: string): Promise<void>
  /** Ends it without a word to others. */
  kill(): void
}

/** How long jackd, and then LinkHut, have to start, and how often that is tried. They take half a second on a quiet machine. */
const START_MS: Ms = 1000
const TRIES = 10

/** Why LinkHut can't run on this machine, or null. */
export function missingLinkHut(): string | null {
  const folders = (process.env.PATH ?? '').split(delimiter)
  const missing = ['LinkHut', 'jackd'].filter(
    (name) => !folders.some((folder) => existsSync(join(folder, name))),
  )
  if (missing.length === 0) return null
  return `${missing.join(' and ')} missing: apt install ableton-link-utils jackd2`
}

/** LinkHut reads one key at a time and forgets those that come together with it. */
const KEY_MS: Ms = 150

/** The numbers of the sound servers that run: JACK knows only 8 names at once, those that were left behind among them. */
const servers = new Set<number>()

/**
 * Starts LinkHut with a sound server of its own that plays to nobody; both end with this process. Throws if it shows nothing.
 * @param inside the command that runs a program where LinkHut is to run, such as `ip netns exec NAME`
 */
export async function startLinkHut(inside: readonly string[] = []): Promise<LinkHut> {
  let number = 1
  while (servers.has(number)) number++
  servers.add(number)
  const server = `rubato-bench-${number}`
  const env = { ...process.env, JACK_DEFAULT_SERVER: server, JACK_NO_START_SERVER: '1' }
  const run = (command: readonly string[]) => {
    const [program = '', ...args] = [...inside, ...command]
    const child = spawn(program, args, { env, stdio: ['pipe', 'pipe', 'ignore'] })
    // It may have quit already when a key is pressed.
    child.stdin.on('error', () => {})
    return child
  }
  const runJack = () => {
    const child = run(['jackd', '--no-realtime', '-n', server, '-d', 'dummy', '-r', '48000', '-p', '256'])
    child.stdout.resume()
    return child
  }
  let jack = runJack()
  let last: HutLine | undefined
  const runHut = () => {
    const child = run(['LinkHut'])
    child.stdout.on('data', (chunk: Buffer) => {
      for (const text of chunk.toString().split('\r')) last = readLine(text) ?? last
    })
    return child
  }
  let hut: ReturnType<typeof run> | undefined
  const kill = () => {
    hut?.kill('SIGKILL')
    // Killed, it would leave its shared memory behind.
    jack.kill('SIGTERM')
    servers.delete(number)
    process.removeListener('exit', kill)
  }
  process.on('exit', kill)
  for (let tries = 0; last === undefined; tries++) {
    if (tries === TRIES) {
      kill()
      throw new Error('LinkHut shows nothing.')
    }
    // Where the sound server isn't ready yet, LinkHut hangs; and it ends where one of its name is just ending.
    if (jack.exitCode !== null) jack = runJack()
    await sleep(START_MS)
    hut?.kill('SIGKILL')
    hut = runHut()
    await sleep(START_MS)
  }
  hut?.on('exit', kill)
  return {
    line: () => last,
    press: async (keys) => {
      for (const key of keys) {
        hut?.stdin.write(key)
        await sleep(KEY_MS)
      }
    },
    kill,
  }
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
    at: now(),
  }
}
