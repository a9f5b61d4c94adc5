import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Refused } from '../../../src/engine/refused.js'
import { modelFolder, readModel } from '../../../src/io/models/model-files.js'
import { importModel } from '../../../src/io/models/model-import.js'
import { publishModel } from '../../helpers/published-model.js'
import {
  answers,
  breaksAfter,
  type Fault,
  serveWeights,
  type WeightServer,
} from '../../helpers/weight-server.js'

const music = publishModel(21, 8, 5)

/** Another model of the same shapes, so that its shards would fit the first one's manifest. */
const other = publishModel(21, 8, 6)
const names = music.shards.map(({ name }) => name)
const third = names[2]!

let folder = ''
let server: WeightServer
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'rubato-download-'))
  server = await serveWeights({ music, other })
})
afterEach(() => {
  server.close()
  rmSync(folder, { recursive: true })
})

const target = () => join(folder, 'model')
const part = () => `${target()}.part`
const address = () => `${server.address}music/`
const paths = () => server.requests.map(({ path }) => path)

/** Imports a model. @returns the notices. */
async function runImport(source: string, name = target()): Promise<string[]> {
  const said: string[] = []
  server.requests.length = 0
  await importModel(source, name, () => {}, { notice: (sentence) => said.push(sentence) })
  return said
}

/** The sentence with which an import is refused while the server answers for the third shard with `fault`. */
async function refusal(source: string, fault?: Fault): Promise<string> {
  if (fault) server.faults.set(third, fault)
  try {
    await runImport(source)
    return 'it was imported'
  } catch (error) {
    expect(error).toBeInstanceOf(Refused)
    return (error as Refused).message
  } finally {
    server.faults.delete(third)
  }
}

/** The names of the files below a folder, and their contents. */
function contents(path: string): unknown {
  const found = readdirSync(path, { recursive: true, withFileTypes: true })
  const read = (file: string) => readFileSync(file, 'base64')
  return found.map((file) => [file.name, file.isFile() && read(join(file.parentPath, file.name))])
}

async function sha256Of(model: string): Promise<string> {
  const path = join(folder, `straight-${model}`)
  await importModel(`${server.address}${model}`, path, () => {})
  const { sha256 } = readModel(path)
  rmSync(path, { recursive: true })
  return sha256
}

describe('a downloaded model', () => {
  test('is the same as from a folder', async () => {
    const source = join(folder, 'source')
    mkdirSync(source)
    writeFileSync(join(source, 'weights_manifest.json'), music.manifest)
    for (const { name, bytes } of music.shards) writeFileSync(join(source, name), bytes)
    expect(await runImport(address())).toEqual([])
    await importModel(source, join(folder, 'other'), () => {})
    expect(readModel(target()).sha256).toBe(readModel(join(folder, 'other')).sha256)
    expect(readdirSync(folder).sort()).toEqual(['model', 'other', 'source'])
    expect(readdirSync(target()).sort()).toEqual(['CARD.md', 'model.json', 'weights.safetensors'])
  })

  test('may have an address in capitals, with the manifest at its end, and a query that goes with each file', async () => {
    await runImport(`${address().replace('http', 'HTTP')}weights_manifest.json?key=a/b#x`)
    expect(paths()).toEqual(['weights_manifest.json', ...names].map((name) => `${name}?key=a/b`))
    expect(readFileSync(join(target(), 'CARD.md'), 'utf8')).not.toContain('key')
  })

  test.each([
    ['the length told', breaksAfter(1000), 'bytes=1000-'],
    ['no length told', breaksAfter(1000, false), 'bytes=1000-'],
    ['503', answers(503), undefined],
    ['429', answers(429), undefined],
  ] as const)('that is interrupted (%s) is resumed where it was', async (_, fault, range) => {
    const sha256 = await sha256Of('music')
    expect(await refusal(address(), fault)).toMatch(/, and the same command goes on from what has come\.$/)
    expect(existsSync(target())).toBe(false)
    expect(await runImport(address())).toEqual([])
    // Files that had arrived whole aren't requested again.
    expect(paths().slice(0, 2)).toEqual(['weights_manifest.json', third])
    expect(paths()).not.toContain(names[1])
    expect(server.requests[1]?.range).toBe(range)
    expect(readModel(target()).sha256).toBe(sha256)
    expect(readdirSync(folder)).toEqual(['model'])
  })

  test.each([
    ['ignored', undefined],
    ['answered with the whole file as if it were the rest', 'bytes 0-9/10'],
    ['answered with no range at all', ''],
    ['answered with a part of the rest', 'bytes 1000-1009/999999'],
  ])('with a content range of %s has that file fetched from its beginning', async (_, contentRange) => {
    const sha256 = await sha256Of('music')
    await refusal(address(), breaksAfter(1000))
    server.knowsRanges = false
    if (contentRange !== undefined)
      server.faults.set(third, ({ headers }, response, bytes) => {
        if (!headers.range) return false
        response.writeHead(206, contentRange ? { 'content-range': contentRange } : {}).end(bytes)
        return true
      })
    await runImport(address())
    expect(readModel(target()).sha256).toBe(sha256)
  })

  test('of unknown length that was complete is taken as complete', async () => {
    const sha256 = await sha256Of('music')
    await refusal(address(), breaksAfter(1000, false))
    writeFileSync(join(part(), 'download', `${third}~`), music.shards[2]!.bytes)
    await runImport(address())
    expect(readModel(target()).sha256).toBe(sha256)
  })

  test('that is stopped says so in a sentence and can be resumed', async () => {
    const stop = new AbortController()
    server.faults.set(third, (_, response, bytes) => {
      response.writeHead(200, { 'content-length': bytes.length })
      response.write(bytes.subarray(0, 500), () => setTimeout(() => stop.abort(), 50))
      return true
    })
    await expect(importModel(address(), target(), () => {}, { stop: stop.signal })).rejects.toThrow(
      'Stopped; the same command goes on from what has come.',
    )
    server.faults.clear()
    await runImport(address())
    expect(server.requests[1]).toEqual({ path: third, range: 'bytes=500-' })
  })

  test.skipIf(!existsSync('/dev/full'))(
    'that fills the disk stays there to be resumed, and a sentence says so',
    async () => {
      await refusal(address(), answers(503))
      const full = join(part(), 'download', `${third}~`)
      symlinkSync('/dev/full', full)
      expect(await refusal(address())).toMatch(
        /~ can't be written \(ENOSPC\); make room there, and the same command goes on from what has come\.$/,
      )
      rmSync(full)
      await runImport(address())
      expect(paths().slice(0, 2)).toEqual(['weights_manifest.json', third])
    },
  )

  test('whose files are too short or too long, though their lengths are given, is deleted', async () => {
    const short: Fault = (_, response, bytes) => {
      // The file is sent in chunks, so that its end is known.
      response.write(bytes.subarray(4))
      response.end()
      return true
    }
    expect(await refusal(address(), short)).toMatch(/ are 4 bytes short of the manifest's \d+\.$/)
    expect(readdirSync(folder)).toEqual([])
    const long: Fault = (_, response) => {
      response.end(Buffer.alloc(1e6))
      return true
    }
    expect(await refusal(address(), long)).toMatch(/ is longer than the \d+ bytes that it should have\.$/)
    expect(readdirSync(folder)).toEqual([])
  })
})

describe('an interrupted download', () => {
  beforeEach(async () => {
    await refusal(address(), breaksAfter(1000))
  })

  test('is resumed only from its own source', async () => {
    const sha256 = await sha256Of('other')
    expect(await runImport(`${server.address}other`)).toEqual([
      `The files downloaded from ${address()} are deleted: the import from ${server.address}other/ begins anew.`,
    ])
    expect(paths()).toEqual(['weights_manifest.json', ...names])
    expect(readModel(target()).sha256).toBe(sha256)
  })

  test('is resumed only with its own manifest', async () => {
    server.models.set('music', { ...other, manifest: `${other.manifest}\n` })
    const sha256 = await sha256Of('music')
    expect(await runImport(address())).toEqual([
      `The manifest at ${address()} has changed: the files downloaded before are deleted, and the download begins anew.`,
    ])
    expect(readModel(target()).sha256).toBe(sha256)
  })

  test('is replaced by an import from a folder', async () => {
    expect(await runImport(modelFolder('tiny'))).toEqual([
      `The files downloaded from ${address()} are deleted: the import from ${modelFolder('tiny')} begins anew.`,
    ])
    expect(readdirSync(folder)).toEqual(['model'])
  })

  test('with a damaged marker begins anew', async () => {
    writeFileSync(join(part(), 'rubato-import.json'), '{')
    expect(await runImport(address())).toEqual([
      `The files downloaded from another source are deleted: the import from ${address()} begins anew.`,
    ])
  })

  test.each([
    ['/nowhere', /^\/nowhere doesn't exist\.$/],
    ['http://[', /^http:\/\/\[ isn't a web address/],
    ['http://nowhere.invalid/', /can't be fetched \(\w+\); look at the address and the connection\.$/],
    ['NOTHING', /answers 404; look at the address\.$/],
  ])('stays as it is when a source can’t be had (%s)', async (source, sentence) => {
    const before = contents(part())
    expect(await refusal(source.replace('NOTHING', `${server.address}nothing/`))).toMatch(sentence)
    expect(contents(part())).toEqual(before)
  })

  test('is not blocked by an earlier process with the same id, but by a living one', async () => {
    writeFileSync(join(part(), 'rubato-import.pid'), `${process.ppid}`)
    const before = contents(part())
    expect(await refusal(address())).toBe(
      `Another import (process ${process.ppid}) is at work in ${part()}; wait for its end, or give the model another name.`,
    )
    expect(contents(part())).toEqual(before)
    for (const dead of [String(process.pid), '4194304999', '', 'x']) {
      cpSync(part(), join(folder, 'again.part'), { recursive: true })
      writeFileSync(join(folder, 'again.part', 'rubato-import.pid'), dead)
      await runImport(address(), join(folder, 'again'))
      expect(server.requests).toHaveLength(5)
      rmSync(join(folder, 'again'), { recursive: true })
    }
  })
})

test('of two imports to one place at once, the second is refused and the first succeeds', async () => {
  const outcomes = await Promise.allSettled([runImport(address()), runImport(address())])
  expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected'])
  expect(String((outcomes[1] as PromiseRejectedResult).reason)).toMatch(/Another import .* is at work in/)
  expect(readdirSync(folder)).toEqual(['model'])
})

describe('a folder that no import made', () => {
  test.each(['/nowhere', modelFolder('tiny'), 'MUSIC'])('is left alone (%s)', async (source) => {
    mkdirSync(part())
    writeFileSync(join(part(), 'mine'), 'x')
    expect(await refusal(source.replace('MUSIC', address()))).toMatch(
      source === '/nowhere' ? /./ : /model\.part is in the way and no import made it; move it elsewhere, or/,
    )
    expect(readdirSync(part())).toEqual(['mine'])
  })

  test('a file that somebody else put into the folder of an import survives success and failure', async () => {
    await refusal(address(), breaksAfter(1000))
    writeFileSync(join(part(), 'mine'), 'x')
    await runImport(address())
    expect(readdirSync(part())).toEqual(['mine'])
    expect(readdirSync(target()).sort()).toEqual(['CARD.md', 'model.json', 'weights.safetensors'])
  })
})

test('endless redirects are reported as a wrong address, and the files that came before stay', async () => {
  server.faults.set('weights_manifest.json', answers(302, { location: 'weights_manifest.json' }))
  expect(await refusal(address())).toMatch(/\(redirect count exceeded\); look at the address\.$/)
  expect(readdirSync(folder)).toEqual([])
  server.faults.clear()
  expect(await refusal(address(), answers(302, { location: third }))).not.toMatch(/goes on/)
  await runImport(address())
  expect(paths()).not.toContain(names[1])
})
