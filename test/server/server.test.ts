import { existsSync } from 'node:fs'
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http'
import { connect } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { defaultControls, untouchedMusic } from '../../src/engine/controls/controls.js'
import { Refused } from '../../src/engine/refused.js'
import { DEFAULT_WEB, parseAddress } from '../../src/server/address.js'
import { MOST_CLIENTS, type RunningServer, startServer } from '../../src/server/server.js'
import { fakeSurface } from '../helpers/fake-surface.js'
import { randomNumbers } from '../helpers/random-numbers.js'
import { misfit } from '../helpers/server-schema.js'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const isBuilt = existsSync(join(ROOT, 'dist/server/web/page.js'))
const running: RunningServer[] = []
const open: WebSocket[] = []
/** For each message that a server has sent, why it fits no schema, or null. */
const misfits: (string | null)[] = []

async function start(token: string | null = null) {
  const program = fakeSurface()
  const server = await startServer({
    surface: program.surface,
    address: { host: '127.0.0.1', port: 0 },
    token,
    root: ROOT,
    version: '0',
    onNotice: () => {},
  })
  running.push(server)
  return { ...program, server, port: Number(new URL(server.url).port) }
}

afterEach(async () => {
  for (const socket of open.splice(0)) socket.terminate()
  await Promise.all(running.splice(0).map((server) => server.close()))
  // In every test, everything that the servers sent must fit the schemas.
  expect(misfits.splice(0).filter((reason) => reason !== null)).toEqual([])
})

type Message = { readonly type: string } & Readonly<Record<string, unknown>>

/** A client that holds every message it gets, and checks it against the schemas. */
function client(
  port: number,
  { path = '/', headers = {} }: { path?: string; headers?: Record<string, string> } = {},
) {
  const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, { headers })
  open.push(socket)
  const messages: Message[] = []
  let status = 0
  let code = 0
  socket.on('message', (text) => {
    const message = JSON.parse(String(text)) as Message
    misfits.push(misfit(message))
    messages.push(message)
  })
  socket.on('unexpected-response', (_request, response) => {
    status = response.statusCode ?? 0
    socket.terminate()
  })
  socket.on('close', (closeCode) => {
    code = closeCode
  })
  socket.on('error', () => {})
  const until = async (condition: () => boolean) => {
    for (let n = 0; n < 1000 && !condition(); n++) await sleep(10)
    expect(condition()).toBe(true)
  }
  return {
    socket,
    messages,
    of: (type: string) => messages.filter((message) => message.type === type),
    say: (message: unknown) => socket.send(typeof message === 'string' ? message : JSON.stringify(message)),
    opened: () => until(() => socket.readyState === WebSocket.OPEN),
    closed: () => until(() => socket.readyState === WebSocket.CLOSED),
    until,
    status: () => status,
    code: () => code,
  }
}

function get(
  port: number,
  path: string,
  headers: Record<string, string> = {},
  method = 'GET',
): Promise<{ status: number; headers: IncomingHttpHeaders; body: string }> {
  return new Promise((resolve, reject) => {
    const sent = httpRequest({ host: '127.0.0.1', port, path, method, headers }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: Buffer.concat(chunks).toString('latin1'),
        }),
      )
    })
    sent.on('error', reject)
    sent.end()
  })
}

describe('the server', () => {
  test('sends hello with protocol and controls, then snapshots', async () => {
    const { port, change } = await start()
    const one = client(port)
    await one.until(() => one.of('snapshot').length > 0)
    expect(one.messages[0]).toMatchObject({ type: 'hello', protocol: 2, version: '0' })
    expect(one.messages[0]?.controls).toHaveLength(Object.keys(defaultControls()).length)
    expect(one.of('snapshot')[0]).toMatchObject({ snapshot: { paused: false }, meters: { model: 'tiny' } })
    change({ paused: true })
    await one.until(() => JSON.stringify(one.of('snapshot').at(-1)).includes('"paused":true'))
  })

  test('carries out requests, answers with their ids, and refuses with a reason', async () => {
    const { port, asked } = await start()
    const one = client(port)
    await one.opened()
    one.say({ type: 'set', control: 'density', value: 12, id: 1 })
    one.say({ type: 'reset', id: 2 })
    one.say({ type: 'recall', preset: 9, id: 3 })
    one.say({ type: 'set', control: 'density', value: 1000, id: 4 })
    one.say('nonsense')
    one.socket.send(Buffer.from([1, 2, 3]))
    await one.until(() => one.of('answer').length + one.of('error').length === 6)
    expect(asked).toEqual([
      [{ type: 'set', control: 'density', value: 12 }, 'web'],
      [{ type: 'set-some', controls: untouchedMusic() }, 'web'],
      [{ type: 'recall', preset: 9 }, 'web'],
    ])
    expect(one.of('answer')).toEqual([
      { type: 'answer', id: 1, ok: true, sentence: null },
      { type: 'answer', id: 2, ok: true, sentence: null },
      { type: 'answer', id: 3, ok: false, reason: 'Nothing is stored as preset 9.' },
    ])
    expect(one.of('error').map(({ id }) => id)).toEqual([4, undefined, undefined])
  })

  test('sends notes, heard messages and notices to every client, with exact times', async () => {
    const { port, send, hear, say } = await start()
    const clients = [client(port), client(port)]
    for (const one of clients) await one.until(() => one.of('hello').length === 1)
    const note = {
      kind: 'note-on',
      due: 123.456,
      sentAt: 123.5,
      source: 'performer',
      fate: 'sent',
      id: 1,
      channel: 0,
      pitch: 60,
      velocity: 70,
    } as const
    send(note)
    hear({ kind: 'note-on', at: 99.25, channel: 0, pitch: 48, velocity: 5 })
    say('A port is gone.')
    for (const one of clients) {
      await one.until(() => one.of('notes').length + one.of('heard').length + one.of('notice').length === 3)
      expect(one.of('notes')[0]?.sent).toEqual([note])
      expect(one.of('heard')[0]?.messages).toMatchObject([{ at: 99.25, pitch: 48 }])
      expect(one.of('notice')[0]).toEqual({ type: 'notice', sentence: 'A port is gone.' })
    }
  })

  test('keys and pedals of a client sound, and are released when it is gone', async () => {
    const { port, received } = await start()
    const one = client(port)
    await one.opened()
    one.say({ type: 'note-on', pitch: 60, velocity: 80, channel: 3 })
    one.say({ type: 'note-on', pitch: 62, velocity: 80 })
    one.say({ type: 'note-off', pitch: 62 })
    one.say({ type: 'control-change', controller: 64, value: 127 })
    await one.until(() => received.length === 4)
    one.socket.terminate()
    await one.until(() => received.length === 6)
    expect(received).toEqual([
      [0x92, 60, 80],
      [0x90, 62, 80],
      [0x80, 62, 0],
      [0xb0, 64, 127],
      [0x82, 60, 0],
      [0xb0, 64, 0],
    ])
  })

  test('more than 200 messages a second are ignored with an error; far more end the connection', async () => {
    const { port, asked } = await start()
    const one = client(port)
    await one.opened()
    for (let n = 0; n < 1500; n++) one.say({ type: 'undo' })
    await one.until(() => one.of('error').length > 0)
    expect(one.of('error')[0]?.reason).toContain('200')
    expect(asked.length).toBeLessThanOrEqual(400)
    for (let n = 0; n < 20_000; n++) one.say({ type: 'undo' })
    await one.closed()
    expect(one.code()).toBe(1008)
    expect(asked.length).toBeLessThanOrEqual(1000)
  })

  test(`accepts ${MOST_CLIENTS} clients and no more, until one goes`, async () => {
    const { port } = await start()
    const clients = Array.from({ length: MOST_CLIENTS }, () => client(port))
    for (const one of clients) await one.opened()
    const late = client(port)
    await late.until(() => late.status() === 503)
    clients[0]?.socket.terminate()
    await clients[0]?.closed()
    await sleep(50)
    const later = client(port)
    await later.opened()
  })

  test('a client that reads nothing costs a bounded amount of memory and does not hold up the others', async () => {
    const { port, send } = await start()
    const reader = client(port)
    const sleeper = connect(port, '127.0.0.1')
    sleeper.write(
      `GET / HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
        'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n',
    )
    sleeper.pause()
    await reader.opened()
    await sleep(100)
    const before = process.memoryUsage().arrayBuffers + process.memoryUsage().heapUsed
    const note = {
      kind: 'note-off',
      due: 0,
      sentAt: 0,
      source: 'performer',
      fate: 'sent',
      id: 1,
      channel: 0,
      pitch: 1,
    } as const
    let told = 0
    for (let batch = 0; batch < 60; batch++) {
      for (let n = 0; n < 2000; n++) send(note)
      told += 2000
      await sleep(40)
    }
    await reader.until(
      () => reader.of('notes').reduce((sum, { sent }) => sum + (sent as unknown[]).length, 0) === told,
    )
    reader.messages.length = 0
    globalThis.gc?.()
    const after = process.memoryUsage().arrayBuffers + process.memoryUsage().heapUsed
    // Some 15 MB were meant for the client that reads nothing. The messages that the reading client stored here are part of
    // the difference.
    expect(after - before).toBeLessThan(150e6)
    sleeper.destroy()
  })

  test('thousands of mutated messages through a socket are each answered, and the server lives on', async () => {
    const { port } = await start()
    const random = randomNumbers(9)
    let answers = 0
    for (let round = 0; round < 10; round++) {
      const one = client(port)
      await one.opened()
      for (let n = 0; n < 200; n++) {
        const text = '{"type":"set","control":"density","value":12}'
        const at = Math.floor(text.length * random())
        one.say(text.slice(0, at) + String.fromCharCode(32 + Math.floor(90 * random())) + text.slice(at + 1))
      }
      await one.until(() => one.of('answer').length + one.of('error').length >= 200)
      answers += one.of('answer').length + one.of('error').length
    }
    expect(answers).toBeGreaterThanOrEqual(2000)
  })

  test('after close no client is left and the port is free', async () => {
    const { server, port, watchers } = await start()
    const one = client(port)
    await one.opened()
    await server.close()
    running.length = 0
    await one.closed()
    expect([watchers.sent.size, watchers.heard.size, watchers.notice.size]).toEqual([0, 0, 0])
    const again = await startServer({
      surface: fakeSurface().surface,
      address: { host: '127.0.0.1', port },
      token: null,
      root: ROOT,
      version: '0',
      onNotice: () => {},
    })
    running.push(again)
    expect(again.url).toBe(`http://127.0.0.1:${port}`)
  })

  test('close also ends refused connections that never hang up', async () => {
    const { server, port } = await start()
    const refused = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
    refused.on('error', () => {})
    const told = new Promise((resolve) => refused.once('data', (bytes) => resolve(String(bytes))))
    refused.write('GET / HTTP/1.1\r\nHost: evil.example\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n')
    expect(await told).toContain('421 Misdirected Request')
    const ended = await Promise.race([server.close().then(() => 'ended'), sleep(2000, 'hangs')])
    refused.destroy()
    expect(ended).toBe('ended')
  })

  test('a port that is taken is refused in a sentence', async () => {
    const { port } = await start()
    const second = startServer({
      surface: fakeSurface().surface,
      address: { host: '127.0.0.1', port },
      token: null,
      root: ROOT,
      version: '0',
      onNotice: () => {},
    })
    await expect(second).rejects.toThrow(
      `The web address 127.0.0.1:${port} is taken; --web PORT names another.`,
    )
  })
})

describe('who is let in', () => {
  test('a page of another Origin is refused, at the WebSocket and at the capture', async () => {
    const { port, holdCapture } = await start()
    holdCapture(new Uint8Array([1]))
    for (const origin of [
      'https://evil.example',
      `http://localhost:${port + 1}`,
      'null',
      `https://127.0.0.1:${port}`,
    ]) {
      const one = client(port, { headers: { origin } })
      await one.until(() => one.status() === 403)
      expect((await get(port, '/capture.mid', { origin })).status).toBe(403)
    }
    const own = client(port, { headers: { origin: `http://127.0.0.1:${port}` } })
    await own.opened()
  })

  test('a wrong Host, as after DNS rebinding, is refused everywhere', async () => {
    const { port } = await start()
    for (const host of [
      'evil.example',
      `evil.example:${port}`,
      '127.0.0.1',
      `127.0.0.1:${port + 1}`,
      `127.0.0.2:${port}`,
    ]) {
      const one = client(port, { headers: { host, origin: `http://${host}` } })
      await one.until(() => one.status() === 421)
      expect((await get(port, '/', { host })).status).toBe(421)
    }
    expect((await get(port, '/nothing', { host: `localhost:${port}` })).status).toBe(404)
  })

  test('a wrong token is refused where a token is set', async () => {
    const { port, holdCapture } = await start('secret')
    holdCapture(new Uint8Array([77]))
    for (const path of ['/', '/?token=', '/?token=secre', '/?token=secret2', '/?token=Secret']) {
      const one = client(port, { path })
      await one.until(() => one.status() === 401)
      expect((await get(port, `/capture.mid${path.slice(1)}`)).status).toBe(401)
    }
    const byQuery = client(port, { path: '/?token=secret' })
    await byQuery.opened()
    const byHeader = client(port, { headers: { authorization: 'Bearer secret' } })
    await byHeader.opened()
    expect((await get(port, '/capture.mid?token=secret')).status).toBe(200)
  })

  test('a message of more than 64 KB ends the connection; one of 64 KB is answered', async () => {
    const { port } = await start()
    for (const size of [10 * 1024 * 1024, 64 * 1024 + 1]) {
      const one = client(port)
      await one.opened()
      one.say('x'.repeat(size))
      await one.closed()
      expect(one.code()).toBe(1009)
    }
    const one = client(port)
    await one.opened()
    one.say('x'.repeat(64 * 1024))
    await one.until(() => one.of('error').length === 1)
  })

  test('beyond this machine the server starts only with a token, and then with a warning', async () => {
    const options = {
      surface: fakeSurface().surface,
      address: { host: '0.0.0.0', port: 0 },
      root: ROOT,
      version: '0',
    }
    await expect(startServer({ ...options, token: null, onNotice: () => {} })).rejects.toThrow(Refused)
    await expect(startServer({ ...options, token: '', onNotice: () => {} })).rejects.toThrow(Refused)
    const notices: string[] = []
    const server = await startServer({
      ...options,
      token: 't',
      onNotice: (sentence) => notices.push(sentence),
    })
    running.push(server)
    expect(notices).toHaveLength(1)
  })
})

describe('the files it serves', () => {
  test('are those of a fixed list, and no others', async () => {
    const { port } = await start()
    for (const path of [
      '/package.json',
      '/../package.json',
      '/server/web/../server.js',
      '/server/web/%2e%2e/server.js',
      '/server/server.js',
      '/engine/plan.js',
      '/engine/../cli.js',
      '/server/web/a/b.js',
      '/__proto__',
      '//etc/passwd',
    ]) {
      expect((await get(port, path)).status, path).toBe(404)
    }
    const tone = await get(port, '/tone.js', {}, 'HEAD')
    expect(tone.status).toBe(200)
    expect(tone.headers['content-type']).toContain('text/javascript')
    expect(tone.headers['x-content-type-options']).toBe('nosniff')
    expect(tone.headers['content-security-policy']).toContain("default-src 'self'")
    expect((await get(port, '/tone.js', {}, 'POST')).status).toBe(405)
  })

  test.skipIf(!isBuilt)('include every module that the page imports, directly or not', async () => {
    const { port } = await start()
    const seen = new Set(['/server/web/page.js'])
    for (const path of seen) {
      const { status, body } = await get(port, path)
      expect(status, path).toBe(200)
      for (const [, name = ''] of body.matchAll(/^(?:import|export) .*'(\..*)';?$/gm)) {
        seen.add(new URL(name, `http://localhost${path}`).pathname)
      }
    }
    expect(seen).toContain('/engine/controls/table/play.js')
  })

  test('include the capture, as a file to download', async () => {
    const { port, holdCapture } = await start()
    expect((await get(port, '/capture.mid')).status).toBe(404)
    holdCapture(new TextEncoder().encode('MThd...'))
    const { status, headers, body } = await get(port, '/capture.mid')
    expect([status, body]).toEqual([200, 'MThd...'])
    expect(headers['content-disposition']).toContain('attachment')
    // Captures cost main some time, so they are not made as fast as somebody asks.
    const soon = await get(port, '/capture.mid')
    expect([soon.status, soon.headers['retry-after']]).toEqual([429, '5'])
  })

  test('are sent whole and in order to a caller that asks for several at once', async () => {
    const { port } = await start()
    const { status, ended } = ask(port, ['/page.css', '/tone.js', '/icon.svg'], 'close')
    await ended
    expect(status()).toEqual([200, 200, 200])
  })

  test('are not held in memory for a caller that asks for them a thousand times and reads none', async () => {
    const { port } = await start()
    const before = process.memoryUsage().rss
    const callers = Array.from({ length: 4 }, () =>
      ask(port, new Array<string>(1000).fill('/tone.js'), 'keep-alive', 'pause'),
    )
    await Promise.all(callers.map(({ ended }) => ended))
    // Each answer is 340 KB long, 1.4 GB in all.
    expect(process.memoryUsage().rss - before).toBeLessThan(100e6)
    expect((await get(port, '/')).status).toBe(200)
  })
})

/** Sends requests for `paths` in one go, and tells the status of each answer when the connection has ended. */
function ask(port: number, paths: readonly string[], last: 'close' | 'keep-alive', reading?: 'pause') {
  const socket = connect(port, '127.0.0.1')
  let text = ''
  socket.setEncoding('latin1')
  socket.on('data', (data) => {
    text += data
  })
  socket.on('error', () => {})
  if (reading === 'pause') socket.pause()
  const host = `Host: 127.0.0.1:${port}`
  socket.write(
    paths
      .map(
        (path, n) =>
          `GET ${path} HTTP/1.1\r\n${host}\r\n${n + 1 === paths.length ? `Connection: ${last}\r\n` : ''}\r\n`,
      )
      .join(''),
  )
  return {
    status: () => [...text.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, code]) => Number(code)),
    ended: new Promise((resolve) => socket.once('close', resolve)),
  }
}

describe('an address', () => {
  test.each([
    ['8000', { host: DEFAULT_WEB.host, port: 8000 }],
    ['0.0.0.0:80', { host: '0.0.0.0', port: 80 }],
    ['localhost:7331', { host: 'localhost', port: 7331 }],
    ['[::1]:7331', { host: '::1', port: 7331 }],
  ])('%s', (text, address) => {
    expect(parseAddress(text)).toEqual(address)
  })

  test.each(['', 'x', '0', '65536', ':80', '::1:80', '[::1]', 'a b:80', '127.0.0.1:', 'http://x:80'])(
    '%j is refused',
    (text) => {
      expect(() => parseAddress(text)).toThrow(Refused)
    },
  )
})
