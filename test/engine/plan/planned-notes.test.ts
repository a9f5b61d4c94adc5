import { describe, expect, test } from 'vitest'
import { shippedNetwork } from '../../helpers/networks.js'
import { startPerformance } from '../../helpers/performances.js'

describe('the planned notes', () => {
  test.each(['off', '1/16'] as const)(
    'are those that are sent later, note by note, if no input comes (grid %s)',
    (grid) => {
      const performance = startPerformance(shippedNetwork('tiny'), 5, {
        transpose: 3,
        delay: 40,
        articulation: 0.4,
        grid,
      })
      const { pianist, messages } = performance
      pianist.apply({ kind: 'pulse', pulse: { at: 70, beatMs: 530 } })
      pianist.advance(10_000)
      while (pianist.plan.plannedTo < 22_000) pianist.plan.sample()
      const ahead = pianist.ahead()
      pianist.advance(21_900)
      const ons = messages.flatMap((message) => (message.kind === 'note-on' ? [message] : []))
      const offs = new Map(
        messages.flatMap((message) => (message.kind === 'note-off' ? [[message.id, message.due]] : [])),
      )
      const sent = ons.filter(
        ({ due, mustEnd, id }) => Math.min(mustEnd, offs.get(id) ?? mustEnd) > 10_040 && due <= 21_900,
      )
      expect(sent.length).toBeGreaterThan(3)
      for (const { due, pitch, velocity, mustEnd, id } of sent) {
        const note = ahead.find((one) => one.start === due && one.pitch === pitch)
        expect(note?.velocity).toBe(velocity)
        const end = Math.min(mustEnd, offs.get(id) ?? mustEnd)
        if (note?.end != null && end <= 21_900) expect(note.end).toBe(end)
      }
      expect(ahead.map(({ start }) => start)).toEqual(
        ahead.map(({ start }) => start).toSorted((a, b) => a - b),
      )
    },
  )

  test('there are no planned notes while paused', () => {
    const { pianist, command } = startPerformance(shippedNetwork('tiny'), 5)
    pianist.advance(10_000)
    command({ type: 'pause' })
    expect(pianist.ahead()).toEqual([])
  })
})
