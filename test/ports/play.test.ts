import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, it } from 'vitest'
import type { SentMessage } from '../../src/engine/language/messages.js'
import { readSequencer } from '../../src/io/midi/alsa-peers.js'
import { writeMidi } from '../../src/io/recording/midi-file-writer.js'
import {
  collectLines,
  countNotes,
  dump,
  endDumps,
  noSequencer,
  struckPitches,
  stuckNotes,
  until,
} from '../helpers/alsa-peer.js'
import { withSettingsIn } from '../helpers/fresh-settings.js'

const folder = mkdtempSync(join(tmpdir(), 'rubato-ports-'))
const path = (of: string) => fileURLToPath(new URL(of, import.meta.url))
const CLI = path('../../dist/cli.js')
const FAULTY = path('../helpers/play-with-fault.js')
/** Long notes and many of them, so that whatever ends Rubato finds some sounding. */
const MUSIC = ['--seed', '3', '--density', '12', '--headless']

const children: ChildProcess[] = []
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
  endDumps()
})

/** Starts Rubato with a peer that listens to it, once some notes sound. */
async function startPlaying(command: readonly string[], settings?: string) {
  const [program = 'node', ...args] = command
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'], env: withSettingsIn(settings) })
  children.push(child)
  const errors = collectLines(child.stderr)
  const output = collectLines(child.stdout)
  let text = ''
  child.stdout.on('data', (chunk: Buffer) => {
    text += chunk.toString()
  })
  const gone = new Promise<number | null>((resolve) => child.on('exit', resolve))
  await until('the port', () => readSequencer()?.includes('"Rubato"') === true)
  const { lines } = await dump('RtMidi Output Client')
  await until('notes sounding', () => countNotes(lines, 'on') > 15 && stuckNotes(lines).length > 1)
  return { child, gone, lines, errors, output, text: () => text }
}

const log = join(folder, 'sent.json')
const faulty = ['node', FAULTY, log, ...MUSIC]
const plain = ['node', CLI, ...MUSIC]
/** The command that runs Rubato in a terminal of its own, whose keyboard is the child's stdin. */
const inTerminal = ['script', '-qec', `node ${CLI} --seed 3 --density 12`, '/dev/null']

/** Waits until the port is gone; by then all that was sent has arrived. */
const portGone = (lines: string[]) =>
  until('the port goes', () => lines.some((line) => /Port unsubscribed|exit/i.test(line)))

describe.skipIf(noSequencer !== '')(`rubato at a real port ${noSequencer}`, () => {
  it('delivers every committed note in order', async () => {
    const { child, gone, lines } = await startPlaying([...faulty, '--for', '8'])
    child.stdin?.end()
    await gone
    const sent = JSON.parse(readFileSync(log, 'utf8')) as SentMessage[]
    const committed = sent.flatMap((message) =>
      message.kind === 'note-on' && message.fate === 'sent' ? [message.pitch] : [],
    )
    const heard = struckPitches(lines)
    expect(heard.length).toBeGreaterThan(20)
    // The peer connected a moment after the first notes, so it received only the later ones.
    expect(heard).toEqual(committed.slice(-heard.length))
    expect(stuckNotes(lines)).toEqual([])
  })

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
    ['SIGABRT', 134],
    ['SIGALRM', 142],
    ['SIGUSR2', 140],
    ['SIGXCPU', 152],
  ] as const)('%s ends every note', async (signal, code) => {
    const { child, gone, lines } = await startPlaying(plain)
    child.kill(signal)
    expect(await gone).toBe(code)
    await portGone(lines)
    expect(stuckNotes(lines)).toEqual([])
  })

  it.each([
    ['q, and again', 'qq', 0],
    ['Ctrl-C', '\x03', 130],
  ] as const)('the key %s ends every note and gives the terminal back', async (_, key, code) => {
    const { child, gone, lines, text } = await startPlaying(inTerminal)
    await until('the dashboard', () => text().includes('playing') && text().includes('Temperature'))
    child.stdin?.write(key)
    expect(await gone).toBe(code)
    await portGone(lines)
    expect(stuckNotes(lines)).toEqual([])
  })

  it('ends every note at SIGTSTP before it stops, and plays on when it is continued', async () => {
    const { child, gone, lines } = await startPlaying(plain)
    child.kill('SIGTSTP')
    const state = () => readFileSync(`/proc/${child.pid}/stat`, 'utf8').split(') ')[1]?.[0]
    await until('it is stopped', () => state() === 'T')
    await new Promise((resolve) => setTimeout(resolve, 300))
    expect(stuckNotes(lines)).toEqual([])
    const before = countNotes(lines, 'on')
    child.kill('SIGCONT')
    await until('it plays on', () => countNotes(lines, 'on') > before + 5)
    child.kill('SIGTERM')
    await gone
    await portGone(lines)
    expect(stuckNotes(lines)).toEqual([])
  })

  it('ends every note at a panic, and sends none after it', async () => {
    const { child, lines } = await startPlaying(faulty)
    child.stdin?.write('panic\n')
    await until(
      'the silence',
      () => lines.filter((line) => /Control change.*controller 120/.test(line)).length > 0,
    )
    await new Promise((resolve) => setTimeout(resolve, 500))
    expect(stuckNotes(lines)).toEqual([])
    const silent = countNotes(lines, 'on')
    await new Promise((resolve) => setTimeout(resolve, 1000))
    expect(countNotes(lines, 'on')).toBe(silent)
    child.stdin?.write('play\n')
    await until('it plays again', () => countNotes(lines, 'on') > silent)
  })

  it.each(['main throws', 'stage killed'])(
    'ends every note and exits with a sentence when a fault is injected: %s',
    async (fault) => {
      const { child, gone, lines, errors } = await startPlaying(faulty)
      child.stdin?.write(`${fault}\n`)
      expect(await gone).toBe(1)
      await new Promise((resolve) => setTimeout(resolve, 300))
      expect(stuckNotes(lines)).toEqual([])
      expect(errors.join('\n')).not.toMatch(/\n\s+at /)
      expect(errors.at(-1)).toMatch(/\.$/)
    },
  )

  it.each(['performer throws', 'performer killed'])(
    'ends the notes, plays on and stays connected to the input when a fault is injected: %s',
    async (fault) => {
      const { child, lines, errors } = await startPlaying(faulty)
      execFileSync('aconnect', ['16:0', 'RtMidi Input Client:0'])
      child.stdin?.write(`${fault}\n`)
      await until('the silence', () => lines.some((line) => /Control change.*controller 120/.test(line)))
      expect(
        stuckNotes(
          lines.slice(
            0,
            lines.findIndex((line) => /controller 120/.test(line)),
          ),
        ),
      ).toEqual([])
      await until('the notice', () => errors.join('\n').includes('was started again'))
      const struck = countNotes(lines, 'on')
      await until('it plays on', () => countNotes(lines, 'on') > struck + 3)
      expect(execFileSync('aconnect', ['-l'], { encoding: 'utf8' })).toMatch(
        /Rubato in[^\n]*\n\s+Connected From: 16:0/,
      )
      child.kill('SIGTERM')
      await portGone(lines)
      expect(stuckNotes(lines)).toEqual([])
    },
  )

  it('reports in one sentence that a remembered port is gone, and plays on a port of its own', async () => {
    const settings = mkdtempSync(join(tmpdir(), 'rubato-ports-'))
    writeFileSync(join(settings, 'settings.json'), '{"ports":{"to":"No Such Port"}}')
    const { child, gone, lines, errors } = await startPlaying(plain, settings)
    expect(errors.filter((line) => line.includes('No Such Port'))).toEqual([
      'Remembered: to "No Such Port" (--fresh forgets).',
      'The remembered port "No Such Port" is missing; playing to Rubato until it is there.',
    ])
    child.kill('SIGTERM')
    await gone
    await portGone(lines)
    expect(stuckNotes(lines)).toEqual([])
  })

  it('receives held keys from aplaymidi at "Rubato in", which move the pitch weights', async () => {
    const { lines, output } = await startPlaying([...plain, '--json'])
    const file = join(folder, 'chord.mid')
    const notes = [61, 66, 70].map((pitch) => ({ pitch, velocity: 100, start: 0, end: 2500 }))
    writeFileSync(file, writeMidi([{ name: 'chord', channel: 0, notes }]))
    execFileSync('aplaymidi', ['-p', 'RtMidi Input Client:0', file])
    const reports = () =>
      output.map((line) => JSON.parse(line) as { held: number[]; heardWeights: number[] | null })
    await until('the chord is reported', () => reports().some(({ held }) => held.length === 3))
    const { held, heardWeights } = reports().find((report) => report.held.length === 3) ?? {}
    expect(held).toEqual([61, 66, 70])
    expect(heardWeights?.map((weight) => Math.round(weight * 3))).toEqual([
      0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 1, 0,
    ])
    expect(countNotes(lines, 'on')).toBeGreaterThan(15)
  })
})
