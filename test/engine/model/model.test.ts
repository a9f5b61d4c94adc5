import { describe, expect, test } from 'vitest'
import { CONDITIONING_LAYOUTS } from '../../../src/engine/model/conditioning.js'
import {
  describeModel,
  languageOf,
  parseModelSpec,
  parseWeights,
  tensorShapes,
} from '../../../src/engine/model/model.js'
import { Refused } from '../../../src/engine/refused.js'
import { writeSafetensors } from '../../helpers/safetensors-writer.js'
import { makeTinyModel, randomTensors, TINY_SPEC } from '../../helpers/tiny-model.js'

const SPEC = { ...TINY_SPEC, sha256: '0'.repeat(64) }

/** A model.json without the sha256. */
const { sha256: _, ...JSON_SPEC } = JSON.parse(describeModel(SPEC))
const LAYOUTS = [...CONDITIONING_LAYOUTS.keys()].join(', ')

describe('a model description', () => {
  test('is read field by field', () => {
    expect(parseModelSpec(describeModel(SPEC))).toEqual(SPEC)
  })

  test('may leave out the sha256 and contain fields that are not read', () => {
    expect(parseModelSpec(JSON.stringify({ ...JSON_SPEC, author: 'nobody' }))).toEqual(TINY_SPEC)
  })

  test('may say how densely its music is played', () => {
    const spec = { ...TINY_SPEC, densities: [0.6, 0.7, 1.2, 2.1, 3.3, 4.5, 5.1] }
    expect(parseModelSpec(describeModel(spec))).toEqual(spec)
    expect(languageOf(spec).densities).toEqual(spec.densities)
  })

  const layout = 'The conditioning layout'
  test.each<[string, string, string]>([
    ['no JSON', '{', "The model description isn't valid JSON."],
    ['a list', '[]', "The model description isn't a JSON object."],
    ['depth', '['.repeat(99), 'The model description is nested more than 16 deep.'],
    ['a name twice', '{"name":"a","name":"b"}', 'The model description gives the key "name" twice.'],
    ['no network', JSON.stringify({ ...JSON_SPEC, network: 3 }), 'The model description has no network.'],
    [
      'a name with a line break',
      JSON.stringify({ ...JSON_SPEC, name: 'a\nb' }),
      'The model\'s name "a\\nb" isn\'t 1 to 64 letters, digits, dots, dashes or spaces.',
    ],
    [
      'another event language',
      JSON.stringify({ ...JSON_SPEC, events: 'remi' }),
      'The model\'s event language "remi" isn\'t known here (known: performance-388, percussion-388).',
    ],
    [
      'another step',
      JSON.stringify({ ...JSON_SPEC, step: { ms: 8 } }),
      'The model\'s step {"ms":8} isn\'t known here (known: {"ms": 10}, {"beats": "1/48"}).',
    ],
    [
      'an unknown conditioning layout',
      JSON.stringify({ ...JSON_SPEC, conditioning: 'magenta-9' }),
      `${layout} "magenta-9" isn't known here (known: ${LAYOUTS}).`,
    ],
    [
      'a layout by inheritance',
      JSON.stringify({ ...JSON_SPEC, conditioning: 'constructor' }),
      `${layout} "constructor" isn't known here (known: ${LAYOUTS}).`,
    ],
    [
      'densities that fall',
      JSON.stringify({ ...JSON_SPEC, densities: [1, 2, 3, 2, 5, 6, 7] }),
      "The model's densities [1,2,3,2,5,6,7] aren't 7 numbers over 0 up to 100, none less than the one before.",
    ],
    [
      'densities that are too few',
      JSON.stringify({ ...JSON_SPEC, densities: [1, 2] }),
      "The model's densities [1,2] aren't 7 numbers over 0 up to 100, none less than the one before.",
    ],
    [
      'a sha256 that is none',
      JSON.stringify({ ...JSON_SPEC, sha256: 'ABC' }),
      'The model\'s sha256 "ABC" isn\'t 64 lower-case hex digits.',
    ],
  ])('with %s is refused in one sentence', (_, text, message) => {
    expect(() => parseModelSpec(text)).toThrow(new Refused(message))
  })

  test.each<[object, string]>([
    [{ cell: 'gru' }, 'The model\'s cell "gru" isn\'t known here (known: "lstm").'],
    [{ gateOrder: 'i j f o' }, 'The model\'s gate order "i j f o" isn\'t known here (known: "i f g o").'],
    [{ layers: 0 }, "The network's layers 0 isn't a whole number from 1 to 8."],
    [{ layers: 1e9 }, "The network's layers 1000000000 isn't a whole number from 1 to 8."],
    [{ layers: '2' }, 'The network\'s layers "2" isn\'t a whole number from 1 to 8.'],
    [{ units: 8.5 }, "The network's units 8.5 isn't a whole number from 8 to 2048."],
    [{ units: 12 }, "The network's units, 12, aren't a multiple of 8."],
    [{ forgetBias: null }, "The network's forgetBias null isn't a number from -100 to 100."],
  ])('with the network %j is refused in one sentence', (part, message) => {
    const text = JSON.stringify({ ...JSON_SPEC, network: { ...SPEC.network, ...part } })
    expect(() => parseModelSpec(text)).toThrow(new Refused(message))
  })
})

describe('the weights of a model', () => {
  test('have the tensors and shapes of its card', () => {
    const spec = { ...TINY_SPEC, network: { ...TINY_SPEC.network, layers: 3, units: 512 } }
    expect([...tensorShapes(spec)].sort()).toEqual([
      ['lstm.0.bias', [2048]],
      ['lstm.0.conditioning', [17, 2048]],
      ['lstm.0.event', [388, 2048]],
      ['lstm.0.recurrent', [512, 2048]],
      ['lstm.1.bias', [2048]],
      ['lstm.1.input', [512, 2048]],
      ['lstm.1.recurrent', [512, 2048]],
      ['lstm.2.bias', [2048]],
      ['lstm.2.input', [512, 2048]],
      ['lstm.2.recurrent', [512, 2048]],
      ['output.bias', [388]],
      ['output.weight', [512, 388]],
    ])
  })

  test('are accepted if they fit the description', () => {
    const weights = parseWeights(TINY_SPEC, makeTinyModel().weights)
    expect(weights.layers.map(({ input }) => input?.rows)).toEqual([undefined, 8])
    expect(weights.conditioning).toMatchObject({ rows: 17, columns: 32 })
    expect(weights.output.bias).toMatchObject({ rows: 1, columns: 388 })
  })

  test('of another size or number of layers are refused', () => {
    const { weights } = makeTinyModel()
    const as = (part: object) => () =>
      parseWeights({ ...TINY_SPEC, network: { ...TINY_SPEC.network, ...part } }, weights)
    expect(as({ layers: 3 })).toThrow(new Refused('The weights lack the tensor lstm.2.input.'))
    expect(as({ layers: 1 })).toThrow(
      new Refused('The weights hold a tensor "lstm.1.bias" that this model doesn\'t have.'),
    )
    expect(as({ units: 16 })).toThrow(new Refused('Tensor lstm.0.bias has the shape [32], not [64].'))
  })

  test('for an unknown layout are refused', () => {
    expect(() => parseWeights({ ...TINY_SPEC, conditioning: 'x' }, new Uint8Array(9))).toThrow(
      new Refused('The conditioning layout "x" isn\'t known here.'),
    )
  })

  test('that overflow a float16 are refused', () => {
    const tensors = randomTensors(TINY_SPEC, 1)
    tensors['output.bias'] = { shape: [388], values: new Float64Array(388).fill(70000) }
    expect(() => parseWeights(TINY_SPEC, writeSafetensors(tensors))).toThrow(
      new Refused("Tensor output.bias holds a value that isn't a finite number."),
    )
  })
})
