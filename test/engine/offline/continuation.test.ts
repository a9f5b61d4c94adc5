import { describe, expect, test } from 'vitest'
import { EVENT_COUNT, noteOn, timeShift, velocityEvent } from '../../../src/engine/language/events.js'
import type { Network } from '../../../src/engine/network/network.js'
import { beginContinuation } from '../../../src/engine/offline/continuation.js'
import { evaluate } from '../../../src/engine/offline/evaluate.js'
import type { DrawPolicy } from '../../../src/engine/sampling/draw-policy.js'
import { shippedNetwork } from '../../helpers/networks.js'

/** A policy that leaves everything to the network, at `temperature`. */
function freely(temperature = 1): DrawPolicy {
  const settings = {
    temperature,
    pitchTemperature: 1,
    timingTemperature: 1,
    dynamicsTemperature: 1,
    topP: 1,
  }
  return {
    draw: () => settings,
    polyphony: 32,
    others: new Uint8Array(128),
    mustEnd: () => -1,
    condition: (target) => {
      target.fill(0)
      return 1
    },
    mask: (allowed) => {
      allowed.fill(1)
    },
    pass: () => {},
  }
}

const begin = (policy = freely(), seed = 1, network: Network = shippedNetwork('tiny')) =>
  beginContinuation({ network, policy, seed })

const KNOWN = [velocityEvent(20), noteOn(60), timeShift(40), noteOn(64), timeShift(100), noteOn(67)]

describe('a continuation', () => {
  test('scores known events as the evaluation of a performance does', () => {
    const going = begin()
    for (const event of KNOWN) going.feed(event)
    expect(going.nats).toBeCloseTo(evaluate(shippedNetwork('tiny'), KNOWN).nats, 6)
    expect(going.events()).toEqual(KNOWN)
    expect(going.moment.clock).toBe(140)
  })

  test('draws the same events for a seed, and others for another', () => {
    const drawn = (seed: number) => {
      const going = begin(freely(), seed)
      for (let n = 0; n < 200; n++) going.sample()
      return going.events()
    }
    expect(drawn(3)).toEqual(drawn(3))
    expect(drawn(3)).not.toEqual(drawn(4))
  })

  test('scores what it draws under the plain distribution, whatever the temperature of the draw', () => {
    const going = begin(freely(0.5))
    for (let n = 0; n < 100; n++) going.sample()
    expect(going.nats).toBeCloseTo(evaluate(shippedNetwork('tiny'), going.events()).nats, 5)
    let sum = 0
    for (let at = going.last; at; at = at.before) sum += at.nats
    expect(sum).toBeCloseTo(going.nats, 9)
  })

  test('a fork goes on as the original would, and neither moves the other', () => {
    for (let seed = 1; seed <= 20; seed++) {
      const going = begin(freely(), seed)
      for (let n = 0; n < 50; n++) going.sample()
      // The logits may have been asked for before the fork, or not.
      if (seed % 2 === 0) going.logits
      const fork = going.fork(going.run)
      const other = going.fork(7)
      for (let n = 0; n < 50; n++) {
        going.sample()
        other.sample()
        fork.sample()
      }
      expect(fork.events()).toEqual(going.events())
      expect(fork.nats).toBe(going.nats)
      expect(other.events(50)).not.toEqual(going.events(50))
      expect(other.events().slice(0, 50)).toEqual(going.events().slice(0, 50))
    }
  })

  test('becomes another, and goes on with the random numbers of its own run', () => {
    const going = begin()
    const other = going.fork(1)
    for (let n = 0; n < 30; n++) {
      going.sample()
      other.sample()
    }
    const expected = going.fork(1)
    other.become(going)
    expect(other.run).toBe(1)
    for (let n = 0; n < 30; n++) {
      other.sample()
      expected.sample()
    }
    expect(other.events()).toEqual(expected.events())
    expect(other.count).toBe(60)
  })

  test('what is heard moves it as what is fed does, without a score', () => {
    const fed = begin()
    const heard = begin()
    for (const event of KNOWN) {
      fed.feed(event)
      heard.hear(event)
    }
    expect(heard.nats).toBe(0)
    expect([...heard.logits]).toEqual([...fed.logits])
    expect(heard.logits).toHaveLength(EVENT_COUNT)
  })

  test('carries out the rules of the policy: a note that must end is ended', () => {
    const policy = {
      ...freely(),
      mustEnd: ({ struckAt }: { struckAt: Int32Array }) => (struckAt[60]! >= 0 ? 60 : -1),
    }
    const going = begin(policy)
    going.feed(noteOn(60))
    expect(going.sample()).toBe(128 + 60)
  })
})
