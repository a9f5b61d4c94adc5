import { Refused } from './refused.js'

/** Deepest nesting that is parsed. None of Rubato's files is so deep; a hostile depth must not reach `JSON.parse`. */
const MAX_DEPTH = 16

/**
 * Parses JSON from outside. Throws {@link Refused}, with a sentence that starts with `what`, for text that isn't JSON, that is
 * nested more than {@link MAX_DEPTH} deep, or that gives a key twice in one object (of which `JSON.parse` would silently return
 * the last). A key `__proto__` becomes an ordinary own property.
 */
export function parseStrictJson(text: string, what: string): unknown {
  if (depthOf(text) > MAX_DEPTH) throw new Refused(`${what} is nested more than ${MAX_DEPTH} deep.`)
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw new Refused(`${what} isn't valid JSON.`)
  }
  const twice = repeatedKey(text)
  if (twice !== undefined) throw new Refused(`${what} gives the key ${quoted(twice)} twice.`)
  return value
}

/** Whether a value is an object and no array, so that its fields can be read with {@link field}. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The value of the object's own field `key`, never of one that its prototype has. */
export function field(record: Readonly<Record<string, unknown>>, key: string): unknown {
  return Object.hasOwn(record, key) ? record[key] : undefined
}

/** Makes a value from outside fit to be quoted in a message on a terminal: printable ASCII only, at most 60 characters. */
export function quoted(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing'
  const plain = text.slice(0, 61).replace(/[^ -~]/g, '?')
  return plain.length > 60 ? `${plain.slice(0, 57)}...` : plain
}

/** The index after the closing quote of the string whose opening quote is at `start`. */
function endOfString(text: string, start: number): number {
  let at = start + 1
  while (at < text.length && text[at] !== '"') at += text[at] === '\\' ? 2 : 1
  return at + 1
}

function depthOf(text: string): number {
  let depth = 0
  let deepest = 0
  for (let at = 0; at < text.length; at++) {
    const character = text[at]
    if (character === '"') at = endOfString(text, at) - 1
    else if (character === '{' || character === '[') deepest = Math.max(deepest, ++depth)
    else if (character === '}' || character === ']') depth--
  }
  return deepest
}

/** The first key that one object of `text` gives twice, or undefined. `text` must be valid JSON. */
function repeatedKey(text: string): string | undefined {
  const open: Set<string>[] = []
  const colon = /\s*:/y
  for (let at = 0; at < text.length; at++) {
    const character = text[at]
    if (character === '{' || character === '[') open.push(new Set())
    else if (character === '}' || character === ']') open.pop()
    else if (character === '"') {
      const end = endOfString(text, at)
      const keys = open.at(-1)
      colon.lastIndex = end
      if (keys && colon.test(text)) {
        const key: string = JSON.parse(text.slice(at, end))
        if (keys.has(key)) return key
        keys.add(key)
      }
      at = end - 1
    }
  }
  return undefined
}
