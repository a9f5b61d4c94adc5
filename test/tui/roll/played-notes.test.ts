import { describe, expect, test } from 'vitest'
import type { SentMessage } from '../../../src/engine/language/messages.js'
import { createPlayedNotes } from '../../../src/tui/roll/played-notes.js'

type SentNote = Extract<SentMessage, { kind: 'note-on' }>
const on = (id: number, due: number, more: Partial<SentNote> = {}): SentMessage => ({
  kind: 'note-on',
  id,
  due,
  sentAt: due + 3,
  channel: 0,
  pitch: 60,
  velocity: 80,
  source: 'performer',
  fate: 'sent',
  ...more,
})
const off = (id: number, due: number): SentMessage => ({
  kind: 'note-off',
  id,
  due,
  sentAt: due + 3,
  channel: 0,
  pitch: 60,
  source: 'performer',
  fate: 'sent',
})

describe('the played notes', () => {
  test('a note of the pianist begins and ends when it was due', () => {
    const played = createPlayedNotes()
    played.sent(on(1, 100))
    expect(played.notes()).toEqual([{ pitch: 60, velocity: 80, start: 100, end: null, by: 'pianist' }])
    played.sent(off(1, 300))
    expect(played.notes()[0]?.end).toBe(300)
  })

  test('messages that were not sent, or passed through from the player, are no notes of the pianist', () => {
    const played = createPlayedNotes()
    for (const fate of ['late', 'panicked', 'cancelled', 'failed'] as const) played.sent(on(1, 0, { fate }))
    played.sent(on(2, 0, { source: 'ear' }))
    expect(played.notes()).toEqual([])
  })

  test('the player has notes of their own, and striking a pitch again ends its note before', () => {
    const played = createPlayedNotes()
    const struck = { kind: 'note-on', channel: 0, pitch: 64, velocity: 50 } as const
    played.heard({ ...struck, at: 10 })
    played.heard({ ...struck, at: 20 })
    played.heard({ kind: 'note-off', at: 30, channel: 0, pitch: 64, velocity: 0 })
    expect(played.notes().map(({ start, end, by }) => [start, end, by])).toEqual([
      [10, 20, 'player'],
      [20, 30, 'player'],
    ])
  })

  test('all notes off ends every note of the pianist or of the player, not of both', () => {
    const played = createPlayedNotes()
    played.sent(on(1, 0))
    played.heard({ kind: 'note-on', at: 0, channel: 0, pitch: 64, velocity: 50 })
    played.heard({ kind: 'control-change', at: 50, channel: 0, controller: 123, value: 0 })
    expect(played.notes().map(({ end }) => end)).toEqual([null, 50])
  })

  test('ended notes are forgotten; sounding notes are not, unless their end is lost', () => {
    const played = createPlayedNotes()
    played.sent(on(1, 0))
    played.sent(off(1, 100))
    played.sent(on(2, 50, { pitch: 62 }))
    played.forget(200)
    expect(played.notes().map(({ pitch }) => pitch)).toEqual([62])
    played.forget(60_000)
    played.forget(60_001)
    expect(played.notes()).toEqual([])
  })

  test('the number of remembered notes is bounded, even in a flood of notes', () => {
    const played = createPlayedNotes()
    for (let id = 0; id < 10_000; id++) played.sent(on(id, id, { pitch: id % 128 }))
    expect(played.notes().length).toBeLessThanOrEqual(4000)
    expect(played.notes()[played.notes().length - 1]?.start).toBe(9999)
  })
})
