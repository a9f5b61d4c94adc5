import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, it } from 'vitest'
import { readSequencer } from '../../src/io/midi/alsa-peers.js'
import { dump, endDumps, noSequencer, stuckNotes, until } from '../helpers/alsa-peer.js'
import { withSettingsIn } from '../helpers/fresh-settings.js'

const CLI = fileURLToPath(new URL('../../dist/cli.js', import.meta.url))

const children: ReturnType<typeof spawn>[] = []
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
  endDumps()
})

/** The values of the sustain pedal that a peer received, in order. */
const pedalsIn = (lines: readonly string[]) =>
  lines.flatMap((line) => {
    const found = /Control change\s+\d+, controller 64, value (\d+)/.exec(line)
    return found ? [Number(found[1])] : []
  })

describe.skipIf(noSequencer !== '')(`the pedal at a real port ${noSequencer}`, () => {
  it.each(['SIGTERM', 'SIGINT'] as const)('goes down and up, and is up after %s', async (signal) => {
    const music = ['--seed', '9', '--density', '12', '--pedal', 'auto', '--headless']
    const child = spawn('node', [CLI, ...music], { env: withSettingsIn() })
    children.push(child)
    const gone = new Promise((resolve) => child.on('exit', resolve))
    await until('the port', () => readSequencer()?.includes('"Rubato"') === true)
    const { lines } = await dump('RtMidi Output Client')
    await until('the pedal down a second time', () => {
      const moves = pedalsIn(lines)
      return moves.filter((value) => value === 127).length > 1 && moves.at(-1) === 127
    })
    child.kill(signal)
    await gone
    await until('the port goes', () => lines.some((line) => /Port unsubscribed|exit/i.test(line)))
    expect(pedalsIn(lines).at(-1)).toBe(0)
    expect(stuckNotes(lines)).toEqual([])
  })
})
