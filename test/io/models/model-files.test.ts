import { createHash } from 'node:crypto'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { describeModel, parseWeights } from '../../../src/engine/model/model.js'
import { Refused } from '../../../src/engine/refused.js'
import { modelFolder, readKernel, readModel } from '../../../src/io/models/model-files.js'
import { packageRoot } from '../../../src/io/package-root.js'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rubato-model-'))
  cpSync(modelFolder('tiny'), folder, { recursive: true })
})
afterEach(() => rmSync(folder, { recursive: true }))

/** The sentence with which `folder` is refused, with the path of the folder left out. */
function refusal(): string {
  try {
    readModel(folder)
  } catch (error) {
    if (error instanceof Refused) return error.message.replaceAll(folder, '')
    throw error
  }
  return 'taken'
}

describe('a model folder', () => {
  test.each(['rubato-piano', 'tiny'])('%s that comes with Rubato is read', (name) => {
    const { spec, bytes, sha256 } = readModel(modelFolder(name))
    expect(spec.name).toBe(name)
    expect(sha256).toBe(spec.sha256)
    const file = readFileSync(join(modelFolder(name), 'weights.safetensors'))
    expect(createHash('sha256').update(file).digest('hex')).toBe(sha256)
    expect(file.equals(bytes)).toBe(true)
  })

  test('lies in shared memory once, where another thread can parse it again', () => {
    const { spec, weights, bytes } = readModel(folder)
    expect(bytes.buffer).toBeInstanceOf(SharedArrayBuffer)
    expect(weights.event.data.buffer).toBe(bytes.buffer)
    expect(parseWeights(spec, bytes)).toEqual(weights)
  })

  test('may have no sha256 in its description, and is given the one of its weights', () => {
    const { spec, sha256 } = readModel(folder)
    const { sha256: _, ...without } = spec
    writeFileSync(join(folder, 'model.json'), describeModel(without))
    expect(readModel(folder).sha256).toBe(sha256)
  })

  test('that does not exist is refused with its path', () => {
    expect(() => readModel('/no/such/model')).toThrow(
      new Refused("/no/such/model/model.json can't be read (ENOENT); a model is a folder with that file."),
    )
  })

  test('without weights is refused with their path', () => {
    rmSync(join(folder, 'weights.safetensors'))
    expect(refusal()).toBe("/weights.safetensors can't be read (ENOENT); a model is a folder with that file.")
  })

  test('with a folder for its weights is refused', () => {
    rmSync(join(folder, 'weights.safetensors'))
    mkdirSync(join(folder, 'weights.safetensors'))
    expect(refusal()).toBe("/weights.safetensors isn't a file.")
  })

  test('with a model.json of a megabyte is refused without reading it', () => {
    writeFileSync(join(folder, 'model.json'), ' '.repeat(1e6))
    expect(refusal()).toBe('/model.json is 1000000 bytes long, too much for a model.')
  })

  test('with weights of 3 GB is refused without reading them', () => {
    truncateSync(join(folder, 'weights.safetensors'), 3e9)
    expect(refusal()).toBe('/weights.safetensors is 3000000000 bytes long, too much for a model.')
  })

  test('with a damaged model.json is refused in a sentence that names the file', () => {
    writeFileSync(join(folder, 'model.json'), '{')
    expect(refusal()).toBe("/model.json: The model description isn't valid JSON.")
  })

  test('with weights cut short is refused for that, rather than for a different sha256', () => {
    truncateSync(join(folder, 'weights.safetensors'), 35000)
    expect(refusal()).toBe(
      '/weights.safetensors: The weights are cut off: tensor output.weight reaches past the end.',
    )
  })

  test('with one bit of the weights changed is refused for its sha256', () => {
    const path = join(folder, 'weights.safetensors')
    const bytes = readFileSync(path)
    bytes[20000]! ^= 1
    writeFileSync(path, bytes)
    expect(refusal()).toBe(
      "/weights.safetensors doesn't have the sha256 that its model.json gives; download the model again.",
    )
  })
})

test('the package and its kernel are found', () => {
  expect(packageRoot()).toBe(process.cwd())
  expect([...readKernel().subarray(0, 4)]).toEqual([0, 0x61, 0x73, 0x6d])
})
