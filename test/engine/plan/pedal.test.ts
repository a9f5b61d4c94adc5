import { describe, expect, test } from 'vitest'
import type { TimedMessage } from '../../../src/engine/language/messages.js'
import { createPedal } from '../../../src/engine/plan/pedal.js'
import { isInReach, keysHeld } from '../../../src/engine/plan/reach.js'

/** A pedal, and what it sends as words: pedal 0 or 127, and the ids of notes. */
function setting(isPedalled = true) {
  const sent: TimedMessage[] = []
  const pedal = createPedal(
    (message) => sent.push(message),
    () => isPedalled,
  )
  return {
    pedal,
    strike: (due: number, id: number, pitch: number, channel = 0, mustEnd = due + 8000) =>
      pedal.receive({ kind: 'note-on', due, mustEnd, id, channel, pitch, velocity: 80 }),
    end: (due: number, id: number) => pedal.receive({ kind: 'note-off', due, id }),
    moves: () =>
      sent.flatMap((message) => (message.kind === 'control-change' ? [[message.due, message.value]] : [])),
    offs: () => sent.flatMap((message) => (message.kind === 'note-off' ? [[message.due, message.id]] : [])),
    sent,
  }
}

describe('two hands', () => {
  test.each([
    ['nothing', [], true],
    ['an octave in each hand', [36, 48, 72, 84], true],
    ['five keys in each hand', [36, 38, 40, 41, 43, 60, 62, 64, 65, 67], true],
    ['eleven keys', [36, 38, 40, 41, 43, 60, 62, 64, 65, 67, 69], false],
    ['six keys under one hand and a far one', [60, 61, 62, 63, 64, 65, 90], false],
    ['three places far apart', [36, 60, 84], false],
    ['a ninth and a far key', [36, 49, 72, 90], false],
  ])('hold or do not hold %s', (_, pitches, held) => {
    expect(isInReach(pitches)).toBe(held)
  })

  test('let the earliest key go of those that are too many, and never a fresh one', () => {
    const keys = [36, 60, 84].map((pitch, n) => ({ pitch, due: n * 100 }))
    expect([...keysHeld(keys, 200)].map(({ pitch }) => pitch).sort()).toEqual([60, 84])
    const chord = [{ pitch: 40, due: 0 }, ...[60, 62, 64, 65, 67, 69].map((pitch) => ({ pitch, due: 100 }))]
    expect([...keysHeld(chord, 100)].map(({ due }) => due)).toEqual([100, 100, 100, 100, 100, 100])
  })
})

describe('the pedal', () => {
  test('goes down before a key that is out of reach goes up, and lifts when the last note that it carries is over', () => {
    const { strike, end, pedal, moves, offs } = setting()
    strike(0, 1, 36)
    strike(500, 2, 60)
    strike(1000, 3, 84)
    expect(moves()).toEqual([[1000, 127]])
    expect(offs()).toEqual([[1010, 1]])
    end(1500, 1)
    pedal.advance(1499)
    expect(moves()).toHaveLength(1)
    pedal.advance(1500)
    expect(moves()).toEqual([
      [1000, 127],
      [1500, 0],
    ])
    expect(pedal.nextDue).toBe(Number.POSITIVE_INFINITY)
  })

  test('lifts under a note that it carries when others that are over have rung on for too long', () => {
    const { strike, end, pedal, moves } = setting()
    strike(0, 1, 36)
    strike(500, 2, 60)
    strike(1000, 3, 84)
    end(1200, 2)
    pedal.advance(1300)
    expect(pedal.nextDue).toBe(1400)
    pedal.advance(5000)
    expect(moves()).toEqual([
      [1000, 127],
      [1400, 0],
    ])
  })

  test('stays down when the pitch that rings on is struck again', () => {
    const { strike, end, pedal, moves } = setting()
    strike(0, 1, 36)
    strike(500, 2, 60)
    strike(1000, 3, 84)
    end(1200, 2)
    strike(1250, 4, 60)
    pedal.advance(5000)
    expect(moves()).toHaveLength(1)
  })

  test('is changed at a chord that follows at once, with time for the dampers', () => {
    const { strike, end, moves, offs } = setting()
    strike(0, 1, 36)
    strike(500, 2, 60)
    strike(1000, 3, 84)
    for (const id of [1, 2, 3]) end(1500, id)
    strike(1500, 4, 40)
    strike(1500, 5, 64)
    strike(1510, 6, 88)
    expect(moves()).toEqual([
      [1000, 127],
      [1500, 0],
      [1540, 127],
    ])
    expect(offs().at(-1)?.[0]).toBe(1550)
  })

  test('lifts when a note that it carries reaches its must-end time', () => {
    const { strike, pedal, moves } = setting()
    strike(0, 1, 36, 0, 2000)
    strike(500, 2, 60)
    strike(1000, 3, 84)
    pedal.advance(10_000)
    expect(moves().at(-1)).toEqual([2000, 0])
  })

  test('lifts on the channel on which it is down when it is released, and cuts what it carries', () => {
    const { strike, pedal, sent } = setting()
    strike(0, 1, 36, 3)
    strike(500, 2, 60, 3)
    strike(1000, 3, 84, 3)
    pedal.release(1200)
    expect(sent.at(-1)).toEqual({
      kind: 'control-change',
      due: 1200,
      channel: 3,
      controller: 64,
      value: 0,
    })
    pedal.release(1300)
    expect(sent.filter(({ kind }) => kind === 'control-change')).toHaveLength(2)
  })

  test('does nothing where it may not be used', () => {
    const { strike, end, sent, pedal } = setting(false)
    strike(0, 1, 36)
    strike(500, 2, 60)
    strike(1000, 3, 84)
    end(1500, 1)
    pedal.advance(20_000)
    expect(sent.map(({ kind }) => kind)).toEqual(['note-on', 'note-on', 'note-on', 'note-off'])
  })
})
