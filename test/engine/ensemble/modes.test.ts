import { describe, expect, test } from 'vitest'
import { defaultControls } from '../../../src/engine/controls/controls.js'
import { EnsembleState } from '../../../src/engine/ensemble/ensemble.js'
import type { Ensemble, Mode } from '../../../src/engine/ensemble/mode.js'
import { MODE_OF } from '../../../src/engine/ensemble/modes.js'
import { clockAfter } from '../../../src/engine/ensemble/turns.js'
import { MAX_SHIFT, noteOn, timeShift } from '../../../src/engine/language/events.js'
import type { TimedMessage } from '../../../src/engine/language/messages.js'
import { createPianist } from '../../../src/engine/pianist/pianist.js'
import type { Moment } from '../../../src/engine/sampling/moment.js'
import { LAYOUT, shippedNetwork } from '../../helpers/networks.js'
import { keyDown, keyUp } from '../../helpers/player.js'

describe.each(Object.entries(MODE_OF))('%s', (name, mode) => {
  test('a mode that answers passes turns, and one that harmonizes shares its history', () => {
    expect(mode.passesTurns || !mode.answersPhrases).toBe(true)
    expect(mode.sharesHistory || !mode.harmonizesKeys).toBe(true)
    expect(mode.listens || !mode.sharesHistory).toBe(true)
  })

  test('the lead asks for nothing before the player has played', () => {
    const controls = { ...defaultControls(), mode: name as keyof typeof MODE_OF }
    const { lead } = new EnsembleState(MODE_OF, controls, 1)
    expect(lead.share(1000)).toBe(0)
    expect(lead.range).toBeNull()
  })
})

/** The player's phrase an octave higher, from the time on at which the pianist took the floor. */
function echoed({ player, phrase, tookAt }: Ensemble) {
  return player.strikes
    .filter(({ at }) => at >= phrase.start)
    .map(({ at, pitch }) => ({
      pitch: pitch + 12,
      clock: clockAfter(tookAt) + Math.round((at - phrase.start) / 10),
    }))
}

/** Allows nothing but the next note of the echo, or the wait for it. */
function onlyEcho(allowed: Uint8Array, moment: Moment, ensemble: Ensemble): void {
  const next = echoed(ensemble).find(
    ({ pitch, clock }) =>
      clock > moment.clock || (clock === moment.clock && moment.struckAt[pitch] !== clock),
  )
  allowed.fill(0)
  if (next?.clock === moment.clock) allowed[noteOn(next.pitch)] = 1
  else allowed[timeShift(Math.min(MAX_SHIFT, (next?.clock ?? Number.POSITIVE_INFINITY) - moment.clock))] = 1
}

test('a mode that a program adds can dictate what the pianist plays: an echo an octave higher', () => {
  const echo: Mode = { ...MODE_OF.answer, mask: onlyEcho }
  const messages: TimedMessage[] = []
  const pianist = createPianist({
    network: shippedNetwork('tiny'),
    layout: LAYOUT,
    seed: 3,
    controls: { ...defaultControls(), mode: 'answer', pause: 0.5 },
    modes: { ...MODE_OF, answer: echo },
    emit: (message) => messages.push(message),
  })
  pianist.apply({ kind: 'command', command: { type: 'play' } })
  const phrase = [
    [1000, 60],
    [1300, 64],
    [1310, 67],
    [1700, 60],
  ] as const
  for (const [at, pitch] of phrase) {
    pianist.advance(at + 20)
    pianist.apply({ kind: 'heard', message: keyDown(at, pitch) })
    pianist.apply({ kind: 'heard', message: keyUp(at, pitch) })
  }
  pianist.advance(10_000)
  const strikes = messages.flatMap((message) =>
    message.kind === 'note-on' ? [[message.due, message.pitch]] : [],
  )
  const first = strikes[0]?.[0] ?? Number.NaN
  expect(strikes).toEqual(phrase.map(([at, pitch]) => [first + at - 1000, pitch + 12]))
  expect(first).toBeGreaterThan(2200)
  expect(first).toBeLessThanOrEqual(2210)
})

test('a mode whose mask never allows a wait cannot stop time: after 128 events at one instant it is not asked', () => {
  const onlyMiddleC: Mode = {
    ...MODE_OF.solo,
    mask: (allowed) => {
      allowed.fill(0)
      allowed[noteOn(60)] = 1
    },
  }
  const struck = new Map<number, number>()
  const pianist = createPianist({
    network: shippedNetwork('tiny'),
    layout: LAYOUT,
    seed: 3,
    controls: { ...defaultControls(), mode: 'solo', polyphony: 32 },
    modes: { ...MODE_OF, solo: onlyMiddleC },
    emit: ({ kind, due }) => {
      if (kind === 'note-on') struck.set(due, (struck.get(due) ?? 0) + 1)
    },
  })
  pianist.apply({ kind: 'command', command: { type: 'play' } })
  pianist.advance(3000)
  expect(struck.size).toBeGreaterThan(1)
  expect(Math.max(...struck.values())).toBeLessThanOrEqual(128)
})
