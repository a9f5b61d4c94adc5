import { describe, expect, test } from 'vitest'
import { tempoOf } from '../../../src/engine/clock/link-timeline.js'
import { CLOCK_MAGIC, writePing, writePong } from '../../../src/io/link/clock-packets.js'
import { DISCOVERY_MAGIC, NOT_STARTED, writeDiscovery } from '../../../src/io/link/discovery-packets.js'
import { LinkNode, type Ways } from '../../../src/io/link/link-node.js'
import { beginsWith } from '../../../src/io/link/payload.js'
import { linkNetwork, type SimulatedNode } from '../../helpers/link-network.js'
import { randomNumbers } from '../../helpers/random-numbers.js'

const MINUTE = 60
/** How far apart two nodes are in the song, in ms. */
const phaseError = (a: SimulatedNode, b: SimulatedNode) =>
  (Math.abs(a.beat() - b.beat()) * 60_000) / tempoOf(a.node.timeline)

describe('a session', () => {
  test('is that of the elder, whose tempo and beat a newcomer takes over, whatever its clock shows', () => {
    const { join, pass } = linkNetwork()
    const elder = join(90, 5_000_000_000)
    pass(10)
    const beat = elder.beat()
    const newcomer = join(140, 17)
    pass(2)
    expect(newcomer.node.session).toBe(elder.node.session)
    expect(tempoOf(newcomer.node.timeline)).toBeCloseTo(90, 4)
    expect(elder.beat()).toBeCloseTo(beat + 3, 4)
    expect(phaseError(elder, newcomer)).toBeLessThan(0.01)
    expect([elder.node.company, newcomer.node.company]).toEqual([1, 1])
  })

  test('of two founded together is that of the lesser name', () => {
    const { join, pass } = linkNetwork()
    const nodes = [join(120), join(121), join(122)]
    pass(3)
    const names = nodes.map(({ node }) => node.session)
    expect(names).toEqual(names.map(() => '2'.padStart(16, '0')))
    expect(nodes.map(({ node }) => node.company)).toEqual([2, 2, 2])
  })

  test('has one beat within a ms for ten minutes, though clocks drift and the network delays packets', () => {
    const { join, pass } = linkNetwork(3000)
    const elder = join(120, 0, 2e-5)
    pass(1)
    const others = [join(60, 1_000_000, -2e-5), join(60, 7_000_000_000, 1e-5)]
    pass(2)
    for (let second = 0; second < 10 * MINUTE; second++) {
      pass(1)
      for (const other of others) expect(phaseError(elder, other)).toBeLessThan(1)
    }
  })

  test('takes the last change of tempo, whoever makes it, and its beat does not jump', () => {
    const { join, pass } = linkNetwork()
    const nodes = [join(120), join(120), join(120)] as const
    pass(3)
    for (const [n, tempo] of [100, 133.5, 71, 180].entries()) {
      const changing = nodes[n % 3]!
      const beat = changing.beat()
      changing.node.setTempo(tempo, changing.now())
      expect(changing.beat()).toBeCloseTo(beat, 5)
      pass(0.5)
      for (const { node } of nodes) expect(tempoOf(node.timeline)).toBeCloseTo(tempo, 2)
      expect(phaseError(nodes[0], nodes[1])).toBeLessThan(0.01)
    }
  })

  test('starts and stops for all, and a newcomer is told that it plays', () => {
    const { join, pass } = linkNetwork()
    const [first, second] = [join(120), join(120)]
    pass(3)
    expect([first.startStops, second.startStops]).toEqual([[], []])
    first.node.setPlaying(true, first.now())
    pass(0.5)
    expect([second.startStops, second.node.isPlaying]).toEqual([[true], true])
    second.node.setPlaying(false, second.now())
    pass(0.5)
    expect(first.startStops).toEqual([false])
    first.node.setPlaying(true, first.now())
    pass(0.5)
    const third = join(120)
    pass(2)
    expect(third.startStops).toEqual([true])
  })

  test('is left with a goodbye at once, without one within six seconds, and the last one goes on in the same song', () => {
    const { join, pass } = linkNetwork()
    const [first, second, third] = [join(100), join(120), join(120)]
    pass(3)
    const { session } = first.node
    first.leave()
    pass(0.1)
    // The founder is gone; the session isn't.
    expect([second.node.company, second.node.session]).toEqual([1, session])
    const beat = second.beat()
    third.vanish()
    pass(4)
    expect(second.node.company).toBe(1)
    pass(2.1)
    expect(second.node.company).toBe(0)
    expect(second.node.session).not.toBe(session)
    expect(second.beat()).toBeCloseTo(beat + (6.1 * 100) / 60, 3)
    const fourth = join(80)
    pass(2)
    expect(fourth.node.session).toBe(second.node.session)
    expect(tempoOf(fourth.node.timeline)).toBeCloseTo(100, 3)
  })

  test('that plays goes on playing for the one who is left, and for those who come', () => {
    const { join, pass } = linkNetwork()
    const [first, second] = [join(100), join(100)]
    pass(3)
    first.node.setPlaying(true, first.now())
    pass(0.5)
    first.leave()
    pass(0.5)
    expect(second.node.isPlaying).toBe(true)
    const third = join(100)
    pass(2)
    expect(third.startStops).toEqual([true])
  })

  test('of several peers joins the elder one of several when they meet, all of them, at its tempo', () => {
    const { join, pass, unite } = linkNetwork()
    const elders = [join(90), join(95)] as const
    pass(5)
    const younger = [join(130, 9e9, 0, 1), join(131, 0, 0, 1), join(132, 0, 0, 1)] as const
    pass(3)
    younger[1].node.setTempo(140, younger[1].now())
    pass(1)
    const [old, young] = [elders[0].node.session, younger[0].node.session]
    expect(younger.map(({ node }) => node.session)).toEqual([young, young, young])
    expect(young).not.toBe(old)
    unite()
    pass(3)
    for (const one of [...elders, ...younger]) {
      expect([one.node.session, one.node.company]).toEqual([old, 4])
      expect(tempoOf(one.node.timeline)).toBeCloseTo(90, 3)
      expect(phaseError(elders[0], one)).toBeLessThan(0.1)
    }
  })
})

describe('packets from anywhere', () => {
  const ENDPOINT = { address: '10.0.0.9', port: 4000 }

  /** A node, with what it sends. */
  function listener() {
    const sent: Uint8Array[] = []
    const ways: Ways = {
      send: (bytes) => sent.push(bytes),
      announce: () => {},
      endpointOf: () => ENDPOINT,
    }
    let names = 0
    const newId = () => `${++names}`.padStart(16, 'f')
    const node = new LinkNode({ tempo: 120, ways, newId, onChange: () => {}, onStartStop: () => {} }, 0)
    return { node, sent }
  }

  function valid(random: () => number): Uint8Array {
    const id = `${Math.floor(9 * random())}`.padStart(16, '0')
    const timeline = { microsPerBeat: 500_000, beatOrigin: Math.floor(1e9 * random()), timeOrigin: 5 }
    const state = { timeline, session: id, startStop: NOT_STARTED, endpoint: ENDPOINT }
    const choice = random()
    if (choice < 0.3) return writeDiscovery({ kind: 'alive', from: id, ttl: 5, state })
    if (choice < 0.6) return writeDiscovery({ kind: 'response', from: id, ttl: 5, state })
    if (choice < 0.7) return writeDiscovery({ kind: 'bye', from: id })
    if (choice < 0.85) return writePing(Math.floor(1e9 * random()), 7)
    return writePong(id, Math.floor(1e9 * random()), writePing(3, 7).subarray(9))
  }

  /** The packet with some of its bytes changed, lost, doubled or cut off. */
  function mutated(bytes: Uint8Array, random: () => number): Uint8Array {
    let next = [...bytes]
    for (let n = 0; n <= 4 * random(); n++) {
      const at = Math.floor(next.length * random())
      const choice = random()
      if (choice < 0.5) next[at] = Math.floor(256 * random())
      else if (choice < 0.65) next.splice(at, 1 + Math.floor(8 * random()))
      else if (choice < 0.8) next.splice(at, 0, ...next.slice(at, at + Math.floor(40 * random())))
      else if (choice < 0.9) next[at] = (next[at] ?? 0) ^ (1 << Math.floor(8 * random()))
      else next = next.slice(0, at)
    }
    return Uint8Array.from(next)
  }

  test('100,000 mutated ones throw nothing, and each is taken or counted by the rule that it breaks', () => {
    const random = randomNumbers(7)
    const { node, sent } = listener()
    const total = () => Object.values(node.ignored).reduce((sum, count) => sum + count, 0)
    let now = 0
    let taken = 0
    for (let n = 0; n < 100_000; n++) {
      now += 500
      const before = total()
      const from = { ...ENDPOINT, port: 4000 + Math.floor(3 * random()) }
      node.receive(mutated(valid(random), random), from, 'here', now)
      if (n % 20 === 0) node.tick(now)
      if (total() === before) taken++
    }
    expect(taken + total()).toBe(100_000)
    for (const rule of ['short', 'foreign', 'group', 'type', 'unreadable', 'unasked'] as const)
      expect(node.ignored[rule], rule).toBeGreaterThan(100)
    // Whatever came, the song is where a number can say, and every answer is a packet.
    expect(Number.isFinite(node.song(now / 1000).beat)).toBe(true)
    expect(tempoOf(node.timeline)).toBeGreaterThan(19.9)
    const isPacket = (bytes: Uint8Array) =>
      (beginsWith(bytes, DISCOVERY_MAGIC) || beginsWith(bytes, CLOCK_MAGIC)) && bytes.length < 512
    expect(sent.filter((bytes) => !isPacket(bytes))).toEqual([])
  })

  test('our own are ignored, and of a thousand peers only as many are known as there is room for', () => {
    const { node } = listener()
    const alive = (id: string) =>
      writeDiscovery({
        kind: 'response',
        from: id,
        ttl: 5,
        state: { timeline: node.timeline, session: node.session, startStop: NOT_STARTED, endpoint: null },
      })
    node.receive(alive(node.session), ENDPOINT, 'here', 1)
    expect(node.ignored).toEqual({ own: 1 })
    for (let n = 0; n < 1000; n++) node.receive(alive(`${n}`.padStart(16, '0')), ENDPOINT, 'here', 2)
    expect([node.company, node.ignored.full]).toEqual([256, 744])
  })
})
