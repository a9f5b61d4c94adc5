import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type LinkHut, missingLinkHut, startLinkHut } from '../../bench/link-hut.js'
import { MINUTE_MS, type Ms, STEPS_PER_BEAT } from '../../src/engine/units.js'
import { until } from '../helpers/alsa-peer.js'
import { threadsAreBuilt } from '../helpers/compiled-worker.js'
import { withSettingsIn } from '../helpers/fresh-settings.js'

const path = (of: string) => fileURLToPath(new URL(of, import.meta.url))
const NETWORK = `rubato-link-${process.pid}`
const INSIDE = ['ip', 'netns', 'exec', NETWORK]

/** Why these tests are skipped here; empty where they run. */
const missing = (() => {
  const hut = missingLinkHut()
  if (hut !== null) return `skipped: ${hut}`
  if (!threadsAreBuilt) return 'skipped without dist: npm run build'
  try {
    execFileSync('ip', ['netns', 'add', NETWORK], { stdio: 'ignore' })
    execFileSync('ip', ['netns', 'delete', NETWORK], { stdio: 'ignore' })
    return ''
  } catch {
    return 'skipped: no network of its own can be made here (ip netns add needs root)'
  }
})()

/** What Rubato tells ten times a second; `test/helpers/play-on-request.js` writes it. */
interface Told {
  readonly paused: boolean
  readonly beat: { readonly tempo: number; readonly position: number; readonly at: Ms } | null
  readonly drums: Told['beat']
  readonly tempo: number
  readonly setBy?: string
  readonly linkPeers: number | null
  readonly strikes: readonly { readonly due: Ms; readonly channel: number }[]
}

const children: ChildProcess[] = []
const huts: LinkHut[] = []

/** A Rubato in the network that plays with others by Link; it waits for their start. */
async function startRubato(...args: readonly string[]) {
  const told: Told[] = []
  const flags = ['--sync', 'link', '--headless', '--no-web', '--fresh', '--seed', '5', ...args]
  const [program = '', ...rest] = [...INSIDE, 'node', path('../helpers/play-on-request.js'), ...flags]
  const child = spawn(program, rest, { stdio: ['pipe', 'pipe', 'pipe'], env: withSettingsIn() })
  children.push(child)
  let text = ''
  child.stdout.on('data', (chunk: Buffer) => {
    const lines = (text + chunk.toString()).split('\n')
    text = lines.pop() ?? ''
    told.push(...lines.map((line) => JSON.parse(line) as Told))
  })
  let said = ''
  child.stderr.on('data', (chunk: Buffer) => {
    said += chunk.toString()
  })
  const last = () => told.at(-1)
  await until('Rubato starts', () => last() !== undefined)
  return {
    child,
    told,
    last,
    said: () => said,
    ask: (request: object) => child.stdin.write(`${JSON.stringify(request)}\n`),
  }
}

/** A LinkHut in the network, with Link and start-stop sync. */
async function startHut(): Promise<LinkHut> {
  const hut = await startLinkHut(INSIDE)
  huts.push(hut)
  await hut.press('as')
  await until('Link is enabled', () => hut.line()?.isEnabled === true)
  return hut
}

const pause = (ms: Ms) => new Promise((resolve) => setTimeout(resolve, ms))

describe.skipIf(missing !== '')(`Rubato and Ableton's library in one network ${missing}`, () => {
  beforeAll(() => {
    execFileSync('ip', ['netns', 'add', NETWORK])
    execFileSync('ip', ['-n', NETWORK, 'link', 'set', 'lo', 'up'])
  })
  afterAll(() => {
    execFileSync('ip', ['netns', 'delete', NETWORK])
  })
  afterEach(() => {
    for (const child of children.splice(0)) child.kill('SIGKILL')
    for (const hut of huts.splice(0)) hut.kill()
  })

  it('see each other; the newcomer takes the tempo of the one who was there, whichever it is', async () => {
    const hut = await startHut()
    const rubato = await startRubato('--tempo', '90')
    await until('both see one peer', () => hut.line()?.peers === 1 && rubato.last()?.linkPeers === 1)
    await until(
      'Rubato takes the tempo',
      () => rubato.last()?.tempo === 120 && rubato.last()?.setBy === 'band',
    )
    expect(hut.line()?.tempo).toBe(120)
    await hut.press('q')
    await until('LinkHut is gone', () => rubato.last()?.linkPeers === 0)
    rubato.ask({ type: 'set', control: 'tempo', value: 87 })
    await pause(500)
    const second = await startHut()
    await until('it takes the tempo', () => second.line()?.tempo === 87)
  })

  it('follow each other’s tempo', async () => {
    const hut = await startHut()
    const rubato = await startRubato()
    await until('both see one peer', () => hut.line()?.peers === 1 && rubato.last()?.linkPeers === 1)
    await hut.press('eee')
    await until('Rubato follows', () => rubato.last()?.tempo === 123)
    expect(rubato.last()?.beat?.tempo).toBeCloseTo(123, 2)
    rubato.ask({ type: 'set', control: 'tempo', value: 71.5 })
    await until('LinkHut follows', () => hut.line()?.tempo === 71.5)
    await hut.press('w')
    await until('Rubato follows', () => rubato.last()?.tempo === 70.5)
  })

  it('start and stop together, whoever does it, and Rubato starts with a bar', async () => {
    const hut = await startHut()
    const rubato = await startRubato()
    await until('both see one peer', () => hut.line()?.peers === 1 && rubato.last()?.linkPeers === 1)
    expect(rubato.said()).toContain("Waiting for the band's start")
    expect(rubato.last()?.paused).toBe(true)
    await hut.press(' ')
    await until('Rubato plays', () => rubato.last()?.paused === false)
    const first = rubato.told.find(({ paused }) => !paused)
    // It is applied a horizon before the bar, and the first report of it comes up to 0.3 s later.
    expect(((first?.beat?.position ?? 2) + 0.1) % 4).toBeLessThan(1)
    await until('notes', () => rubato.told.some(({ strikes }) => strikes.length > 0))
    await hut.press(' ')
    await until('Rubato stops', () => rubato.last()?.paused === true)
    rubato.ask({ type: 'play' })
    await until('LinkHut plays', () => hut.line()?.isPlaying === true)
    rubato.ask({ type: 'pause' })
    await until('LinkHut stops', () => hut.line()?.isPlaying === false)
  })

  it('a Rubato that comes while the song plays joins in', async () => {
    const hut = await startHut()
    await hut.press(' ')
    await until('LinkHut plays', () => hut.line()?.isPlaying === true)
    const rubato = await startRubato()
    await until('Rubato plays', () => rubato.last()?.paused === false)
    expect(rubato.last()?.linkPeers).toBe(1)
  })

  it('drummer and pianist strike on the same beat, LinkHut’s', async () => {
    const hut = await startHut()
    const rubato = await startRubato('--drums', '--drums-density', '8')
    await until('both see one peer', () => hut.line()?.peers === 1 && rubato.last()?.linkPeers === 1)
    await hut.press(' ')
    await until('they play', () => rubato.last()?.paused === false)
    await pause(2000)
    await hut.press('eeeeee')
    await until('the tempo', () => rubato.last()?.tempo === 126)
    await pause(1000)
    const from = rubato.told.length
    await until('some bars', () => rubato.told.slice(from).flatMap(({ strikes }) => strikes).length > 60)
    const told = rubato.told.slice(from)
    const { beat, drums } = told.at(-1) ?? {}
    if (!beat || !drums) throw new Error('no beat')
    const at = (place: NonNullable<Told['beat']>, when: Ms) =>
      place.position + ((when - place.at) * place.tempo) / MINUTE_MS
    expect(at(drums, beat.at)).toBeCloseTo(beat.position, 3)
    // Every stroke of the drummer lies on a step of the song, to a quarter of a step.
    const strokes = told.flatMap(({ strikes }) => strikes).filter(({ channel }) => channel === 9)
    const off = strokes.map(({ due }) => {
      const steps = at(beat, due) * STEPS_PER_BEAT
      return Math.abs(steps - Math.round(steps))
    })
    expect(strokes.length).toBeGreaterThan(20)
    expect(off.filter((steps) => steps > 0.25).length).toBeLessThan(0.05 * off.length)
    // What is read of LinkHut's line is late by as much as this machine is, so that the best of many readings counts.
    const apart: number[] = []
    for (let n = 0; n < 100; n++) {
      await pause(20)
      const line = hut.line()
      if (!line) continue
      const beats = at(beat, line.at) - line.beat
      apart.push(Math.abs(beats - Math.round(beats)))
    }
    expect(Math.min(...apart)).toBeLessThan(0.03)
  })

  it('peers that leave are gone at once with a goodbye, and within seven seconds without one; Rubato plays on', async () => {
    const rubato = await startRubato()
    const [first, second] = [await startHut(), await startHut()]
    await until('Rubato sees both', () => rubato.last()?.linkPeers === 2)
    rubato.ask({ type: 'play' })
    await until('Rubato plays', () => rubato.last()?.paused === false)
    await first.press('q')
    await until('one is left', () => rubato.last()?.linkPeers === 1)
    second.kill()
    await until('nobody is left', () => rubato.last()?.linkPeers === 0)
    const position = rubato.last()?.beat?.position ?? 0
    await until('the song goes on', () => (rubato.last()?.beat?.position ?? 0) > position + 2)
    expect(rubato.last()?.paused).toBe(false)
    // Rubato itself says goodbye however it ends.
    const third = await startHut()
    await until('they see each other', () => third.line()?.peers === 1)
    rubato.child.kill('SIGTERM')
    await until('Rubato is gone', () => third.line()?.peers === 0)
  })

  it('sessions that were founded apart become one, that of the elder', async () => {
    const elder = await startHut()
    await elder.press('eeeee')
    await until('its tempo', () => elder.line()?.tempo === 125)
    // Without loopback nobody hears anybody: each keeps a session of its own.
    execFileSync('ip', ['-n', NETWORK, 'link', 'set', 'lo', 'down'])
    await pause(1000)
    const rubato = await startRubato('--tempo', '80')
    expect(rubato.said()).toContain('Link finds no network')
    expect(rubato.said()).not.toContain('Waiting for')
    await until('Rubato plays by itself', () => rubato.last()?.paused === false)
    expect(rubato.last()?.linkPeers).toBeNull()
    await until('a beat of its own', () => Math.round(rubato.last()?.beat?.tempo ?? 0) === 80)
    execFileSync('ip', ['-n', NETWORK, 'link', 'set', 'lo', 'up'])
    await until('one session', () => rubato.last()?.linkPeers === 1 && elder.line()?.peers === 1)
    await until('the elder’s tempo', () => rubato.last()?.tempo === 125)
    expect(elder.line()?.tempo).toBe(125)
  })
})
