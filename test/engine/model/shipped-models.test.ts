import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { defaultControls } from '../../../src/engine/controls/controls.js'
import { languageOf } from '../../../src/engine/model/model.js'
import { render } from '../../../src/engine/offline/rendering.js'
import { modelFolder, readModel } from '../../../src/io/models/model-files.js'
import { shippedNetwork } from '../../helpers/networks.js'

const cardOf = (name: string) => readFileSync(join(modelFolder(name), 'CARD.md'), 'utf8')

describe('models that come with Rubato', () => {
  test.each(['rubato-piano', 'rubato-pop', 'rubato-melody', 'rubato-drums'])(
    '%s: card and weights belong together',
    (name) => {
      const weights = readFileSync(join(modelFolder(name), 'weights.safetensors'))
      const sha256 = createHash('sha256').update(weights).digest('hex')
      expect(readModel(modelFolder(name)).spec).toMatchObject({ name, sha256 })
      expect(cardOf(name)).toContain(sha256)
      for (const part of ['Data', 'Licence of the weights', 'Training', 'Validation', 'Weaknesses'])
        expect(cardOf(name)).toContain(`- **${part}**`)
      expect(readdirSync(modelFolder(name)).sort()).toEqual(['CARD.md', 'model.json', 'weights.safetensors'])
    },
  )

  test('rubato-expression: card and weights belong together', () => {
    const weights = readFileSync(join(modelFolder('rubato-expression'), 'weights.safetensors'))
    const card = cardOf('rubato-expression')
    expect(card).toContain(createHash('sha256').update(weights).digest('hex'))
    for (const part of ['Data', 'Licence of the weights', 'Training', 'Validation', 'Weaknesses'])
      expect(card).toContain(`- **${part}**`)
    expect(weights.length).toBeLessThan(2_000_000)
  })

  test('rubato-melody plays one voice without being asked to', () => {
    const { spec } = readModel(modelFolder('rubato-melody'))
    const network = shippedNetwork('rubato-melody')
    const notes = render({ network, ...languageOf(spec), seed: 3, controls: defaultControls() }, 120_000)
    expect(notes.length).toBeGreaterThan(60)
    const overlapping = notes.filter((note, n) => n > 0 && (notes[n - 1]?.end ?? 0) > note.start)
    expect(overlapping.length / notes.length).toBeLessThan(0.02)
    // Its cadence is one of a single voice.
    expect(overlapping.filter(({ start }) => start > 110_000)).toEqual([])
    const repeated = notes.filter(({ pitch }, n) => pitch === notes[n - 1]?.pitch)
    expect(repeated.length / notes.length).toBeLessThan(0.25)
  })
})
