import { describe, expect, test } from 'vitest'
import { type Controls, defaultControls } from '../../../src/engine/controls/controls.js'
import {
  type EventIndex,
  FIRST_INPUT,
  isNoteOff,
  isNoteOn,
  velocityBin,
} from '../../../src/engine/language/events.js'
import { createPlan } from '../../../src/engine/plan/plan.js'
import type { DrawPolicy } from '../../../src/engine/sampling/draw-policy.js'
import { decodePerformance } from '../../helpers/event-language.js'
import { shippedNetwork } from '../../helpers/networks.js'
import { type Performance, startPerformance } from '../../helpers/performances.js'
import { keyDown, keyUp, pedal, randomPlaying } from '../../helpers/player.js'

/** No conditioning but the zero vector, so that a teacher-forced run is easily made. */
const UNASKED: Partial<Controls> = { mode: 'duet', tide: false, balance: 0 }
const HORIZON = 20

/** Plays `messages` to the performance as they would come in: the horizon is 20 ms ahead of each. */
function hearAll(
  performance: Performance,
  messages: ReturnType<typeof randomPlaying>,
  after: (at: number) => void = () => {},
): void {
  for (const message of messages) {
    performance.pianist.advance(message.at + HORIZON)
    performance.hear(message)
    after(message.at)
  }
}

describe('the player in history', () => {
  test('every note of the player is in history at its own step', () => {
    const performance = startPerformance(shippedNetwork('rubato-piano'), 5, UNASKED)
    const playing = randomPlaying(1, 20_000)
    hearAll(performance, playing)
    performance.pianist.advance(22_000)

    const notes = decodePerformance(performance.events)
    const strikes = playing.filter(({ kind }) => kind === 'note-on')
    const missing = strikes.filter(
      ({ at, pitch }) => !notes.some((note) => note.pitch === pitch && near(note.start, at)),
    )
    expect(missing).toEqual([])
    const ends = playing.filter(({ kind }) => kind === 'note-off')
    const unended = ends.filter(
      ({ at, pitch }) => !notes.some((note) => note.pitch === pitch && near(note.end, at)),
    )
    expect(unended).toEqual([])
    expect(strikes.length).toBeGreaterThan(80)
    expect(notes.length).toBeGreaterThan(strikes.length + 80)
  })

  test('the next event is drawn from the logits, bit for bit, of a fresh run over both hands', () => {
    const guide: DrawPolicy = {
      draw: () => defaultControls(),
      polyphony: 32,
      others: new Uint8Array(128),
      mustEnd: () => -1,
      pass: () => {},
      condition: () => 1,
      mask: (allowed) => allowed.fill(1),
    }
    const plan = createPlan(shippedNetwork('rubato-piano'), guide, 21)
    const events: EventIndex[] = []
    let compared = 0
    for (const message of randomPlaying(2, 12_000)) {
      const horizon = message.at + HORIZON
      for (let due = plan.due(horizon); due; due = plan.due(horizon)) {
        events.push(due.event)
        plan.commit()
      }
      const bin = message.kind === 'note-on' ? velocityBin(message.velocity) : 0
      const edge = { clock: Math.round(message.at / 10), pitch: message.pitch, bin }
      const merged = plan.merge([edge], horizon)
      events.splice(events.length - merged.retracted, merged.retracted, ...merged.events)
      if (message.at < 1000 * compared) continue
      compared++
      const fresh = shippedNetwork('rubato-piano')
      fresh.condition(new Float32Array(17))
      for (const event of [FIRST_INPUT, ...events]) fresh.step(event)
      expect(plan.openLogits).toEqual(fresh.logits)
    }
    expect(compared).toBeGreaterThan(8)
    expect(events.filter(isNoteOn).length).toBeGreaterThan(100)
  })

  test('a note that comes 250 ms late is put at its time, an older one as far back as the states go', () => {
    const performance = startPerformance(shippedNetwork('tiny'), 3, UNASKED)
    performance.pianist.advance(5000)
    performance.hear(keyDown(4760, 35))
    performance.hear(keyDown(3000, 36))
    performance.pianist.advance(6000)
    const notes = decodePerformance(performance.events)
    expect(notes.find(({ pitch }) => pitch === 35)?.start).toBe(476)
    expect(notes.find(({ pitch }) => pitch === 36)?.start).toBe(475)
  })

  test('the pianist neither ends nor strikes a pitch that the player holds by key or pedal', () => {
    const performance = startPerformance(shippedNetwork('tiny'), 8, { ...UNASKED, temperature: 1.5, topP: 1 })
    performance.pianist.advance(2000)
    const held = Array.from({ length: 24 }, (_, i) => 50 + i)
    performance.hear(pedal(1985, true))
    for (const pitch of held) performance.hear(keyDown(1990, pitch))
    for (const pitch of held.slice(12)) performance.hear(keyUp(1995, pitch))
    const from = performance.events.length
    // 20 s is longer than the pianist would hold any note of its own.
    performance.pianist.advance(20_000)
    const touched = performance.events
      .slice(from)
      .filter((event) => (isNoteOn(event) || isNoteOff(event)) && held.includes(event % 128))
    expect(touched).toEqual([])
    expect(performance.events.slice(from).filter(isNoteOn).length).toBeGreaterThan(10)
    performance.hear(pedal(19_990, false))
    performance.pianist.advance(20_100)
    const ended = performance.events.slice(from).filter(isNoteOff)
    for (const pitch of held.slice(12)) expect(ended).toContain(128 + pitch)
    performance.pianist.advance(30_000)
    for (const pitch of held.slice(0, 12)) expect(performance.events.slice(from)).not.toContain(128 + pitch)
  })

  test("a note of the pianist's ends where the player strikes its pitch", () => {
    const performance = startPerformance(shippedNetwork('tiny'), 4, UNASKED)
    let struck = 0
    for (let at = 1000; at < 60_000; at += 500) {
      performance.pianist.advance(at)
      const { struckAt } = performance.pianist.plan.open().moment
      const pitch = struckAt.findIndex((since, key) => since >= 0 && isSounding(performance, key))
      if (pitch < 0) continue
      const id = soundingId(performance, pitch)
      performance.hear(keyDown(at - 5, pitch))
      expect(performance.messages).toContainEqual({ kind: 'note-off', due: at, id })
      performance.hear(keyUp(at, pitch))
      struck++
    }
    expect(struck).toBeGreaterThan(20)
  })

  test('a note enters history at its sounding pitch less the transposition, and ends at that pitch even if the transposition has changed', () => {
    const performance = startPerformance(shippedNetwork('tiny'), 4, { ...UNASKED, transpose: 12 })
    performance.pianist.advance(1000)
    performance.hear(keyDown(990, 72))
    expect(performance.events).toContain(60)
    performance.set('transpose', 0)
    performance.pianist.advance(1500)
    performance.hear(keyUp(1490, 72))
    expect(performance.events).toContain(128 + 60)
  })
})

describe('the pianist in a duet', () => {
  test("the pianist avoids the register of the player's hands when asked to", () => {
    const performance = startPerformance(shippedNetwork('rubato-piano'), 6, { ...UNASKED, avoid: true })
    const playing = randomPlaying(3, 30_000, 60, 76)
    const played = new Set<number>()
    let from = 0
    hearAll(performance, playing, (at) => {
      if (at > 4000 && from === 0) from = performance.messages.length
    })
    for (const message of performance.messages.slice(from)) {
      if (message.kind === 'note-on') played.add(message.pitch)
    }
    expect([...played].filter((pitch) => pitch >= 62 && pitch <= 72)).toEqual([])
    expect(played.size).toBeGreaterThan(10)
  })

  test("above balance 0 the pianist plays less beside a busy player than in the player's pauses, below 0 the reverse", () => {
    const share = (balance: number) => {
      const performance = startPerformance(shippedNetwork('rubato-piano'), 11, {
        ...UNASKED,
        balance,
        density: 5,
      })
      const counts = { playing: 0, pausing: 0 }
      const struck = () => performance.messages.filter(({ kind }) => kind === 'note-on').length
      for (let turn = 0; turn < 4; turn++) {
        const start = turn * 12_000
        const playing = randomPlaying(20 + turn, 6000).map((message) => ({
          ...message,
          at: message.at + start,
        }))
        hearAll(
          performance,
          playing.filter(({ at }) => at < start + 2000),
        )
        const first = struck()
        hearAll(
          performance,
          playing.filter(({ at }) => at >= start + 2000),
        )
        performance.pianist.advance(start + 7000)
        const second = struck()
        performance.pianist.advance(start + 9000)
        const third = struck()
        performance.pianist.advance(start + 12_000)
        counts.playing += (second - first) / 5
        counts.pausing += (struck() - third) / 3
      }
      return counts.playing / counts.pausing
    }
    expect(share(1)).toBeLessThan(0.7)
    expect(share(-1)).toBeGreaterThan(1.1)
  })
})

function near(step: number, at: number): boolean {
  return Math.abs(step - at / 10) <= 1.01
}

function isSounding(performance: Performance, pitch: number): boolean {
  return soundingId(performance, pitch) !== undefined
}

function soundingId(performance: Performance, pitch: number): number | undefined {
  const on = performance.messages.findLast((message) => message.kind === 'note-on' && message.pitch === pitch)
  if (on?.kind !== 'note-on') return undefined
  const isOver = performance.messages.some((message) => message.kind === 'note-off' && message.id === on.id)
  return isOver ? undefined : on.id
}
