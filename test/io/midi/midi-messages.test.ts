import { describe, expect, it } from 'vitest'
import { parseMidi } from '../../../src/io/midi/midi-messages.js'

describe('reading MIDI bytes', () => {
  it.each([
    [[0x93, 60, 80], { kind: 'note-on', at: 5, channel: 3, pitch: 60, velocity: 80 }],
    [[0x9f, 60, 0], { kind: 'note-off', at: 5, channel: 15, pitch: 60, velocity: 0 }],
    [[0x80, 0, 127], { kind: 'note-off', at: 5, channel: 0, pitch: 0, velocity: 127 }],
    [[0xb1, 64, 127], { kind: 'control-change', at: 5, channel: 1, controller: 64, value: 127 }],
    [[0xfa], { kind: 'transport', at: 5, action: 'start' }],
    [[0xfb], { kind: 'transport', at: 5, action: 'continue' }],
    [[0xfc], { kind: 'transport', at: 5, action: 'stop' }],
    [[0xf8], { kind: 'clock', at: 5 }],
    [[0xf2, 0x05, 0x02], { kind: 'song-position', at: 5, sixteenths: 261 }],
    [[0xf2, 0x05], { kind: 'ignored', reason: 'cut short' }],
    [[0xf2, 0x05, 0x80], { kind: 'ignored', reason: 'not a data byte' }],
    [[0xfe], { kind: 'ignored', reason: 'active sensing' }],
    [[0xe0, 0, 64], { kind: 'ignored', reason: 'pitch bend' }],
    [[0xf0, 1, 2, 0xf7], { kind: 'ignored', reason: 'system exclusive' }],
    [[0xf9], { kind: 'ignored', reason: 'undefined status' }],
    [[], { kind: 'ignored', reason: 'empty' }],
    [[60, 80], { kind: 'ignored', reason: 'data without a status' }],
    [[0x90, 60], { kind: 'ignored', reason: 'cut short' }],
    [[0x90, 60, 0x90], { kind: 'ignored', reason: 'not a data byte' }],
    [[0x190, 60, 1], { kind: 'ignored', reason: 'not a byte' }],
    [[Number.NaN], { kind: 'ignored', reason: 'not a byte' }],
  ])('%j', (bytes, expected) => {
    expect(parseMidi(bytes, 5)).toEqual(expected)
  })

  it('gives for each of 100,000 random messages valid fields, or a reason why it is ignored', () => {
    let state = 3
    const random = (below: number) => {
      state = (Math.imul(state, 1664525) + 1013904223) | 0
      return (state >>> 8) % below
    }
    const counts: Record<string, number> = {}
    const whole = (value: number, from: number, to: number) =>
      Number.isInteger(value) && value >= from && value <= to
    let wrong = 0
    for (let n = 0; n < 100_000; n++) {
      const length = random(5)
      const bytes = Array.from({ length }, (_, i) => {
        if (random(50) === 0) return random(2000) - 1000 + (random(2) === 0 ? 0.5 : 0)
        return i === 0 ? 128 + random(128) : random(random(4) === 0 ? 256 : 128)
      })
      const message = parseMidi(bytes, n)
      counts[message.kind] = (counts[message.kind] ?? 0) + 1
      const valid = (() => {
        switch (message.kind) {
          case 'ignored':
            return message.reason !== ''
          case 'transport':
          case 'clock':
          case 'system-reset':
            return message.at === n
          case 'song-position':
            return whole(message.sixteenths, 0, 16_383)
          case 'control-change':
            return (
              whole(message.channel, 0, 15) &&
              whole(message.controller, 0, 127) &&
              whole(message.value, 0, 127)
            )
          default:
            return (
              whole(message.channel, 0, 15) &&
              whole(message.pitch, 0, 127) &&
              whole(message.velocity, message.kind === 'note-on' ? 1 : 0, 127)
            )
        }
      })()
      if (!valid) wrong++
    }
    expect(wrong).toBe(0)
    expect(Object.keys(counts).toSorted()).toEqual([
      'clock',
      'control-change',
      'ignored',
      'note-off',
      'note-on',
      'song-position',
      'system-reset',
      'transport',
    ])
  })
})
