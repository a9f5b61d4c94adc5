import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import type { App } from '../../src/app/app.js'
import { defaultControls } from '../../src/engine/controls/controls.js'
import type { SentMessage } from '../../src/engine/language/messages.js'
import { createNetwork } from '../../src/engine/network/create-network.js'
import { promptEvents } from '../../src/engine/offline/prompt.js'
import { render } from '../../src/engine/offline/rendering.js'
import { modelFolder, readKernel, readModel } from '../../src/io/models/model-files.js'
import { readMidiFile } from '../../src/io/recording/midi-file-reader.js'
import { startBuiltApp } from '../helpers/built-app.js'
import { BUILD, threadsAreBuilt } from '../helpers/compiled-worker.js'

const apps: App[] = []
afterEach(async () => {
  for (const app of apps.splice(0)) {
    app.end()
    await app.close()
  }
})

async function start(...options: Parameters<typeof startBuiltApp>) {
  const running = await startBuiltApp(...options)
  apps.push(running.app)
  const sent: SentMessage[] = []
  running.app.onSent((message) => sent.push(message))
  return { ...running, sent }
}

async function until(what: string, condition: () => boolean): Promise<void> {
  const deadline = performance.now() + 20_000
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`waited in vain: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}

/** Number of the note-ons sent that no sent note-off ended. */
function unended(sent: readonly SentMessage[]): number {
  const on = sent.filter(({ kind, fate }) => kind === 'note-on' && fate === 'sent').length
  return on - sent.filter(({ kind, fate }) => kind === 'note-off' && fate === 'sent').length
}

/** The performers' note-ons that were really sent. */
const strikes = (sent: readonly SentMessage[]) =>
  sent.filter(({ kind, source, fate }) => kind === 'note-on' && source === 'performer' && fate === 'sent')
    .length

/** Controllers that silence a channel after a panic: three each time. */
const silencings = (sent: readonly SentMessage[]) =>
  sent.filter(({ kind, source }) => kind === 'control-change' && source === 'stage').length

/** Waits until nothing has been sent for 1.2 s. */
async function untilQuiet(sent: readonly SentMessage[]): Promise<void> {
  let count = -1
  let since = performance.now()
  await until('quiet', () => {
    if (sent.length !== count) since = performance.now()
    count = sent.length
    // Notes that sound at a pause end within a second of it.
    return performance.now() - since > 1200
  })
}

describe.skipIf(!threadsAreBuilt)(`the running program (${BUILD})`, () => {
  const real = readModel(modelFolder('rubato-piano'))
  const dense = { model: real, backend: 'auto' } as const

  test('a drummer plays along on channel 10: he starts, pauses and falls silent with the pianist, and has controls of his own', async () => {
    const drums = readModel(modelFolder('rubato-drums'))
    const controls = { ...defaultControls(), channel: 10 }
    const { app, sent } = await start({ ...dense, drummer: { model: () => drums, controls, joins: true } })
    const strikesOn = (channel: number) =>
      sent.filter((message) => message.kind === 'note-on' && message.channel === channel).length
    app.ask({ type: 'play' }, 'keys')
    await until('both', () => strikesOn(0) > 20 && strikesOn(9) > 20)
    expect(
      app.ask({ type: 'drums', command: { type: 'set', control: 'density', value: 12 } }, 'web').ok,
    ).toBe(true)
    await until('the drummer has it', () => app.snapshot('drums')?.controls.density === 12)
    expect(app.snapshot()?.controls.density).toBe(null)
    expect(app.snapshot('drums')?.setBy).toEqual({ density: 'web' })
    app.ask({ type: 'set', control: 'tempo', value: 90 }, 'keys')
    await until('one tempo', () => app.snapshot('drums')?.controls.tempo === 90)
    app.ask({ type: 'undo' }, 'keys')
    await until('one tempo again', () => app.snapshot('drums')?.controls.tempo === 120)
    app.ask({ type: 'pause' }, 'keys')
    await until('both pause', () => app.snapshot()?.paused === true && app.snapshot('drums')?.paused === true)
    await untilQuiet(sent)
    expect(unended(sent)).toBe(0)
    const before = [strikesOn(0), strikesOn(9)] as const
    app.ask({ type: 'play' }, 'keys')
    await until('both again', () => strikesOn(0) > before[0] + 10 && strikesOn(9) > before[1] + 10)
    app.silence()
    app.end()
    expect(unended(sent)).toBe(0)
    const ids = sent
      .filter(({ kind }) => kind === 'note-on')
      .map((message) => ('id' in message ? message.id : -1))
    expect(new Set(ids).size).toBe(ids.length)
  })

  test('a drummer comes while it plays, is muted and heard alone, leaves and comes back; nothing is left sounding', async () => {
    const drums = readModel(modelFolder('rubato-drums'))
    const controls = { ...defaultControls(), channel: 10 }
    const { app, sent } = await start({ ...dense, drummer: { model: () => drums, controls, joins: false } })
    const strikesOn = (channel: number) =>
      sent.filter((message) => message.kind === 'note-on' && message.channel === channel).length
    app.ask({ type: 'set', control: 'density', value: 16 }, 'keys')
    app.ask({ type: 'play' }, 'keys')
    await until('the pianist', () => strikesOn(0) > 10)
    expect([app.mix().drummer, app.snapshot('drums')]).toEqual(['off', undefined])
    expect(app.ask({ type: 'drummer', on: true }, 'keys').ok).toBe(true)
    await until('the drummer', () => strikesOn(9) > 10)
    expect(app.snapshot('drums')?.groove).toMatchObject({ of: 8 })
    app.ask({ type: 'solo', part: 'drums' }, 'web')
    await until('the pianist is muted', () => app.snapshot()?.muted === true)
    await new Promise((resolve) => setTimeout(resolve, 100))
    const [silent, alone] = [strikesOn(0), strikesOn(9)]
    await until('the drummer alone', () => strikesOn(9) > alone + 10)
    expect(strikesOn(0)).toBe(silent)
    app.ask({ type: 'drummer', on: false }, 'web')
    await until('the pianist again', () => strikesOn(0) > silent + 10)
    const left = strikesOn(9)
    await until('the pianist alone', () => strikesOn(0) > silent + 30)
    expect(strikesOn(9)).toBe(left)
    app.ask({ type: 'drummer', on: true }, 'keys')
    await until('the drummer again', () => strikesOn(9) > left + 10)
    app.silence()
    app.end()
    expect(unended(sent)).toBe(0)
  })

  test('when pianist or drummer dies the other plays on', async () => {
    const drums = readModel(modelFolder('rubato-drums'))
    const controls = { ...defaultControls(), channel: 10 }
    const { app, sent } = await start({ ...dense, drummer: { model: () => drums, controls, joins: true } })
    const strikesOn = (channel: number) =>
      sent.filter((message) => message.kind === 'note-on' && message.channel === channel).length
    app.ask({ type: 'play' }, 'keys')
    await until('both', () => strikesOn(0) > 10 && strikesOn(9) > 10)
    app.workers.performer().postMessage({ kind: 'fault' })
    await until('it is started again', () => app.meters().restarts === 1)
    const before = [strikesOn(0), strikesOn(9)] as const
    await until('both again', () => strikesOn(0) > before[0] + 10 && strikesOn(9) > before[1] + 10)
    app.silence()
    app.end()
    expect(unended(sent)).toBe(0)
  })

  test('a panic right after play leaves everything silent', async () => {
    const { app } = await start(dense)
    for (let n = 1; n <= 10; n++) {
      app.ask({ type: 'play' }, 'keys')
      app.ask({ type: 'panic' }, 'keys')
      // A snapshot that shows this change was made after *play* and panic came in.
      app.ask({ type: 'set', control: 'delay', value: n }, 'keys')
      await until('the pause', () => app.snapshot()?.controls.delay === n && app.snapshot()?.paused === true)
      // Each turn comes at another moment of the performer's loop.
      await new Promise((resolve) => setTimeout(resolve, 5 * n))
      expect(app.snapshot()?.paused).toBe(true)
    }
    app.ask({ type: 'play' }, 'keys')
    await until('it plays', () => app.snapshot()?.paused === false)
  })

  test('a request to the drummer is refused where none plays along', async () => {
    const { app } = await start(dense)
    expect(
      app.ask({ type: 'drums', command: { type: 'set', control: 'density', value: 12 } }, 'web'),
    ).toEqual({
      ok: false,
      reason: 'No drummer plays along; start him first (key d, or the page).',
    })
  })

  test('plays when asked to, in order of due times, and leaves nothing sounding at its end', async () => {
    const { app, sent } = await start(dense)
    expect(sent).toEqual([])
    app.ask({ type: 'set', control: 'density', value: 16 }, 'keys')
    app.ask({ type: 'play' }, 'keys')
    await until('notes', () => strikes(sent) > 40)
    app.end()
    const planned = sent.filter(({ source }) => source === 'performer').map(({ due }) => due)
    expect(planned).toEqual(planned.toSorted((a, b) => a - b))
    expect(unended(sent)).toBe(0)
    expect(app.meters()).toMatchObject({ sounding: 0, backend: 'wasm', lost: 0, restarts: 0 })
    expect(app.snapshot()?.controls.density).toBe(16)
  })

  test('plays in int16 when asked to', async () => {
    const { app, sent } = await start({ ...dense, precision: 'int16' })
    app.ask({ type: 'play' }, 'keys')
    await until('notes', () => strikes(sent) > 5)
    expect(app.meters().backend).toBe('wasm int16')
    app.end()
    expect(unended(sent)).toBe(0)
  })

  test('goes on from a prompt, with the notes that a rendering from it has', async () => {
    const notes = Array.from({ length: 60 }, (_, i) => ({
      pitch: [48, 55, 60, 64, 67, 72][i % 6]!,
      velocity: 40 + i,
      start: i * 14,
      end: i * 14 + 30,
    }))
    const prompt = promptEvents(notes, 3000)
    const { app, sent } = await start({ ...dense, prompt })
    app.ask({ type: 'play' }, 'keys')
    await until('notes', () => strikes(sent) > 30)
    const network = createNetwork(real.weights, 'auto', readKernel())
    const options = { network, layout: real.spec.conditioning, seed: 1, controls: defaultControls() }
    const pitches = (memory: readonly number[]) =>
      render({ ...options, memory }, 10_000).map(({ pitch }) => pitch)
    const played = sent.flatMap((message) =>
      message.kind === 'note-on' && message.fate === 'sent' ? [message.pitch] : [],
    )
    expect(played.slice(0, 20)).toEqual(pitches(prompt).slice(0, 20))
    expect(played.slice(0, 20)).not.toEqual(pitches([]).slice(0, 20))
  })

  test('panic silences at once, and nothing plays until play', async () => {
    const { app, sent } = await start(dense)
    app.ask({ type: 'play' }, 'keys')
    await until('notes', () => strikes(sent) > 10)
    app.ask({ type: 'panic' }, 'keys')
    await until('the silence', () => app.snapshot()?.paused === true && silencings(sent) === 3)
    const silent = strikes(sent)
    expect(unended(sent)).toBe(0)
    await new Promise((resolve) => setTimeout(resolve, 400))
    expect(strikes(sent)).toBe(silent)
    expect(sent.filter(({ kind }) => kind === 'control-change')).toHaveLength(3)
    app.ask({ type: 'play' }, 'keys')
    await until('notes again', () => strikes(sent) > silent)
  })

  test('no note sounds on after a panic, whenever it comes', async () => {
    const { app, sent } = await start(dense)
    app.ask({ type: 'set', control: 'density', value: 40 }, 'keys')
    for (let turn = 0; turn < 25; turn++) {
      app.ask({ type: 'play' }, 'keys')
      const before = strikes(sent)
      await until('notes', () => strikes(sent) > before + 3)
      // Each turn comes at another moment of the performer's loop.
      await new Promise((resolve) => setTimeout(resolve, 7 * (turn % 5)))
      app.ask({ type: 'panic' }, 'keys')
      await until('the silence', () => app.snapshot()?.paused === true && silencings(sent) === 3 * (turn + 1))
      expect(unended(sent)).toBe(0)
      await new Promise((resolve) => setTimeout(resolve, 120))
      expect(unended(sent)).toBe(0)
    }
  })

  test.each(['throws', 'is killed'])(
    'when the performer %s its notes end and another plays on',
    async (how) => {
      const { app, sent, notices } = await start(dense)
      app.ask({ type: 'set', control: 'transpose', value: 5 }, 'keys')
      app.ask({ type: 'play' }, 'keys')
      await until('notes', () => strikes(sent) > 20 && app.snapshot()?.controls.transpose === 5)
      if (how === 'is killed') await app.workers.performer().terminate()
      else {
        app.workers.performer().postMessage({ kind: 'fault' })
        app.ask({ type: 'set', control: 'delay', value: 1 }, 'keys')
      }
      await until('it is started again', () => app.meters().restarts === 1)
      const before = strikes(sent)
      await until('notes of the next', () => strikes(sent) > before + 5)
      expect(app.meters().restarts).toBe(1)
      expect(notices.join()).toContain('was started again')
      expect(app.snapshot()?.controls.transpose).toBe(5)
      app.end()
      expect(unended(sent)).toBe(0)
    },
  )

  test('a stage that is killed ends the program with one sentence', async () => {
    const { app, lost, sent } = await start(dense)
    app.ask({ type: 'play' }, 'keys')
    await until('notes', () => strikes(sent) > 10)
    await app.workers.stage.terminate()
    await until('the report', () => lost.length > 0)
    expect(lost).toHaveLength(1)
    expect(lost[0]).toMatch(/\.$/)
  })

  test('held keys become pitches and weights; start and stop of the transport play and end', async () => {
    const { app } = await start({ sync: 'transport' })
    app.receive([0x90, 61, 100])
    app.receive([0x92, 66, 100])
    await until('held keys', () => app.snapshot()?.held.length === 2)
    expect(app.snapshot()?.held).toEqual([61, 66])
    expect(app.snapshot()?.heardWeights?.[1]).toBeCloseTo(0.5)
    app.receive([0x90, 61, 0])
    await until('one key', () => app.snapshot()?.held.length === 1)
    expect(app.snapshot()?.paused).toBe(true)
    app.receive([0xfa])
    await until('play', () => app.snapshot()?.paused === false)
    app.receive([0xfc])
    await until('the end', () => app.snapshot()?.paused === true)
  })

  test('thru passes the keyboard on to the output, on the channel asked for', async () => {
    const { app, sent } = await start({ input: { fromChannel: 'any', thru: 4, split: 'none' } })
    app.receive([0x90, 61, 100])
    app.receive([0x80, 61, 0])
    await until('both', () => sent.length === 2)
    expect(sent).toMatchObject([
      { kind: 'note-on', channel: 4, pitch: 61, velocity: 100, source: 'ear' },
      { kind: 'note-off', channel: 4, pitch: 61 },
    ])
  })

  test('an ear that is killed leaves no key held, and no note or pedal that it passed through', async () => {
    const { app, sent } = await start({ input: { fromChannel: 'any', thru: 4, split: 'none' } })
    app.receive([0x90, 61, 100])
    app.receive([0xb0, 64, 127])
    await until('what is held', () => sent.length === 2 && app.snapshot()?.held.length === 1)
    await app.workers.ear.terminate()
    await until('the lift', () => sent.length === 4 && app.snapshot()?.held.length === 0)
    expect(sent.slice(2)).toMatchObject([
      { kind: 'note-off', channel: 4, pitch: 61 },
      { kind: 'control-change', channel: 4, controller: 64, value: 0 },
    ])
  })

  test('a recording has the notes that were sent', async () => {
    const file = join(mkdtempSync(join(tmpdir(), 'rubato-app-')), 'take.mid')
    const { app, sent } = await start({ ...dense, record: file })
    app.ask({ type: 'play' }, 'keys')
    await until('notes', () => strikes(sent) > 20)
    app.end()
    const { notes } = await readMidiFile(file)
    expect(notes.map(({ pitch }) => pitch).toSorted()).toEqual(
      sent
        .flatMap((message) => (message.kind === 'note-on' && message.fate === 'sent' ? [message.pitch] : []))
        .toSorted(),
    )
  })
})
