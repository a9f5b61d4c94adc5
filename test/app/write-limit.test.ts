import { expect, test } from 'vitest'
import { WriteLimit } from '../../src/app/requests/write-limit.js'

test('one capture in 5 s is written, and the wait is told in whole seconds', () => {
  const limit = new WriteLimit()
  expect(limit.count('capture', 1000)).toBeNull()
  expect(limit.count('capture', 1001)).toBe(5)
  expect(limit.count('capture', 5900)).toBe(1)
  expect(limit.count('capture', 6000)).toBeNull()
  expect(limit.count('capture', 6001)).toBe(5)
})

test('three presets may be stored at once, then one in 5 s, whatever is captured', () => {
  const limit = new WriteLimit()
  const stored = Array.from({ length: 300 }, (_, n) => limit.count('store', n * 100)).filter(
    (wait) => wait === null,
  )
  expect(stored).toHaveLength(3 + 5)
  expect(limit.count('capture', 0)).toBeNull()
})
