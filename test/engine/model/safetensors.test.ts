import { describe, expect, test } from 'vitest'
import { copyRow, readSafetensors, type Shape } from '../../../src/engine/model/safetensors.js'
import { Refused } from '../../../src/engine/refused.js'
import { splitSafetensors, withHeader, writeSafetensors } from '../../helpers/safetensors-writer.js'

const SHAPES: ReadonlyMap<string, Shape> = new Map<string, Shape>([
  ['a', [3]],
  ['b', [2, 3]],
])
const TENSORS = {
  a: { shape: [3], values: [1, -2, 0.5] },
  b: { shape: [2, 3], values: [0, 1, 2, 3, 4, 5] },
}
const GOOD = writeSafetensors(TENSORS)
type Header = ReturnType<typeof splitSafetensors>['header']

/** GOOD with its header changed. */
function changed(change: (header: Header) => void): Uint8Array {
  const { header, body } = splitSafetensors(GOOD)
  change(header)
  return withHeader(JSON.stringify(header), body)
}

/** GOOD with another text for its header. */
function headed(text: string): Uint8Array {
  return withHeader(text, splitSafetensors(GOOD).body)
}

/** 8 bytes that claim a header of `length`, and nothing after them. */
function claiming(length: bigint): Uint8Array {
  const bytes = new Uint8Array(8)
  new DataView(bytes.buffer).setBigUint64(0, length, true)
  return bytes
}

/** GOOD with the two bytes at `at` of its body replaced. */
function poked(at: number, half: number): Uint8Array {
  const { body } = splitSafetensors(GOOD)
  const bytes = GOOD.slice()
  new DataView(bytes.buffer).setUint16(bytes.length - body.length + at, half, true)
  return bytes
}

describe('a safetensors file', () => {
  test.each(['F16', 'F32'] as const)('of %s is read row by row as it was written', (dtype) => {
    const tensors = readSafetensors(writeSafetensors(TENSORS, dtype), SHAPES)
    const row = new Float32Array(3)
    copyRow(tensors.get('a')!, 0, row)
    expect([...row]).toEqual([1, -2, 0.5])
    copyRow(tensors.get('b')!, 1, row)
    expect([...row]).toEqual([3, 4, 5])
  })

  test('is viewed and not copied, and may lie in shared memory', () => {
    const bytes = new Uint8Array(new SharedArrayBuffer(GOOD.length))
    bytes.set(GOOD)
    for (const { data } of readSafetensors(bytes, SHAPES).values()) expect(data.buffer).toBe(bytes.buffer)
  })

  test.each(['F16', 'F32'] as const)('of %s may lie at any address', (dtype) => {
    const good = writeSafetensors(TENSORS, dtype)
    const row = new Float32Array(3)
    for (const shift of [1, 2, 3]) {
      const bytes = Buffer.alloc(good.length + shift)
      bytes.set(good, shift)
      copyRow(readSafetensors(bytes.subarray(shift), SHAPES).get('b')!, 1, row)
      expect([...row]).toEqual([3, 4, 5])
    }
  })

  test('may carry metadata and mix both types', () => {
    const { body } = splitSafetensors(GOOD)
    const half = body.subarray(0, 6)
    const floats = new Uint8Array(Float32Array.of(9, 8, 7, 6, 5, 4).buffer)
    const header = {
      __metadata__: { format: 'pt' },
      b: { dtype: 'F32', shape: [2, 3], data_offsets: [6, 30] },
      a: { dtype: 'F16', shape: [3], data_offsets: [0, 6] },
    }
    const tensors = readSafetensors(withHeader(JSON.stringify(header), Buffer.concat([half, floats])), SHAPES)
    const row = new Float32Array(3)
    copyRow(tensors.get('b')!, 1, row)
    expect([...row]).toEqual([6, 5, 4])
  })
})

const HUGE = 2 ** 50
test.each<[string, Uint8Array, string]>([
  ['nothing', new Uint8Array(0), 'The weights are too short to be a safetensors file.'],
  ['seven bytes', new Uint8Array(7), 'The weights are too short to be a safetensors file.'],
  [
    'a header of 2^60 bytes',
    claiming(2n ** 60n),
    'The weights claim a header of 1152921504606847000 bytes, so this is no safetensors file of ours.',
  ],
  [
    'a header of 2 MB',
    claiming(2_000_000n),
    'The weights claim a header of 2000000 bytes, so this is no safetensors file of ours.',
  ],
  ['a header longer than the file', claiming(1000n), 'The weights are cut off inside their header.'],
  ['an empty header', claiming(0n), "The header of the weights isn't valid JSON."],
  ['no JSON', headed('{"a":'), "The header of the weights isn't valid JSON."],
  [
    'bytes that are no text',
    Uint8Array.of(2, 0, 0, 0, 0, 0, 0, 0, 0xc3, 0x28),
    "The header of the weights isn't UTF-8 text.",
  ],
  ['a list', headed('[1,2]'), "The header of the weights isn't a table of tensors."],
  ['null', headed('null'), "The header of the weights isn't a table of tensors."],
  [
    'half a million brackets',
    headed('['.repeat(500_000)),
    'The header of the weights is nested more than 16 deep.',
  ],
  [
    'a tensor given twice',
    headed('{"a":{"dtype":"F16"},"a":{"dtype":"F16"}}'),
    'The header of the weights gives the key "a" twice.',
  ],
  [
    'a tensor too few',
    changed((header) => {
      delete header.b
    }),
    'The weights lack the tensor b.',
  ],
  [
    'a tensor too many',
    changed((header) => {
      header.c = header.b!
    }),
    'The weights hold a tensor "c" that this model doesn\'t have.',
  ],
  [
    'a tensor called __proto__',
    headed('{"__proto__":{"dtype":"F16","shape":[3],"data_offsets":[0,6]}}'),
    'The weights hold a tensor "__proto__" that this model doesn\'t have.',
  ],
  [
    'a name that moves the cursor',
    headed('{"\\u001b[2J\u009b":{}}'),
    'The weights hold a tensor "\\u001b[2J?" that this model doesn\'t have.',
  ],
  ['a tensor that is a number', headed('{"a":1}'), "The weights don't describe the tensor a."],
  [
    'another type',
    changed((header) => {
      header.a!.dtype = 'BF16'
    }),
    'Tensor a is of type "BF16", not F16 or F32.',
  ],
  ['no type', headed('{"a":{}}'), 'Tensor a is of type nothing, not F16 or F32.'],
  [
    'a type by inheritance',
    headed('{"a":{"__proto__":{"dtype":"F16"}}}'),
    'Tensor a is of type nothing, not F16 or F32.',
  ],
  [
    'another shape',
    changed((header) => {
      header.b!.shape = [3, 2]
    }),
    'Tensor b has the shape [3,2], not [2,3].',
  ],
  [
    'another number of dimensions',
    changed((header) => {
      header.a!.shape = [1, 3]
    }),
    'Tensor a has the shape [1,3], not [3].',
  ],
  [
    'a huge shape',
    changed((header) => {
      header.a!.shape = [HUGE]
    }),
    'Tensor a has the shape [1125899906842624], not [3].',
  ],
  ...[[-2, 4], [0.5, 6.5], [0, 1e300], [0, 6, 6], ['0', 6], [null, 6], null, { 0: 0, 1: 6, length: 2 }].map(
    (offsets): [string, Uint8Array, string] => [
      `the offsets ${JSON.stringify(offsets)}`,
      headed(`{"a":{"dtype":"F16","shape":[3],"data_offsets":${JSON.stringify(offsets)}}}`),
      `Tensor a has the offsets ${JSON.stringify(offsets)}, which aren't two places in the file.`,
    ],
  ),
  [
    'offsets in the wrong order',
    changed((header) => {
      header.a!.data_offsets = [6, 0]
    }),
    "Tensor a has -6 bytes, which isn't its shape's size.",
  ],
  [
    'offsets too far apart',
    changed((header) => {
      header.a!.data_offsets = [0, 8]
    }),
    "Tensor a has 8 bytes, which isn't its shape's size.",
  ],
  [
    'offsets far behind the end',
    changed((header) => {
      header.b!.data_offsets = [HUGE, HUGE + 12]
    }),
    'The weights are cut off: tensor b reaches past the end.',
  ],
  ['a body cut short', GOOD.slice(0, -1), 'The weights are cut off: tensor b reaches past the end.'],
  [
    'a body that goes on',
    new Uint8Array(Buffer.concat([GOOD, Buffer.alloc(5)])),
    'The weights go on for 5 bytes after the last tensor.',
  ],
  [
    'tensors that overlap',
    changed((header) => {
      header.b!.data_offsets = [4, 16]
    }),
    'Tensor b overlaps the one before it.',
  ],
  [
    'a gap between tensors',
    withHeader(
      JSON.stringify({
        a: { dtype: 'F16', shape: [3], data_offsets: [0, 6] },
        b: { dtype: 'F16', shape: [2, 3], data_offsets: [8, 20] },
      }),
      new Uint8Array(20),
    ),
    'There is a gap before the tensor b.',
  ],
  ['an infinity', poked(0, 0x7c00), "Tensor a holds a value that isn't a finite number."],
  ['a minus infinity', poked(4, 0xfc00), "Tensor a holds a value that isn't a finite number."],
  ['a NaN', poked(16, 0x7e01), "Tensor b holds a value that isn't a finite number."],
  [
    'a NaN among floats',
    writeSafetensors({ ...TENSORS, a: { shape: [3], values: [1, NaN, 3] } }, 'F32'),
    "Tensor a holds a value that isn't a finite number.",
  ],
])('%s is refused in one sentence', (_, bytes, message) => {
  expect(() => readSafetensors(bytes, SHAPES)).toThrow(new Refused(message))
})

test('no damage to any one byte throws anything but a Refused', () => {
  const { body } = splitSafetensors(GOOD)
  let refused = 0
  for (let at = 0; at < GOOD.length - body.length; at++) {
    for (const value of [0, 0x22, 0x2d, 0x39, 0x5b, 0x7b, 0x7d, 0xff]) {
      const bytes = GOOD.slice()
      bytes[at] = value
      try {
        readSafetensors(bytes, SHAPES)
      } catch (error) {
        expect(error).toBeInstanceOf(Refused)
        refused++
      }
    }
  }
  expect(refused).toBeGreaterThan(900)
})

test('no length of the file but the right one is accepted', () => {
  for (let length = 0; length < GOOD.length; length++) {
    expect(() => readSafetensors(GOOD.slice(0, length), SHAPES)).toThrow(Refused)
  }
})
