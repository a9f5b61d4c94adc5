import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { modelFolder } from '../../../src/io/models/model-files.js'
import { makeTinyModel } from '../../helpers/tiny-model.js'

test('models/tiny is, byte for byte, what its maker makes', () => {
  const folder = modelFolder('tiny')
  const { json, weights } = makeTinyModel()
  if (process.env.RUBATO_WRITE_TINY_MODEL) {
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, 'model.json'), json)
    writeFileSync(join(folder, 'weights.safetensors'), weights)
  }
  expect(readFileSync(join(folder, 'model.json'), 'utf8')).toBe(json)
  expect(readFileSync(join(folder, 'weights.safetensors')).equals(weights)).toBe(true)
})
