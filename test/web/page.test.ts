import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { App } from '../../src/app/app.js'
import { type RunningServer, startServer } from '../../src/server/server.js'
import { startBuiltApp } from '../helpers/built-app.js'
import { BUILD, threadsAreBuilt } from '../helpers/compiled-worker.js'
import { fakeSurface } from '../helpers/fake-surface.js'

const CHROMIUM = '/usr/bin/chromium'
const missing = !existsSync(CHROMIUM) ? `${CHROMIUM} is missing` : threadsAreBuilt ? '' : BUILD
const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const QUIET = [
  ...['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'],
  ...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
  '--autoplay-policy=no-user-gesture-required',
]

describe.skipIf(missing !== '')(`the page in a browser${missing && ` (${missing})`}`, () => {
  let browser: Browser
  const servers: RunningServer[] = []
  const apps: App[] = []
  const problems: string[] = []

  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: CHROMIUM, args: QUIET })
  })
  afterAll(async () => browser?.close())
  afterEach(async () => {
    for (const context of browser.contexts()) await context.close()
    for (const app of apps.splice(0)) {
      app.end()
      await app.close()
    }
    await Promise.all(servers.splice(0).map((server) => server.close()))
    expect(problems.splice(0)).toEqual([])
  })

  async function visit(url: string): Promise<Page> {
    const page = await browser.newPage({ viewport: { width: 1200, height: 800 } })
    page.on('pageerror', (error) => problems.push(error.message))
    await page.goto(url)
    await page.waitForSelector('body[data-connected="yes"]')
    return page
  }

  async function serve(port = 0, token: string | null = null) {
    const program = fakeSurface()
    const server = await startServer({
      surface: program.surface,
      address: { host: '127.0.0.1', port },
      token,
      root: ROOT,
      version: '9.9',
      onNotice: () => {},
    })
    servers.push(server)
    return { ...program, server }
  }

  /** The real program, playing. */
  async function play(): Promise<{ app: App; url: string }> {
    const { app } = await startBuiltApp({
      web: { host: '127.0.0.1', port: 0, token: null },
      showsAhead: true,
    })
    apps.push(app)
    app.ask({ type: 'set', control: 'density', value: 16 }, 'keys')
    app.ask({ type: 'play' }, 'keys')
    return { app, url: app.meters().web ?? '' }
  }

  /** How many points of the roll have the colour of notes, above and below the keyboard. */
  const coloured = (page: Page, from: number, to: number) =>
    page.evaluate(
      ([first, last]) => {
        const canvas = document.querySelector<HTMLCanvasElement>('#roll')!
        const [top, bottom] = [Math.floor(canvas.height * first!), Math.floor(canvas.height * last!)]
        const { data } = canvas.getContext('2d')!.getImageData(0, top, canvas.width, bottom - top)
        let count = 0
        for (let i = 0; i < data.length; i += 4)
          if (data[i]! > data[i + 2]! + 60 && data[i + 3]! > 50) count++
        return count
      },
      [from, to],
    )

  test('opens, connects, and shows every control with its name', async () => {
    const { server } = await serve()
    const page = await visit(server.url)
    await page.waitForFunction(() => document.querySelector('#state')?.textContent === 'playing on Rubato')
    expect(await page.textContent('#version')).toBe('version 9.9')
    const { names, unlabelled } = await page.evaluate(() => ({
      names: [...document.querySelectorAll<HTMLElement>('[data-control]')].map(
        ({ dataset }) => dataset.control,
      ),
      unlabelled: [...document.querySelectorAll<HTMLInputElement>('input, select, button')].filter(
        (input) =>
          !input.getAttribute('aria-label') &&
          !input.textContent?.trim() &&
          (input.labels?.length ?? 0) === 0,
      ).length,
    }))
    expect(names).toContain('pitchWeights')
    expect(names.length).toBeGreaterThan(20)
    expect(unlabelled).toBe(0)
  })

  test('buttons and the keys of the computer make the requests that they name', async () => {
    const { server, asked, received } = await serve()
    const page = await visit(server.url)
    await page.click('#play')
    await page.click('[data-ask="again"]')
    await page.click('[data-ask="mark-theme"]')
    await page.click('[data-ask="take-style"]')
    await page.click('[data-ask="forget-style"]')
    await page.click('#presets button:nth-child(2)')
    await page.click('#store')
    await page.click('#presets button:nth-child(7)')
    await page.keyboard.down('d')
    await page.keyboard.up('d')
    await expect.poll(() => received.length).toBe(2)
    expect(received).toEqual([
      [0x90, 64, 80],
      [0x80, 64, 0],
    ])
    expect(asked.map(([request]) => request)).toEqual([
      { type: 'pause' },
      { type: 'again' },
      { type: 'mark-theme' },
      { type: 'take-style' },
      { type: 'set-style', style: null },
      { type: 'recall', preset: 2 },
      { type: 'store', preset: 7 },
    ])
    expect(asked.every(([, by]) => by === 'web')).toBe(true)
  })

  test("the drummer's controls are shown while a drummer plays, and set the drummer alone", async () => {
    const program = await serve()
    const page = await visit(program.server.url)
    expect(await page.isVisible('#drummer')).toBe(false)
    program.joinDrums()
    await page.waitForSelector('#drummer:not([hidden])')
    await page.focus('#drums-velocityMin')
    await page.keyboard.press('ArrowRight')
    await expect
      .poll(() => program.asked.map(([request]) => request))
      .toEqual([{ type: 'drums', command: { type: 'set', control: 'velocityMin', value: 2 } }])
  })

  test('buttons have a drummer join, and mute the parts or have one heard alone', async () => {
    const program = await serve()
    const page = await visit(program.server.url)
    await page.waitForSelector('#drummer-on:not([hidden])')
    expect(await page.isVisible('#mute-drums')).toBe(false)
    await page.click('#drummer-on')
    await page.click('#mute-piano')
    program.joinDrums()
    await page.waitForSelector('#mute-drums:not([hidden])')
    await page.click('#mute-drums')
    await page.click('#solo-drums')
    await page.click('#drummer-on')
    await expect
      .poll(() => program.asked.map(([request]) => request))
      .toEqual([
        { type: 'drummer', on: true },
        { type: 'mute', part: 'piano', on: true },
        { type: 'mute', part: 'drums', on: true },
        { type: 'solo', part: 'drums' },
        { type: 'drummer', on: false },
      ])
  })

  test('a slider sets the control of the program, and the page shows who set it', async () => {
    const { app, url } = await play()
    const page = await visit(url)
    await page.focus('#control-transpose')
    for (let n = 0; n < 5; n++) await page.keyboard.press('ArrowRight')
    await expect.poll(() => app.snapshot()?.controls.transpose).toBe(5)
    await page.waitForFunction(
      () => document.querySelector('[data-control="transpose"] .by')?.textContent === 'web',
    )
  })

  test('planned notes are drawn above the keyboard, played notes below it', async () => {
    const { url } = await play()
    const page = await visit(url)
    await expect.poll(() => coloured(page, 0, 0.25), { timeout: 30_000 }).toBeGreaterThan(100)
    await expect.poll(() => coloured(page, 0.5, 1), { timeout: 30_000 }).toBeGreaterThan(100)
  })

  test('the level meter shows the sound', async () => {
    const { url } = await play()
    const page = await visit(url)
    await page.click('#sound')
    await page.waitForFunction(
      () => (document.querySelector<HTMLMeterElement>('#level')?.value ?? 0) > 0.005,
      null,
      {
        timeout: 60_000,
      },
    )
    await page.click('#sound')
    await page.waitForFunction(() => document.querySelector<HTMLMeterElement>('#level')?.value === 0)
  })

  test('connects again after the server was started again', async () => {
    const { server } = await serve()
    const page = await visit(server.url)
    const port = Number(new URL(server.url).port)
    await server.close()
    servers.length = 0
    await page.waitForSelector('body[data-connected="no"]')
    expect(await page.textContent('#state')).toContain('trying again')
    await serve(port)
    await page.waitForSelector('body[data-connected="yes"]', { timeout: 30_000 })
  })

  test('a token in the address of the page is sent to the server', async () => {
    const { server } = await serve(0, 'secret')
    const page = await visit(`${server.url}/?token=secret`)
    expect(await page.getAttribute('#download', 'href')).toBe('/capture.mid?token=secret')
  })

  test('nothing is wider than a screen of 400 pixels', async () => {
    const { server } = await serve()
    const page = await visit(server.url)
    for (const width of [400, 1600]) {
      await page.setViewportSize({ width, height: 800 })
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width)
    }
  })
})
