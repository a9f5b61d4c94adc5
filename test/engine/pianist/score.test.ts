import { describe, expect, test } from 'vitest'
import { defaultControls } from '../../../src/engine/controls/controls.js'
import {
  binVelocity,
  eventBin,
  eventPitch,
  isNoteOn,
  isTimeShift,
  isVelocity,
  shiftSteps,
} from '../../../src/engine/language/events.js'
import { createNoteCollector } from '../../../src/engine/offline/note-collector.js'
import { replayInputs } from '../../../src/engine/offline/rendering.js'
import type { GivenScoreNote } from '../../../src/engine/surface/commands.js'
import { LAYOUT, shippedNetwork } from '../../helpers/networks.js'
import { startPerformance } from '../../helpers/performances.js'

/** A scale in thirds, a quarter of a second from strike to strike. */
const NOTES: readonly GivenScoreNote[] = Array.from({ length: 24 }, (_, n) => ({
  onset: 25 * (n >> 1),
  pitch: 60 + (n >> 1) + (n % 2) * 4,
  length: 25,
}))

function play(seed: number, lookahead = 1000, notes = NOTES) {
  const performance = startPerformance(shippedNetwork('tiny'), seed)
  performance.pianist.advance(1500)
  const before = performance.events.length
  performance.command({ type: 'give-score', notes, freedom: 0.5 })
  for (let at = 1500; at < 12_000; at += lookahead) performance.pianist.advance(at)
  performance.pianist.advance(12_000)
  return { performance, events: performance.events.slice(before) }
}

describe('a score that the live pianist is given', () => {
  test('is played, each note once and in its order, and the music goes on after it', () => {
    for (let seed = 1; seed <= 10; seed++) {
      const { events } = play(seed)
      const strikes = events.filter(isNoteOn).map(eventPitch)
      for (let n = 0; n < NOTES.length; n += 2) {
        const chord = strikes.slice(n, n + 2).toSorted((a, b) => a - b)
        expect(chord).toEqual([NOTES[n]!.pitch, NOTES[n + 1]!.pitch])
      }
      expect(strikes.length).toBeGreaterThan(NOTES.length)
    }
  })

  test('takes about the time that the score says', () => {
    const { events } = play(3)
    const times: number[] = []
    let clock = 0
    for (const event of events) {
      if (isTimeShift(event)) clock += shiftSteps(event)
      else if (isNoteOn(event)) times.push(clock)
    }
    const length = times[NOTES.length - 1]! - times[0]!
    expect(length).toBeGreaterThan(275 / 1.3)
    expect(length).toBeLessThan(275 * 1.3)
  })

  test('sounds the same however far ahead it is sampled, and from its log of inputs', () => {
    for (let seed = 1; seed <= 5; seed++) {
      const { performance, events } = play(seed)
      expect(play(seed, 37).events.slice(0, 60)).toEqual(events.slice(0, 60))
      const collector = createNoteCollector()
      for (const message of performance.messages) collector.receive(message)
      const options = { network: shippedNetwork('tiny'), layout: LAYOUT, seed, controls: defaultControls() }
      expect(replayInputs(options, performance.inputs, 12_000)).toEqual(collector.notes(12_000))
    }
  })

  test('is loud where loudness is expected, in any plan the same', () => {
    const notes = NOTES.map((note, n) => ({ ...note, loudness: { mean: n < 12 ? 30 : 100, deviation: 8 } }))
    for (let seed = 1; seed <= 5; seed++) {
      const { events } = play(seed, 1000, notes)
      expect(play(seed, 37, notes).events.slice(0, 60)).toEqual(events.slice(0, 60))
      const velocities: number[] = []
      let bin = 0
      for (const event of events) {
        if (isVelocity(event)) bin = eventBin(event)
        else if (isNoteOn(event)) velocities.push(binVelocity(bin))
      }
      const mean = (from: number) => velocities.slice(from, from + 12).reduce((a, b) => a + b, 0) / 12
      expect(mean(12)).toBeGreaterThan(mean(0) + 40)
    }
  })

  test('without notes changes nothing', () => {
    const given = startPerformance(shippedNetwork('tiny'), 4)
    given.command({ type: 'give-score', notes: [], freedom: 0 })
    given.pianist.advance(8000)
    const plain = startPerformance(shippedNetwork('tiny'), 4)
    plain.pianist.advance(8000)
    expect(given.events).toEqual(plain.events)
  })

  test('sounds at its own pitches, whatever the control transpose says', () => {
    const performance = startPerformance(shippedNetwork('tiny'), 2, { transpose: 5 })
    performance.command({ type: 'give-score', notes: NOTES, freedom: 0.5 })
    performance.pianist.advance(6000)
    const pitches = performance.messages.flatMap((message) =>
      message.kind === 'note-on' ? [message.pitch] : [],
    )
    expect(pitches.slice(0, 2).toSorted((a, b) => a - b)).toEqual([60, 64])
  })
})
