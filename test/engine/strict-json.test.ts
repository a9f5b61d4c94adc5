import { expect, test } from 'vitest'
import { Refused } from '../../src/engine/refused.js'
import { field, isRecord, parseStrictJson, quoted } from '../../src/engine/strict-json.js'

test('valid JSON is parsed as JSON.parse parses it', () => {
  const text = '{"a": [1, {"b": "x\\"{[:"}], "c": {"a": null, "b": ["b", "b"]}, "d" :"\\\\"}'
  expect(parseStrictJson(text, 'It')).toEqual(JSON.parse(text))
})

test.each([
  ['', "It isn't valid JSON."],
  ['{"a":1', "It isn't valid JSON."],
  ['{"a":"', "It isn't valid JSON."],
  ['{"a":NaN}', "It isn't valid JSON."],
  ['{"a":1,"a":1}', 'It gives the key "a" twice.'],
  ['[{"b":{"a":1, "\\u0061"   :1}}]', 'It gives the key "a" twice.'],
  ['{"__proto__":1,"__proto__":2}', 'It gives the key "__proto__" twice.'],
])('%s is refused', (text, message) => {
  expect(() => parseStrictJson(text, 'It')).toThrow(new Refused(message))
})

test('a million brackets are refused before they are parsed', () => {
  for (const text of ['['.repeat(1e6), `${'{"a":'.repeat(1e5)}1${'}'.repeat(1e5)}`]) {
    expect(() => parseStrictJson(text, 'It')).toThrow(new Refused('It is nested more than 16 deep.'))
  }
})

test('a key __proto__ is a field like any other and reaches no prototype', () => {
  const value = parseStrictJson('{"__proto__":{"a":1}}', 'It')
  if (!isRecord(value)) throw new Error('not a record')
  expect(field(value, 'a')).toBeUndefined()
  expect(field(value, 'toString')).toBeUndefined()
  expect(field(value, '__proto__')).toEqual({ a: 1 })
})

test('text from a hostile file reaches the terminal as short, printable ASCII', () => {
  for (const value of ['\u001b[2J\u009b2J\u202e', 'x'.repeat(1e6), undefined, { a: ['\n'] }]) {
    expect(quoted(value)).toMatch(/^[ -~]{1,60}$/)
  }
})
