import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { BUILT_CLI } from './helpers/built-app.js'
import { BUILD, threadsAreBuilt } from './helpers/compiled-worker.js'
import { withSettingsIn } from './helpers/fresh-settings.js'

const ROOT = fileURLToPath(new URL('../', import.meta.url))
const run = promisify(execFile)
const programs: ChildProcess[] = []

/** Runs a compiled example as the README of the examples says. Rejects when it fails. */
async function example(name: string, ...args: string[]): Promise<string[]> {
  const { stdout } = await run('node', [`build/examples/${name}.js`, ...args], { cwd: ROOT })
  return stdout.trimEnd().split('\n')
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  return typeof address === 'object' && address !== null ? address.port : 0
}

/** A Rubato that plays and is served at `address`, until the tests are over. */
async function startRubato(address: string): Promise<void> {
  const args = ['--headless', '--to', 'none', '--realtime', 'off', '--seed', '1', '--web', address]
  const program = spawn('node', [BUILT_CLI, ...args], { env: withSettingsIn(), stdio: 'ignore' })
  programs.push(program)
  for (let attempt = 0; attempt < 200; attempt++) {
    const isServed = await fetch(`http://${address}/`).then(
      () => true,
      () => false,
    )
    if (isServed) return
    await sleep(50)
  }
  throw new Error('Rubato is not served after 10 s')
}

describe.skipIf(!threadsAreBuilt)(`the examples (${BUILD})`, () => {
  beforeAll(async () => {
    await run('node', ['node_modules/typescript/bin/tsc', '-p', 'examples'], { cwd: ROOT })
  })

  afterAll(() => {
    for (const program of programs) program.kill()
  })

  test('headless prints ten seconds of music in the order in which it sounds, the same for the same seed', async () => {
    const lines = await example('headless', '3')
    const times = lines.map((line) => Number.parseFloat(line))
    expect(lines.filter((line) => line.includes('note-on')).length).toBeGreaterThan(20)
    expect(times[0]).toBe(0)
    expect(times).toEqual(times.toSorted((a, b) => a - b))
    expect(times.at(-1)).toBeGreaterThan(8)
    expect(times.at(-1)).toBeLessThanOrEqual(10)
    expect(await example('headless', '3')).toEqual(lines)
    expect(await example('headless', '4')).not.toEqual(lines)
  })

  test('your-own-mode echoes a phrase an octave higher, in its order and rhythm', async () => {
    const lines = await example('your-own-mode', '3')
    const notesOf = (what: string) =>
      lines.flatMap((line) => {
        const [, at, pitch] = line.match(new RegExp(`^${what} (\\d+) ms: pitch (\\d+)$`)) ?? []
        return at === undefined ? [] : [{ at: Number(at), pitch: Number(pitch) }]
      })
    const phrase = notesOf('phrase')
    const echo = notesOf('echo')
    expect(phrase.length + echo.length).toBe(lines.length)
    expect(phrase.length).toBeGreaterThan(3)
    expect(echo.map(({ pitch }) => pitch)).toEqual(phrase.map(({ pitch }) => pitch + 12))
    expect(echo[0]!.at).toBeGreaterThan(phrase.at(-1)!.at)
    for (const [n, { at }] of echo.entries()) {
      const late = at - echo[0]!.at - (phrase[n]!.at - phrase[0]!.at)
      expect(Math.abs(late)).toBeLessThanOrEqual(20)
    }
  })

  test('steer-by-websocket sets a control of a playing Rubato and prints the notes that it plays', async () => {
    const address = `127.0.0.1:${await freePort()}`
    await startRubato(address)
    const lines = await example('steer-by-websocket', `ws://${address}`, '3')
    expect(lines[0]).toMatch(/^Connected to Rubato \d/)
    expect(lines).toContain('Rubato has set the density.')
    expect(lines.filter((line) => /^Rubato plays pitch \d+\.$/.test(line)).length).toBeGreaterThan(3)
  })

  test('steer-by-websocket says what to do where no Rubato is playing', async () => {
    const address = `ws://127.0.0.1:${await freePort()}`
    await expect(example('steer-by-websocket', address)).rejects.toThrow(
      /There is no Rubato at ws:.*; start one with "rubato"\./,
    )
  })
})
