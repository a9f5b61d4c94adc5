import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseMidi } from 'midi-file'
import { afterEach, describe, expect, it } from 'vitest'
import { readSequencer } from '../../src/io/midi/alsa-peers.js'
import {
  countNotes,
  dump,
  endDumps,
  noSequencer,
  struckPitches,
  stuckNotes,
  until,
} from '../helpers/alsa-peer.js'
import { BUILT_CLI } from '../helpers/built-app.js'
import { withSettingsIn } from '../helpers/fresh-settings.js'

const folder = mkdtempSync(join(tmpdir(), 'rubato-recording-'))
const children: ChildProcess[] = []
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
  endDumps()
})

/** The woodblocks of a count-in. */
const isClick = (pitch: number) => pitch === 76 || pitch === 77

describe.skipIf(noSequencer !== '')(`a recording at a real port ${noSequencer}`, () => {
  it('is counted in, has the tempo that was played, and is played by another program as it was heard, without the clicks', async () => {
    const path = join(folder, 'drums.mid')
    // Slow, so that the peer is connected before the bars of the count-in are over.
    const music = ['--model', 'drums', '--tempo', '40', '--count-in', '2', '--record', path]
    const child = spawn('node', [BUILT_CLI, '--headless', '--no-web', '--seed', '3', ...music], {
      stdio: 'ignore',
      env: withSettingsIn(),
    })
    children.push(child)
    await until('the port', () => readSequencer()?.includes('"Rubato"') === true)
    const { lines } = await dump('RtMidi Output Client')
    await until('drums', () => struckPitches(lines).filter((pitch) => !isClick(pitch)).length >= 20)
    child.kill('SIGTERM')
    await new Promise((resolve) => child.on('exit', resolve))
    const heard = struckPitches(lines)
    const drums = heard.findIndex((pitch) => !isClick(pitch))
    expect(drums).toBeGreaterThan(0)
    expect(stuckNotes(lines)).toEqual([])

    const [conductor = []] = parseMidi(readFileSync(path)).tracks
    expect(
      conductor.flatMap((event) => (event.type === 'setTempo' ? [event.microsecondsPerBeat] : [])),
    ).toEqual([1_500_000])
    const through = await dump('Midi Through')
    execFileSync('aplaymidi', ['-d', '0', '-p', 'Midi Through', path])
    await until('all notes', () => countNotes(through.lines, 'on') >= heard.length - drums)
    // Strokes of one moment may change places: one that is repeated at once waits 2 ms, and is recorded where it sounded.
    const [played, again] = [heard.slice(drums), struckPitches(through.lines)]
    expect(again.toSorted()).toEqual(played.toSorted())
    const near = (pitch: number, n: number) => played.slice(Math.max(0, n - 3), n + 4).includes(pitch)
    expect(again.filter((pitch, n) => !near(pitch, n))).toEqual([])
    expect(stuckNotes(through.lines)).toEqual([])
  })
})
