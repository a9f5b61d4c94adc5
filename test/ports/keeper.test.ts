import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, it } from 'vitest'
import { readSequencer } from '../../src/io/midi/alsa-peers.js'
import {
  collectLines,
  countNotes,
  dump,
  endDumps,
  noSequencer,
  stuckNotes,
  until,
} from '../helpers/alsa-peer.js'
import { withSettingsIn } from '../helpers/fresh-settings.js'

const CLI = fileURLToPath(new URL('../../dist/cli.js', import.meta.url))

const children: ChildProcess[] = []
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
  endDumps()
})

/** The process ids of the keepers that `child` has started. */
function keepersOf(child: ChildProcess): number[] {
  try {
    const found = execFileSync('pgrep', ['-P', String(child.pid), '-f', 'keeper.js'], { encoding: 'utf8' })
    return found.trim().split('\n').map(Number)
  } catch {
    // pgrep found none.
    return []
  }
}

/** Starts Rubato with a peer that listens to it, once some notes sound and the keeper knows of the peer. */
async function startPlaying(...flags: readonly string[]) {
  const child = spawn('node', [CLI, '--seed', '3', '--density', '12', '--headless', ...flags], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: withSettingsIn(),
  })
  children.push(child)
  const errors = collectLines(child.stderr)
  const gone = new Promise((resolve) => child.on('exit', resolve))
  await until('the port', () => readSequencer()?.includes('"Rubato"') === true)
  const { lines } = await dump('RtMidi Output Client')
  // The ports are looked at once a second.
  const soon = Date.now() + 3000
  await until(
    'notes',
    () => Date.now() > soon && countNotes(lines, 'on') > 15 && stuckNotes(lines).length > 1,
  )
  return { child, gone, lines, errors }
}

describe.skipIf(noSequencer !== '')(`the keeper ${noSequencer}`, () => {
  it.each(['SIGKILL', 'SIGSEGV', 'SIGBUS', 'SIGFPE', 'SIGILL'] as const)(
    'ends the notes at the receivers after %s, which Rubato can’t catch, and ends itself',
    async (signal) => {
      const { child, gone, lines } = await startPlaying()
      const [keeper] = keepersOf(child)
      child.kill(signal)
      await gone
      await until('every note is ended', () => stuckNotes(lines).length === 0)
      await until('the keeper ends', () => readCommand(keeper) === '')
      expect(stuckNotes(lines)).toEqual([])
    },
  )

  it('is started again when it is killed, and is as good as the first', async () => {
    const { child, gone, lines, errors } = await startPlaying()
    const [first = 0] = keepersOf(child)
    process.kill(first, 'SIGKILL')
    await until('another keeper', () => keepersOf(child).some((keeper) => keeper !== first))
    // The sentence goes another way than the list of processes, and may come a moment later.
    const said = () => errors.filter((line) => line.includes('another was started'))
    await until('the sentence', () => said().length > 0)
    expect(said()).toHaveLength(1)
    const before = countNotes(lines, 'on')
    await until('it plays on', () => countNotes(lines, 'on') > before + 10 && stuckNotes(lines).length > 1)
    child.kill('SIGKILL')
    await gone
    await until('every note is ended', () => stuckNotes(lines).length === 0)
    expect(stuckNotes(lines)).toEqual([])
  })

  it('is left out with --no-keeper', async () => {
    const { child } = await startPlaying('--no-keeper')
    expect(keepersOf(child)).toEqual([])
  })
})

/** The command line of a process; '' if there is none. */
function readCommand(process: number | undefined): string {
  try {
    return readFileSync(`/proc/${process}/cmdline`, 'utf8')
  } catch {
    return ''
  }
}
