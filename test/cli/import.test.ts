import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { modelFolder } from '../../src/io/models/model-files.js'
import { BUILT_CLI } from '../helpers/built-app.js'
import { withSettingsIn } from '../helpers/fresh-settings.js'
import { publishModel } from '../helpers/published-model.js'
import { serveWeights, type WeightServer } from '../helpers/weight-server.js'

let folder = ''
let server: WeightServer
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'rubato-import-'))
  server = await serveWeights({ music: publishModel(21, 8, 5) })
})
afterEach(() => {
  server.close()
  rmSync(folder, { recursive: true })
})

interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Runs the built `rubato import` in the folder; `begun` is given what interrupts it. */
function rubatoImport(args: readonly string[], begun: (kill: () => void) => void = () => {}): Promise<Ended> {
  const child = spawn('node', [BUILT_CLI, 'import', ...args], { cwd: folder, env: withSettingsIn() })
  let stdout = ''
  let stderr = ''
  child.stdout.on('data', (text) => {
    stdout += text
  })
  child.stderr.on('data', (text) => {
    stderr += text
  })
  begun(() => child.kill('SIGINT'))
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, stdout, stderr })))
}

describe('rubato import', () => {
  test.each([
    [[], /^From where, and to which folder\?.*\n$/],
    [['', 'x'], /^From where, and to which folder\?.*\n$/],
    [[modelFolder('tiny'), ''], /^From where, and to which folder\?.*\n$/],
    [[modelFolder('tiny'), '.'], /^\. is there already; give the model another name\.\n$/],
    [['http://', 'x'], /^http:\/\/ isn't a web address; .*\.\n$/],
    [['http://[', 'x'], /^http:\/\/\[ isn't a web address; .*\.\n$/],
    [['HTTP://', 'x'], /^HTTP:\/\/ isn't a web address; .*\.\n$/],
    [
      ['http://a:b@host/', 'x'],
      /^An address with a user's name or password \(host\) isn't accepted; .*\.\n$/,
    ],
    [['ftp://host/x', 'x'], /^ftp:\/\/host\/x is neither an http nor an https address; .*\.\n$/],
    [['http://127.0.0.1:6000/', 'x'], / can't be fetched \(bad port\); look at the address\.\n$/],
    [['/nowhere', 'x'], /^\/nowhere doesn't exist\.\n$/],
    [['/dev/null', 'x'], /^\/dev\/null isn't a file\.\n$/],
    [[modelFolder('tiny'), '/dev/null/x'], /^\/dev\/null can't be made \(\w+\); choose another place\.\n$/],
  ])('%j: one sentence and exit code 2', async (args, sentence) => {
    const { code, stdout, stderr } = await rubatoImport(args)
    expect(stderr).toMatch(sentence)
    expect(stdout).toBe('')
    expect(code).toBe(2)
    expect(readdirSync(folder)).toEqual([])
  })

  test('Ctrl-C says that the same command resumes the download, and it does', async () => {
    const address = `${server.address}music`
    const stopped = await rubatoImport([address, 'x'], (kill) => {
      server.faults.set('group1-shard2of6', (_, response, bytes) => {
        response.writeHead(200, { 'content-length': bytes.length })
        response.write(bytes.subarray(0, 500), () => setTimeout(kill, 100))
        return true
      })
    })
    expect(stopped).toEqual({
      code: 130,
      stdout: '',
      stderr: 'Stopped; the same command goes on from what has come.\n',
    })
    server.faults.clear()
    server.requests.length = 0
    expect(await rubatoImport([address, 'x'])).toMatchObject({ code: 0, stderr: '' })
    expect(server.requests[1]).toEqual({ path: 'group1-shard2of6', range: 'bytes=500-' })
    expect(existsSync(join(folder, 'x', 'model.json'))).toBe(true)
  })

  test('a second import to the same place is refused while the first is at work, and the first succeeds', async () => {
    const address = `${server.address}music`
    let second: Promise<Ended> | undefined
    const first = await rubatoImport([address, 'x'], () => {
      server.faults.set('group1-shard2of6', (_, response, bytes) => {
        second = rubatoImport([address, 'x'])
        second.then(() => response.end(bytes))
        return true
      })
    })
    expect(first.code).toBe(0)
    const refused = await second
    expect(refused?.code).toBe(2)
    expect(refused?.stderr).toMatch(/^Another import \(process \d+\) is at work in .*x\.part; wait .*\.\n$/)
    expect(readdirSync(folder)).toEqual(['x'])
  })
})
