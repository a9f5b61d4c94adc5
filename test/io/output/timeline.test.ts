import { describe, expect, it } from 'vitest'
import { blankPending, CANCELLED, MUST_END, Timeline } from '../../../src/io/output/timeline.js'
import { CONTROL_CHANGE, NOTE_OFF, NOTE_ON } from '../../../src/io/shared/ring-messages.js'

/** A small random generator with a seed, so that every run has the same messages. */
function chance(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0
    return (state >>> 0) / 2 ** 32
  }
}

function drain(timeline: Timeline) {
  const out = []
  const pending = blankPending()
  while (timeline.pop(pending)) out.push({ ...pending })
  return out
}

describe('a timeline', () => {
  it('orders by due time, then note-offs first, then order of arrival, also when it has to grow', () => {
    const timeline = new Timeline(4)
    const random = chance(1)
    const pushed = Array.from({ length: 3000 }, (_, id) => {
      const due = Math.floor(random() * 200)
      const kind = [NOTE_ON, NOTE_OFF, CONTROL_CHANGE, MUST_END][Math.floor(random() * 4)]!
      timeline.push(due, 0, 1, id, kind, id * 3, 2)
      return { due, kind, id, rank: kind === NOTE_OFF || kind === MUST_END ? 0 : 1 }
    })
    expect(timeline.size).toBe(3000)
    const expected = pushed.toSorted((a, b) => a.due - b.due || a.rank - b.rank || a.id - b.id)
    const got = drain(timeline)
    expect(got.map((message) => message.id)).toEqual(expected.map((message) => message.id))
    expect(got.every((message) => message.bytes === message.id * 3 && message.source === 2)).toBe(true)
  })

  it('stays in order while messages are added and removed', () => {
    const timeline = new Timeline(2)
    const random = chance(2)
    const pending = blankPending()
    let time = 0
    for (let n = 0; n < 2000; n++) {
      timeline.push(time + random() * 50, 0, 0, n + 1, NOTE_ON, 0, 0)
      if (random() < 0.6 && timeline.pop(pending)) {
        expect(pending.due).toBeGreaterThanOrEqual(time)
        time = pending.due
        expect(timeline.nextDue).toBeGreaterThanOrEqual(time)
      }
    }
  })

  it('has its next message at Infinity when it is empty', () => {
    const timeline = new Timeline(2)
    expect(timeline.nextDue).toBe(Number.POSITIVE_INFINITY)
    expect(timeline.pop(blankPending())).toBe(false)
  })

  it('cancels the note-on of an id and nothing else', () => {
    const timeline = new Timeline(8)
    timeline.push(1, 0, 0, 5, NOTE_ON, 0, 0)
    timeline.push(2, 0, 0, 6, NOTE_ON, 0, 0)
    timeline.push(3, 0, 0, 5, NOTE_OFF, 0, 0)
    timeline.cancel(5)
    expect(drain(timeline).map((message) => message.kind)).toEqual([CANCELLED, NOTE_ON, NOTE_OFF])
  })
})
