import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { EVENT_COUNT } from '../../../src/engine/language/events.js'
import { createNetwork } from '../../../src/engine/network/create-network.js'
import { Refused } from '../../../src/engine/refused.js'
import { modelFolder, readKernel, readModel } from '../../../src/io/models/model-files.js'
import { importModel } from '../../../src/io/models/model-import.js'
import { type PublishedModel, publishModel } from '../../helpers/published-model.js'
import { createPublishedPlayer } from '../../helpers/published-player.js'
import { randomNumbers } from '../../helpers/random-numbers.js'

/** The size in bytes of the models that Magenta published with the optional flag: 3 layers of 512 units, 409 inputs. */
const PUBLISHED_BYTES = 25_142_800
const LAYOUTS = [
  ['magenta-none', 0],
  ['magenta-density', 8],
  ['magenta-pitch', 12],
  ['magenta-both', 20],
  ['magenta-optional', 21],
] as const

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rubato-import-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const quiet = () => {}
const target = () => join(folder, 'model')

function write(model: PublishedModel, name = 'source'): string {
  const path = join(folder, name)
  mkdirSync(path, { recursive: true })
  writeFileSync(join(path, 'weights_manifest.json'), model.manifest)
  for (const shard of model.shards) writeFileSync(join(path, shard.name), shard.bytes)
  return path
}

describe('a model as Magenta publishes it', () => {
  test.each(LAYOUTS)('with layout %s has the logits of the published cell', async (layout, size) => {
    const published = publishModel(size, 32, 7 + size)
    const spec = await importModel(write(published), target(), quiet)
    expect(spec.conditioning).toBe(layout)
    const { weights } = readModel(target())
    const player = await createPublishedPlayer(published)
    const random = randomNumbers(size)
    for (const backend of ['wasm', 'js'] as const) {
      const network = createNetwork(weights, backend, readKernel(), 'f32')
      player.reset()
      let compared = 0
      for (let n = 0; n < 40; n++) {
        const vector = Float32Array.from({ length: size }, () => (n < 20 ? random() : 0))
        const event = Math.floor(EVENT_COUNT * random())
        network.condition(vector)
        network.step(event)
        const expected = player.step(vector, event)
        for (let i = 0; i < EVENT_COUNT; i++) {
          expect(Math.abs(network.logits[i]! - expected[i]!)).toBeLessThan(1e-4)
          compared++
        }
      }
      expect(compared).toBe(40 * EVENT_COUNT)
    }
  })

  test('is imported at its true size', async () => {
    const published = publishModel(21, 512, 1)
    expect(published.shards.reduce((sum, { bytes }) => sum + bytes.length, 0)).toBe(PUBLISHED_BYTES)
    const told: number[] = []
    const spec = await importModel(write(published), target(), (bytes, of) => told.push(bytes / of))
    expect(spec.network).toEqual({ cell: 'lstm', layers: 3, units: 512, gateOrder: 'i f g o', forgetBias: 0 })
    expect(told.at(-1)).toBe(1)
    expect(readdirSync(target()).sort()).toEqual(['CARD.md', 'model.json', 'weights.safetensors'])
  })

  test('that is damaged, in 200 ways, is refused with a reason or read by the rules, and leaves nothing behind', async () => {
    const published = publishModel(21, 8, 3)
    const random = randomNumbers(200)
    const below = (limit: number) => Math.floor(random() * limit)
    const outcomes = { refused: 0, read: 0 }
    for (let n = 0; n < 200; n++) {
      const source = write(damage(published, n, below), `damaged-${n}`)
      try {
        await importModel(source, join(folder, `model-${n}`), quiet)
        readModel(join(folder, `model-${n}`))
        outcomes.read++
      } catch (error) {
        expect(error).toBeInstanceOf(Refused)
        expect((error as Refused).message).toMatch(/^.{10,400}\.$/s)
        expect(existsSync(join(folder, `model-${n}`))).toBe(false)
        outcomes.refused++
      }
      expect(existsSync(join(folder, `model-${n}.part`))).toBe(false)
    }
    expect(outcomes.refused + outcomes.read).toBe(200)
    // Only a model in which one bit of a weight was changed may be read, because it is still valid.
    expect(outcomes.refused).toBeGreaterThanOrEqual(120)
  })
})

/** Damages a model in one of ten ways. */
function damage(model: PublishedModel, n: number, below: (limit: number) => number): PublishedModel {
  const shards = model.shards.map(({ name, bytes }) => ({ name, bytes: Uint8Array.from(bytes) }))
  const shard = shards[below(shards.length)]!
  const parsed = JSON.parse(model.manifest) as [{ paths: string[]; weights: Record<string, unknown>[] }]
  const weight = parsed[0].weights[below(parsed[0].weights.length)]!
  let manifest: string | undefined
  switch (n % 10) {
    case 0:
      shard.bytes = shard.bytes.subarray(0, below(shard.bytes.length))
      break
    case 1:
      shard.bytes = new Uint8Array([...shard.bytes, ...new Uint8Array(1 + below(99))])
      break
    case 2:
      // A float with all bits of its exponent set is not a number.
      shard.bytes.set([0, 0, 0x80, 0x7f], 4 * below(Math.floor(shard.bytes.length / 4) - 2))
      break
    case 3:
      weight.shape = [1 + below(2000), 1 + below(2000)]
      break
    case 4:
      weight.name = `x${below(1000)}`
      break
    case 5:
      weight.dtype = ['int32', 'uint8', 'float16', null][below(4)]
      break
    case 6:
      parsed[0].paths[below(6)] = ['../x', '', 'missing', '/etc/hosts'][below(4)]!
      break
    case 7:
      parsed[0].weights.splice(below(8), 1)
      break
    case 8:
      manifest = model.manifest.slice(0, below(model.manifest.length))
      break
    default:
      shard.bytes[below(shard.bytes.length)]! ^= 1 << below(8)
  }
  return { ...model, shards, manifest: manifest ?? JSON.stringify(parsed) }
}

describe('a model of our own', () => {
  test('is imported unchanged, from its folder or from its weights alone', async () => {
    const tiny = modelFolder('tiny')
    await importModel(tiny, target(), quiet)
    await importModel(join(tiny, 'weights.safetensors'), join(folder, 'other'), quiet)
    for (const name of ['model', 'other']) {
      const { spec, sha256 } = readModel(join(folder, name))
      expect(sha256).toBe(readModel(tiny).sha256)
      expect(spec.network).toEqual(readModel(tiny).spec.network)
      expect(spec.name).toBe(name)
    }
  })

  test('has its card copied word for word', async () => {
    const published = write(publishModel(21, 8, 3))
    cpSync(join(modelFolder('tiny'), 'CARD.md'), join(published, 'CARD.md'))
    const sources = [modelFolder('tiny'), join(modelFolder('tiny'), 'weights.safetensors'), published]
    for (const [n, source] of sources.entries()) {
      await importModel(source, join(folder, `${n}`), quiet)
      expect(readFileSync(join(folder, `${n}`, 'CARD.md'))).toEqual(
        readFileSync(join(modelFolder('tiny'), 'CARD.md')),
      )
    }
    rmSync(join(published, 'CARD.md'))
    await importModel(published, target(), quiet)
    expect(readFileSync(join(target(), 'CARD.md'), 'utf8')).toMatch(/nothing about it is known here/)
  })

  test('is never written over an existing folder', async () => {
    mkdirSync(target())
    await expect(importModel(modelFolder('tiny'), target(), quiet)).rejects.toThrow(/is there already/)
  })
})
