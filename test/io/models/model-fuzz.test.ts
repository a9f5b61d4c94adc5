import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Refused } from '../../../src/engine/refused.js'
import { modelFolder, readModel } from '../../../src/io/models/model-files.js'
import { randomNumbers } from '../../helpers/random-numbers.js'

const spec = readFileSync(join(modelFolder('tiny'), 'model.json'))
const weights = readFileSync(join(modelFolder('tiny'), 'weights.safetensors'))

/** The description without its sha256, which would refuse every change before the reader of the weights sees it. */
const { sha256: _, ...open } = JSON.parse(spec.toString())
const openSpec = Buffer.from(JSON.stringify(open))
const headerLength = weights.readUInt32LE(0)
const body = weights.subarray(8 + headerLength)

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'rubato-fuzz-'))
  cpSync(modelFolder('tiny'), folder, { recursive: true })
})
afterAll(() => rmSync(folder, { recursive: true }))

/** Why the two files are refused, with the folder left out; null where they are read. Throws any other error. */
function refusal(spec: Uint8Array, weights: Uint8Array): string | null {
  writeFileSync(join(folder, 'model.json'), spec)
  writeFileSync(join(folder, 'weights.safetensors'), weights)
  try {
    expect(readModel(folder).weights.units).toBe(8)
    return null
  } catch (error) {
    if (error instanceof Refused) return error.message.replaceAll(folder, '')
    throw error
  }
}

type Below = (limit: number) => number
interface Mutant {
  readonly spec: Uint8Array
  readonly weights: Uint8Array
  /** Whether the change always breaks the format, so that the files must be refused. */
  readonly isBroken: boolean
}
interface Entry {
  dtype: unknown
  shape: unknown
  data_offsets: unknown
}
type Entries = Record<string, Entry>

function flipped(bytes: Uint8Array, at: number, below: Below): Uint8Array {
  const copy = Uint8Array.from(bytes)
  copy[at]! ^= 1 << below(8)
  return copy
}

function withHeader(text: string, claimed = Buffer.byteLength(text)): Uint8Array {
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(claimed))
  return Buffer.concat([length, Buffer.from(text), body])
}

/** The weights with their header changed by `edit`, which is given the table of tensors and the name of one. */
function edited(below: Below, edit: (entries: Entries, name: string) => void): Uint8Array {
  const entries: Entries = JSON.parse(weights.subarray(8, 8 + headerLength).toString())
  const names = Object.keys(entries).filter((name) => name !== '__metadata__')
  edit(entries, names[below(names.length)]!)
  return withHeader(JSON.stringify(entries))
}

const ODD_VALUES = [null, -1, 0.5, 2 ** 53, 1e308, '8', [], [-1, -2], [0, 1e18], {}, true, '__proto__']
const oddValue = (below: Below) => ODD_VALUES[below(ODD_VALUES.length)]

/** Changes after which the weights no longer have the format. */
const BREAKS: readonly ((below: Below) => Uint8Array)[] = [
  (below) => weights.subarray(0, below(weights.length)),
  (below) => {
    const at = below(weights.length + 1)
    const added = Buffer.from(Array.from({ length: 1 + below(64) }, () => below(256)))
    return Buffer.concat([weights.subarray(0, at), added, weights.subarray(at)])
  },
  (below) => Buffer.concat([weights.subarray(0, 8 + headerLength), body.subarray(1 + below(body.length))]),
  (below) => {
    const copy = Buffer.from(weights)
    copy.writeUInt32LE(1 + below(2 ** 32 - 1), 4)
    return copy
  },
  (below) => {
    const copy = Buffer.from(weights)
    copy.writeUInt32LE((headerLength + 1 + below(2 ** 31)) >>> 0, 0)
    return copy
  },
  (below) =>
    edited(below, (entries, name) => {
      entries[name]!.data_offsets = oddValue(below)
    }),
  (below) =>
    edited(below, (entries, name) => {
      const [begin, end] = entries[name]!.data_offsets as [number, number]
      const moved = (1 + below(4096)) * (below(2) === 0 ? 1 : -1)
      entries[name]!.data_offsets = [begin + moved, end + moved]
    }),
  (below) =>
    edited(below, (entries, name) => {
      const [begin, end] = entries[name]!.data_offsets as [number, number]
      entries[name]!.data_offsets = [end, begin]
    }),
  (below) =>
    edited(below, (entries, name) => {
      entries[name]!.shape = [below(2 ** 31), below(2 ** 31), 3]
    }),
  (below) =>
    edited(below, (entries, name) => {
      entries[name]!.dtype = ['F64', 'I16', 'BF16', 'f32', 7, null][below(6)]
    }),
  (below) =>
    edited(below, (entries, name) => {
      delete entries[name]
    }),
  (below) =>
    edited(below, (entries, name) => {
      entries[`${name}.more`] = entries[name]!
    }),
  (below) =>
    edited(below, (entries, name) => {
      entries[name] = oddValue(below) as Entry
    }),
  (below) => {
    const text = weights.subarray(8, 8 + headerLength).toString()
    return withHeader('['.repeat(1 + below(100_000)) + text)
  },
]

/** Values that are wrong at any place in a model.json. */
const WRONG: readonly (readonly [path: readonly string[], values: readonly unknown[]])[] = [
  [['name'], ['', 'a/b', 7, null, 'x'.repeat(65)]],
  [['network'], [null, [], 'lstm', 3]],
  [
    ['network', 'cell'],
    ['gru', null, 1],
  ],
  [
    ['network', 'layers'],
    [0, -1, 1.5, 9, 1e9, '2', null],
  ],
  [
    ['network', 'units'],
    [0, 7, 12, 2056, 2 ** 31, '8', null],
  ],
  [
    ['network', 'gateOrder'],
    ['i j f o', null],
  ],
  [
    ['network', 'forgetBias'],
    ['0', 1e9, null],
  ],
  [['events'], ['performance-309', null]],
  [['conditioning'], ['rubato-18', '__proto__', 'constructor', null, 17]],
  [['sha256'], ['', 'x', null, 5, '0'.repeat(64)]],
]

function wrongSpec(below: Below): Uint8Array {
  const changed = JSON.parse(spec.toString())
  const [path, values] = WRONG[below(WRONG.length)]!
  const last = path.at(-1)!
  const holder = path.length === 1 ? changed : changed[path[0]!]
  const isRequired = last !== 'sha256'
  if (isRequired && below(3) === 0) delete holder[last]
  else holder[last] = values[below(values.length)]
  return Buffer.from(JSON.stringify(changed))
}

function mutant(n: number, below: Below): Mutant {
  switch (n % 5) {
    case 0:
      return { spec: openSpec, weights: BREAKS[below(BREAKS.length)]!(below), isBroken: true }
    case 1:
      // With a sha256 every change is found.
      return { spec, weights: flipped(weights, below(weights.length), below), isBroken: true }
    case 2:
      return n % 2 === 0
        ? { spec: wrongSpec(below), weights, isBroken: true }
        : { spec: spec.subarray(0, below(spec.lastIndexOf('}'))), weights, isBroken: true }
    case 3:
      return { spec: flipped(spec, below(spec.length), below), weights, isBroken: false }
    default: {
      // Half of the changes are made in the header, where a byte matters more.
      const at = below(n % 2 === 0 ? 8 + headerLength : weights.length)
      return { spec: openSpec, weights: flipped(weights, at, below), isBroken: false }
    }
  }
}

describe('model files', () => {
  test('are read unchanged', () => {
    expect(refusal(spec, weights)).toBeNull()
    expect(refusal(openSpec, weights)).toBeNull()
  })

  test('that were changed, 1000 times, are read or refused in a sentence; all broken ones are refused', () => {
    const random = randomNumbers(3)
    const below = (limit: number) => Math.floor(random() * limit)
    const counts = { broken: 0, refused: 0, read: 0 }
    for (let n = 0; n < 1000; n++) {
      const { spec, weights, isBroken } = mutant(n, below)
      const reason = refusal(spec, weights)
      if (reason !== null) expect(reason).toMatch(/^\/(model\.json|weights\.safetensors)[^\n]+\.$/)
      if (isBroken) expect(reason, `mutant ${n}`).not.toBeNull()
      counts.broken += Number(isBroken)
      counts[reason === null ? 'read' : 'refused']++
    }
    expect(counts.broken).toBe(600)
    // Both outcomes are frequent enough for the test to mean something.
    expect(counts.refused).toBeGreaterThan(counts.broken + 50)
    expect(counts.read).toBeGreaterThan(100)
  })

  test('with two tensors’ places exchanged are refused unless both have the same size', () => {
    const entries: Entries = JSON.parse(weights.subarray(8, 8 + headerLength).toString())
    const names = Object.keys(entries).filter((name) => name !== '__metadata__')
    const sizeOf = (name: string) => {
      const [begin, end] = entries[name]!.data_offsets as [number, number]
      return end - begin
    }
    for (const a of names) {
      for (const b of names) {
        const swapped = { ...entries, [a]: { ...entries[a], data_offsets: entries[b]!.data_offsets } }
        swapped[b] = { ...entries[b]!, data_offsets: entries[a]!.data_offsets }
        const reason = refusal(openSpec, withHeader(JSON.stringify(swapped)))
        expect(reason === null, `${a}, ${b}`).toBe(sizeOf(a) === sizeOf(b))
      }
    }
  })
})
