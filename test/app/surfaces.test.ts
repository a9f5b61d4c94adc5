import { mkdtempSync, readdirSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import type { App } from '../../src/app/app.js'
import type { AppOptions } from '../../src/app/options.js'
import { defaultControls, MUSIC_CONTROLS, pickControls } from '../../src/engine/controls/controls.js'
import type { ControllerMap } from '../../src/engine/mapping/bindings.js'
import { Refused } from '../../src/engine/refused.js'
import type { Presets } from '../../src/io/config/presets.js'
import { parseMidiFile } from '../../src/io/recording/midi-file-reader.js'
import { startBuiltApp } from '../helpers/built-app.js'
import { BUILD, threadsAreBuilt } from '../helpers/compiled-worker.js'

const apps: App[] = []
afterEach(async () => {
  for (const app of apps.splice(0)) {
    app.end()
    await app.close()
  }
})

async function start(options: Partial<AppOptions> = {}) {
  const running = await startBuiltApp({ controls: { ...defaultControls(), density: 16 }, ...options })
  apps.push(running.app)
  return running
}

describe.skipIf(!threadsAreBuilt)(
  `requests of control surfaces to the program${threadsAreBuilt ? '' : ` (${BUILD})`}`,
  () => {
    test('a capture contains the notes that pianist and player played before it was asked for', async () => {
      const captures = mkdtempSync(join(tmpdir(), 'rubato-captures-'))
      const { app } = await start({ captures })
      expect(app.captured()).toBeNull()
      const nothing = app.ask({ type: 'capture' }, 'keys')
      expect(nothing).toMatchObject({ ok: true, sentence: expect.stringContaining('nothing to capture') })
      app.ask({ type: 'play' }, 'keys')
      app.receive([0x90, 40, 77])
      await expect.poll(() => app.meters().notes, { timeout: 30_000 }).toBeGreaterThan(10)
      app.receive([0x80, 40, 0])
      const answer = app.ask({ type: 'capture' }, 'keys')
      const [name = ''] = readdirSync(captures)
      expect(answer).toEqual({ ok: true, sentence: `The last 2 minutes are in ${join(captures, name)}.` })
      const { notes } = parseMidiFile(readFileSync(join(captures, name)), name)
      expect(notes.length).toBeGreaterThan(5)
      expect(notes.some(({ pitch, velocity }) => pitch === 40 && velocity === 77)).toBe(true)
    })

    test('a learnt knob moves its control from then on, and its map is saved', async () => {
      const kept: [string, ControllerMap][] = []
      const { app } = await start({ saveMap: (port, map) => kept.push([port, map]) })
      expect(app.ask({ type: 'learn', control: 'density' }, 'keys')).toMatchObject({
        ok: true,
        sentence: expect.stringContaining('Density'),
      })
      for (const value of [10, 20, 30]) app.receive([0xb0, 30, value])
      await expect.poll(() => kept.length, { timeout: 30_000 }).toBe(1)
      expect(kept[0]).toEqual([
        'Rubato in',
        {
          takeOver: 'pickup',
          bindings: [
            {
              source: { kind: 'cc', channel: 0, controller: 30 },
              target: { kind: 'control', control: 'density' },
            },
          ],
        },
      ])
      for (let value = 30; value < 128; value++) app.receive([0xb0, 30, value])
      await expect.poll(() => app.snapshot()?.controls.density, { timeout: 30_000 }).toBe(40)
      expect(app.snapshot()?.setBy.density).toBe('controller')
    })

    test('a program change recalls a preset', async () => {
      const preset = { name: 'Slow', controls: { ...defaultControls(), density: 3 } }
      const { app } = await start({ presets: { 4: preset } })
      app.receive([0xc0, 3, 0])
      await expect.poll(() => app.snapshot()?.controls.density, { timeout: 30_000 }).toBe(3)
    })

    test('a capture that cannot be written is refused with a reason, and the music plays on', async () => {
      const { app } = await start({ captures: '/nowhere/at/all' })
      app.ask({ type: 'play' }, 'keys')
      await expect.poll(() => app.meters().notes, { timeout: 30_000 }).toBeGreaterThan(3)
      expect(app.ask({ type: 'capture' }, 'web')).toMatchObject({
        ok: false,
        reason: expect.stringContaining('/nowhere/at/all'),
      })
      const before = app.meters().notes
      await expect.poll(() => app.meters().notes, { timeout: 30_000 }).toBeGreaterThan(before)
    })

    test('presets are recalled as a whole, stored, and undone', async () => {
      const kept: Presets[] = []
      const slow = { ...defaultControls(), density: 3, transpose: 2 }
      const { app } = await start({
        presets: { 2: { name: 'Slow', controls: slow } },
        savePresets: (presets) => kept.push(presets),
      })
      expect(app.ask({ type: 'recall', preset: 2 }, 'web')).toEqual({ ok: true, sentence: 'Preset 2: Slow.' })
      await expect.poll(() => app.snapshot()?.controls).toEqual(slow)
      expect(app.snapshot()?.setBy).toEqual({ density: 'web', transpose: 'web' })
      expect(app.ask({ type: 'recall', preset: 9 }, 'keys').ok).toBe(false)
      app.ask({ type: 'store', preset: 9 }, 'keys')
      expect(kept.at(-1)?.[9]?.controls).toEqual(pickControls(slow, MUSIC_CONTROLS))
      app.ask({ type: 'undo' }, 'keys')
      await expect.poll(() => app.snapshot()?.controls.density).toBe(16)
      app.ask({ type: 'recall', preset: 9 }, 'keys')
      await expect.poll(() => app.snapshot()?.controls).toEqual(slow)
    })

    test('a preset that cannot be written is refused with a reason, and not stored', async () => {
      const { app } = await start({
        savePresets: () => {
          throw new Refused('The disk is full.')
        },
      })
      expect(app.ask({ type: 'store', preset: 1 }, 'keys')).toEqual({
        ok: false,
        reason: 'The disk is full.',
      })
      expect(app.presets()).toEqual({})
    })

    test('where the web port is taken the program plays without the page, and posts one notice', async () => {
      const web = { host: '127.0.0.1', port: 0, token: null }
      const first = await start({ web })
      const port = Number(new URL(first.app.meters().web ?? '').port)
      const second = await start({ web: { ...web, port } })
      expect(second.notices).toEqual([
        `The web address 127.0.0.1:${port} is taken; --web PORT names another. Playing on without the page.`,
      ])
      expect(second.app.meters().web).toBeNull()
      second.app.ask({ type: 'play' }, 'keys')
      await expect.poll(() => second.app.meters().notes, { timeout: 30_000 }).toBeGreaterThan(3)
    })

    test('the meters show load, lateness and controllers', async () => {
      const { app } = await start()
      app.ask({ type: 'play' }, 'keys')
      app.receive([0xb2, 20, 99])
      await expect
        .poll(() => app.meters().controllers[0])
        .toMatchObject({ channel: 3, controller: 20, value: 99 })
      await expect.poll(() => app.meters().eventsPerSecond, { timeout: 30_000 }).toBeGreaterThan(0)
      expect(app.meters().cpu).toBeGreaterThan(0)
      expect(app.meters().lateness.seconds).toHaveLength(60)
    })
  },
)
