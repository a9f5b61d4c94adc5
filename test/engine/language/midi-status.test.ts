import { expect, test } from 'vitest'
import {
  channelOf,
  channelStatus,
  isDataByte,
  join14,
  kindOf,
  STATUS,
  split14,
} from '../../../src/engine/language/midi-status.js'

test('a status byte made of kind and channel gives both back', () => {
  for (const kind of [STATUS.noteOff, STATUS.noteOn, STATUS.controlChange, STATUS.pitchBend]) {
    for (let channel = 0; channel < 16; channel++) {
      const status = channelStatus(kind, channel)
      expect(kindOf(status)).toBe(kind)
      expect(channelOf(status)).toBe(channel)
      expect(isDataByte(status)).toBe(false)
    }
  }
})

test('a system message has no channel: its whole byte is its kind', () => {
  for (let status = 0xf0; status <= 0xff; status++) expect(kindOf(status)).toBe(status)
})

test('a byte that is no status byte is of no kind', () => {
  const kinds: readonly number[] = Object.values(STATUS)
  for (const byte of [-112, 0, 60, 127, 256, 400, Number.NaN]) expect(kinds).not.toContain(kindOf(byte))
})

test('14 bits split into two data bytes, the lower first, join to the same number', () => {
  for (let value = 0; value < 2 ** 14; value++) {
    const [low, high] = split14(value)
    expect(isDataByte(low) && isDataByte(high)).toBe(true)
    expect(join14(low, high)).toBe(value)
  }
  expect(split14(8192)).toEqual([0, 64])
})
