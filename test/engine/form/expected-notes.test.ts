import { describe, expect, test } from 'vitest'
import {
  beginExpecting,
  copyExpecting,
  decisions,
  type ExpectedNote,
  type Expecting,
  expect as expectNotes,
  expectNothing,
  isAnyDue,
  passExpected,
} from '../../../src/engine/form/expected-notes.js'
import { noteOn, timeShift, velocityEvent } from '../../../src/engine/language/events.js'

const note = (onset: number, pitch: number, strength = 1): ExpectedNote => ({
  onset,
  pitch,
  strength,
  tolerance: 3,
  isMelody: true,
})

/** Expects `notes` from step 100 on. */
function expecting(notes: readonly ExpectedNote[], give = 0): Expecting {
  const state = expectNothing()
  beginExpecting(state, { notes, others: 0, give }, 100)
  return state
}

describe('expected notes', () => {
  test('a note may be struck from its tolerance before to its tolerance after the time at which it is due', () => {
    const state = expecting([note(50, 60)])
    expect([146, 147, 150, 153].map((clock) => isAnyDue(state, clock))).toEqual([false, true, true, true])
  })

  test('a note struck in time is kept, one struck too early is not', () => {
    const state = expecting([note(50, 60), note(80, 62)])
    passExpected(state, noteOn(60), 140)
    expect(state.kept).toBe(0)
    passExpected(state, noteOn(60), 149)
    expect([state.kept, state.next, state.struckAt]).toEqual([1, 1, 149])
  })

  test('notes of a chord may be struck in any order', () => {
    const state = expecting([note(0, 60), note(0, 64), note(0, 67), note(40, 72)])
    for (const pitch of [67, 60, 64]) passExpected(state, noteOn(pitch), 101)
    expect([state.kept, state.next, state.struck]).toEqual([3, 3, 0])
  })

  test('a note whose time has passed is missed, and the list ends after its last note', () => {
    const state = expecting([note(0, 60), note(40, 62)])
    passExpected(state, timeShift(10), 110)
    expect([state.kept, state.next]).toEqual([0, 1])
    passExpected(state, noteOn(62), 139)
    expect([state.kept, state.list]).toEqual([1, null])
  })

  test('other events than note-ons and waits change nothing', () => {
    const state = expecting([note(0, 60)])
    passExpected(state, velocityEvent(20), 100)
    expect([state.kept, state.next]).toEqual([0, 0])
  })

  test('with give 0 a list keeps its own time, with give 1 every note is due relative to the one before', () => {
    const strict = expecting([note(10, 60), note(50, 62)], 0)
    const giving = expecting([note(10, 60), note(50, 62)], 1)
    for (const state of [strict, giving]) passExpected(state, noteOn(60), 113)
    expect([isAnyDue(strict, 147), isAnyDue(giving, 147)]).toEqual([true, false])
    expect([isAnyDue(strict, 156), isAnyDue(giving, 156)]).toEqual([true, true])
  })

  test('a list without notes expects nothing', () => {
    expect(expecting([]).list).toBeNull()
  })

  test('a copy goes its own way', () => {
    const state = expecting([note(0, 60), note(0, 64)])
    const copy = expectNothing()
    copyExpecting(state, copy)
    passExpected(state, noteOn(64), 100)
    expect([state.struck, copy.struck, copy.next]).toEqual([2, 0, 0])
  })
})

describe('the decision whether a note is expected', () => {
  const many = Array.from({ length: 2000 }, (_, n) => note(n, 60, 0.7))

  test('is made by the strength of each note', () => {
    const { notes } = expectNotes(many, 0, 0, decisions(3, 1))
    expect(notes.length).toBeGreaterThan(1300)
    expect(notes.length).toBeLessThan(1500)
  })

  test('is the same for the same seed and use, and another for another use', () => {
    const onsets = (use: number) => expectNotes(many, 0, 0, decisions(3, use)).notes.map(({ onset }) => onset)
    expect(onsets(1)).toEqual(onsets(1))
    expect(onsets(1)).not.toEqual(onsets(2))
  })

  test('keeps every note of strength 1 and none of strength 0', () => {
    const mixed = [note(0, 60, 1), note(1, 61, 0), note(2, 62, 1)]
    expect(expectNotes(mixed, 0, 0, decisions(1, 1)).notes.map(({ pitch }) => pitch)).toEqual([60, 62])
  })
})
