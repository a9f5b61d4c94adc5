import { describe, expect, test } from 'vitest'
import type { Controls } from '../../../src/engine/controls/controls.js'
import type { TimedMessage } from '../../../src/engine/language/messages.js'
import { shippedNetwork } from '../../helpers/networks.js'
import { type Performance, startPerformance } from '../../helpers/performances.js'
import { keyDown, keyUp } from '../../helpers/player.js'

type NoteOn = Extract<TimedMessage, { kind: 'note-on' }>

const HORIZON = 20
const strikes = ({ messages }: Performance) =>
  messages.filter((message): message is NoteOn => message.kind === 'note-on')

function start(controls: Partial<Controls>, model: 'tiny' | 'rubato-piano' = 'rubato-piano'): Performance {
  return startPerformance(shippedNetwork(model), 17, controls)
}

/** A rising phrase of eight notes in `key`, 200 ms each, from `from` on. @returns when the last key lifts */
function playPhrase(performance: Performance, from: number, tonic = 60, velocity = 80): number {
  const scale = [0, 2, 4, 5, 7, 9, 11, 12]
  for (const [n, step] of scale.entries()) {
    const at = from + 200 * n
    performance.pianist.advance(at + HORIZON)
    performance.hear(keyDown(at, tonic + step, velocity))
    performance.pianist.advance(at + 190 + HORIZON)
    performance.hear(keyUp(at + 190, tonic + step))
  }
  return from + 200 * 7 + 190
}

/** Note-ons without a note-off so far. */
function open({ messages }: Performance): number[] {
  const ended = new Set(messages.flatMap((message) => (message.kind === 'note-off' ? [message.id] : [])))
  return messages.flatMap((message) =>
    message.kind === 'note-on' && !ended.has(message.id) ? [message.id] : [],
  )
}

const lastEnd = ({ messages }: Performance) =>
  Math.max(...messages.filter(({ kind }) => kind === 'note-off').map(({ due }) => due))

describe('answer', () => {
  test('the pianist listens while the player plays, and answers with a note at the very step at which the pause is over', () => {
    const performance = start({ mode: 'answer', pause: 0.8 })
    performance.pianist.advance(1000)
    const lifted = playPhrase(performance, 1000)
    performance.pianist.advance(lifted + 799)
    expect(strikes(performance)).toEqual([])
    expect(performance.pianist.ensemble.floor).toBe('player')
    performance.pianist.advance(lifted + 1500)
    const first = strikes(performance)[0]?.due ?? Number.NaN
    expect(first).toBeGreaterThan(lifted + 800)
    expect(first).toBeLessThanOrEqual(lifted + 810)
    expect(performance.pianist.ensemble.floor).toBe('pianist')
  })

  test.each([
    ['pause', 'pianist'],
    ['end', 'player'],
    ['panic', 'player'],
  ] as const)('%s in the middle of an answer, then play: it comes back to listening', (type, floor) => {
    const performance = start({ mode: 'answer', pause: 0.5 }, 'tiny')
    performance.pianist.advance(1000)
    const lifted = playPhrase(performance, 1000)
    performance.pianist.advance(lifted + 1000)
    expect(performance.pianist.ensemble.floor).toBe('pianist')
    performance.command({ type })
    performance.pianist.advance(lifted + 6000)
    expect(performance.pianist.paused).toBe(true)
    expect(performance.pianist.ensemble.floor).toBe(floor)
    performance.command({ type: 'play' })
    performance.pianist.advance(lifted + 15_000)
    expect(performance.pianist.ensemble.floor).toBe('player')
    const count = strikes(performance).length
    performance.pianist.advance(lifted + 60_000)
    expect(strikes(performance).length).toBe(count)
  })

  test('a single long note is answered sparsely', () => {
    const counts = [21, 22, 23].map((seed) => {
      const performance = startPerformance(shippedNetwork('rubato-piano'), seed, {
        mode: 'answer',
        pause: 0.5,
      })
      performance.pianist.advance(1000 + HORIZON)
      performance.hear(keyDown(1000, 60))
      performance.pianist.advance(2500 + HORIZON)
      performance.hear(keyUp(2500, 60))
      performance.pianist.advance(10_000)
      return strikes(performance).length
    })
    for (const count of counts) expect(count).toBeGreaterThanOrEqual(1)
    expect(Math.min(...counts)).toBeLessThanOrEqual(5)
    expect(counts.reduce((sum, count) => sum + count, 0)).toBeLessThanOrEqual(24)
  })

  test('the pianist waits for the player without limit', () => {
    const performance = start({ mode: 'answer' }, 'tiny')
    performance.pianist.advance(120_000)
    expect(strikes(performance)).toEqual([])
    expect(performance.pianist.paused).toBe(false)
  })

  test('an answer lasts about as long as the phrase, in its register; then the pianist ends its notes and listens again', () => {
    const performance = start({ mode: 'answer', pause: 0.5 })
    const lifted = playPhrase(performance, 1000, 60)
    const began = lifted + 500
    performance.pianist.advance(began + 8000)
    const due = strikes(performance).map((message) => message.due)
    expect(due.length).toBeGreaterThan(2)
    expect(Math.max(...due) - began).toBeLessThan(1590 + 1500 + 50)
    expect(performance.pianist.ensemble.floor).toBe('player')
    expect(open(performance)).toEqual([])
    for (const { pitch } of strikes(performance)) {
      expect(pitch).toBeGreaterThanOrEqual(55)
      expect(pitch).toBeLessThanOrEqual(77)
    }
  })

  test('each phrase gets one answer, which is the same however finely time goes on', () => {
    const coarse = start({ mode: 'answer', pause: 0.5 }, 'tiny')
    const fine = start({ mode: 'answer', pause: 0.5 }, 'tiny')
    for (const performance of [coarse, fine]) {
      for (const from of [1000, 12_000, 20_000]) {
        const lifted = playPhrase(performance, from)
        if (performance === fine)
          for (let at = lifted + HORIZON; at < lifted + 6000; at += 3.7) fine.pianist.advance(at)
      }
      performance.pianist.advance(60_000)
      expect(performance.pianist.ensemble.floor).toBe('player')
    }
    expect(fine.messages).toEqual(coarse.messages)
    const answers = [1000, 12_000, 20_000].map((from) =>
      strikes(fine).filter(({ due }) => due > from && due < from + 8000),
    )
    for (const notes of answers) expect(notes.length).toBeGreaterThan(0)
    expect(strikes(fine).filter(({ due }) => due > 28_000)).toEqual([])
  })

  test('a key struck during an answer ends it: no new note, and sounding notes have ended within 300 ms', () => {
    for (let delay = 100; delay < 1500; delay += 200) {
      const performance = start({ mode: 'answer', pause: 0.3, density: 12 })
      const over = playPhrase(performance, 1000) + 300 + delay
      performance.pianist.advance(over + HORIZON)
      const before = strikes(performance).length
      performance.hear(keyDown(over, 40))
      performance.pianist.advance(over + 5000)
      expect(strikes(performance).length).toBe(before)
      expect(open(performance)).toEqual([])
      expect(lastEnd(performance)).toBeLessThanOrEqual(over + 300)
      expect(before).toBeGreaterThan(0)
    }
  })

  test('a key that stays down holds the answer back', () => {
    const performance = start({ mode: 'answer', pause: 0.3 })
    performance.pianist.advance(1000)
    performance.hear(keyDown(990, 60))
    performance.pianist.advance(9000)
    expect(strikes(performance)).toEqual([])
    performance.hear(keyUp(8990, 60))
    performance.pianist.advance(9500)
    expect(strikes(performance).length).toBeGreaterThan(0)
  })
})

describe('continue', () => {
  test.each(['pedal', 'command'] as const)(
    'the pianist takes over with a note at the next step, by %s',
    (by) => {
      const performance = start({ mode: 'continue' })
      const lifted = playPhrase(performance, 1000)
      const at = lifted + 40
      performance.pianist.advance(at + HORIZON)
      expect(strikes(performance)).toEqual([])
      if (by === 'command') performance.command({ type: 'take-over' })
      else performance.hear({ kind: 'control-change', at, channel: 0, controller: 66, value: 127 })
      performance.pianist.advance(at + 5000)
      const due = strikes(performance).map((message) => message.due)
      expect(due[0]).toBeGreaterThan(at + HORIZON)
      expect(due[0]).toBeLessThanOrEqual(at + HORIZON + 10)
      expect(due.length).toBeGreaterThan(8)
    },
  )

  test('the pianist goes on until the player plays, and gives the floor back then', () => {
    const performance = start({ mode: 'continue' })
    performance.pianist.advance(playPhrase(performance, 1000) + 100)
    performance.command({ type: 'take-over' })
    performance.pianist.advance(20_000)
    const before = strikes(performance).length
    performance.hear(keyDown(19_980, 60))
    performance.pianist.advance(40_000)
    expect(before).toBeGreaterThan(30)
    expect(strikes(performance).length).toBe(before)
    expect(open(performance)).toEqual([])
  })
})

describe('harmonize', () => {
  test.each([1, 2, 3, 4])(
    'sounds %d notes with each key, at its velocity, and releases them with it',
    (voices) => {
      const performance = start({ mode: 'harmonize', voices, intervals: 'free' })
      for (const [n, pitch] of [60, 64, 55, 72, 67].entries()) {
        const at = 1000 + 700 * n
        performance.pianist.advance(at + HORIZON)
        const before = performance.messages.length
        performance.hear(keyDown(at, pitch, 40 + 10 * n))
        const added = performance.messages.slice(before).filter((message) => message.kind === 'note-on')
        expect(added.length).toBe(voices)
        expect(new Set(added.map((message) => message.pitch)).size).toBe(voices)
        for (const message of added) {
          expect(message.velocity).toBe(40 + 10 * n)
          expect(message.due - at).toBeLessThanOrEqual(12)
          expect(Math.abs(message.pitch - pitch)).toBeGreaterThanOrEqual(3)
          expect(Math.abs(message.pitch - pitch)).toBeLessThanOrEqual(19)
        }
        performance.pianist.advance(at + 400 + HORIZON)
        expect(open(performance)).toEqual(added.map(({ id }) => id))
        performance.hear(keyUp(at + 400, pitch))
        expect(open(performance)).toEqual([])
        expect(lastEnd(performance)).toBe(at + 400)
      }
    },
  )

  test('added notes stay within the limits of velocity and polyphony, and do not clash with each other', () => {
    const performance = start({ mode: 'harmonize', voices: 4, velocityMax: 50, polyphony: 3 })
    for (let n = 0; n < 40; n++) {
      const at = 1000 + 300 * n
      const pitch = 50 + ((7 * n) % 25)
      performance.pianist.advance(at + HORIZON)
      const before = performance.messages.length
      performance.hear(keyDown(at, pitch, 90))
      const added = performance.messages.slice(before).filter((message) => message.kind === 'note-on')
      expect(added.length).toBe(3)
      for (const message of added) {
        expect(message.velocity).toBe(50)
        for (const other of added) expect([1, 11]).not.toContain(Math.abs(message.pitch - other.pitch) % 12)
      }
      performance.pianist.advance(at + 200 + HORIZON)
      performance.hear(keyUp(at + 200, pitch))
    }
  })

  test('added notes are in the scale of the key, and the pianist plays nothing by itself', () => {
    const performance = start({ mode: 'harmonize', voices: 3, key: 'D', scale: 'major', keyLock: true })
    performance.pianist.advance(playPhrase(performance, 1000, 62) + 20_000)
    expect(strikes(performance).length).toBe(24)
    for (const { pitch } of strikes(performance)) expect([2, 4, 6, 7, 9, 11, 1]).toContain(pitch % 12)
  })

  test('a key struck at the pitch of an added note ends that note, and nothing is left sounding', () => {
    const performance = start({ mode: 'harmonize', voices: 4, intervals: 'free' })
    performance.pianist.advance(1000)
    performance.hear(keyDown(980, 60))
    const voice = strikes(performance)[0]?.pitch ?? Number.NaN
    performance.pianist.advance(1100)
    performance.hear(keyDown(1080, voice))
    performance.pianist.advance(1200)
    performance.hear(keyUp(1180, 60))
    performance.hear(keyUp(1185, voice))
    expect(open(performance)).toEqual([])
  })
})

describe('follow', () => {
  test('with key lock only the held pitch classes sound, and their memory fades in the time that is set', () => {
    const performance = start({ mode: 'follow', keyLock: true, fade: 2, density: 10 })
    performance.pianist.advance(2000)
    for (const pitch of [61, 65, 68]) performance.hear(keyDown(1980, pitch))
    performance.pianist.advance(8000)
    for (const pitch of [61, 65, 68]) performance.hear(keyUp(7980, pitch))
    performance.pianist.advance(20_000)
    const classes = (from: number, to: number) =>
      strikes(performance)
        .filter(({ due }) => due > from && due <= to)
        .map(({ pitch }) => pitch % 12)
    const held = classes(2000, 9980)
    expect(held.length).toBeGreaterThan(30)
    expect(new Set(held.filter((pitchClass) => ![1, 5, 8].includes(pitchClass)))).toEqual(new Set())
    expect(new Set(classes(10_000, 20_000)).size).toBeGreaterThan(5)
  })

  test('solo ignores the keyboard: the notes are the same with and without a player', () => {
    const alone = start({ mode: 'solo' }, 'tiny')
    alone.pianist.advance(20_000)
    const heard = start({ mode: 'solo' }, 'tiny')
    playPhrase(heard, 1000)
    heard.pianist.advance(20_000)
    expect(heard.messages).toEqual(alone.messages)
  })
})

describe('a change of mode', () => {
  test("a change of mode cuts nothing: the pianist's notes end as planned, and the player's leave history when their keys lift", () => {
    const performance = start({ mode: 'duet', density: 10 })
    performance.pianist.advance(5000)
    const from = performance.events.length
    performance.hear(keyDown(4980, 36))
    // At some moment a note sounds whose end is planned.
    const soundingPlanned = () => {
      for (let n = 0; n < 60; n++) performance.pianist.plan.sample()
      const { position } = performance.pianist
      return performance.pianist
        .ahead()
        .filter(({ start, end }) => start <= position && (end ?? Infinity) < position + 1000)
    }
    let at = 5000
    while (soundingPlanned().length === 0) {
      at += 10
      performance.pianist.advance(at)
    }
    const planned = soundingPlanned()
    performance.set('mode', 'answer')
    const before = strikes(performance).length
    performance.pianist.advance(9000)
    expect(strikes(performance).length).toBe(before)
    expect(open(performance)).toEqual([])
    const ends = performance.messages.flatMap((message) => (message.kind === 'note-off' ? [message.due] : []))
    for (const { end } of planned) expect(ends).toContain(end)
    expect(performance.events.slice(from)).not.toContain(128 + 36)
    performance.set('mode', 'solo')
    performance.pianist.advance(9500)
    performance.hear(keyUp(9480, 36))
    expect(performance.events.slice(from)).toContain(128 + 36)
  })
})
