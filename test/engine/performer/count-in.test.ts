import { describe, expect, it } from 'vitest'
import type { Sync } from '../../../src/engine/clock/sync.js'
import { type ControlChanges, defaultControls } from '../../../src/engine/controls/controls.js'
import type { RealtimeMessage, TimedMessage } from '../../../src/engine/language/messages.js'
import { createPerformer } from '../../../src/engine/performer/performer.js'
import type { Command } from '../../../src/engine/surface/commands.js'
import { LAYOUT, shippedNetwork } from '../../helpers/networks.js'

const FIRST_CLICK = 900_000
/** The first click comes 100 ms after the command. */
const LEAD = 100

/** A performer that stands still, in simulated time. */
function stand(controls: ControlChanges, { sync = 'off' as Sync, clicks = true } = {}) {
  const messages: TimedMessage[] = []
  const realtime: RealtimeMessage[] = []
  const performer = createPerformer({
    network: shippedNetwork('tiny'),
    layout: LAYOUT,
    seed: 5,
    controls: { ...defaultControls(), ...controls },
    sync,
    emit: (message) => messages.push(message),
    emitRealtime: (message) => realtime.push(message),
    ...(clicks ? { firstClickId: FIRST_CLICK } : {}),
  })
  let now = 0
  const run = (until: number) => {
    for (; now < until; now++) for (let n = 0; n < 20 && performer.tick(now) <= now; n++);
  }
  const command = (type: 'play' | 'pause' | 'panic' | 'end') =>
    performer.receive({ kind: 'command', command: { type } satisfies Command, by: 'keys', at: now })
  const strikes = () => messages.flatMap((message) => (message.kind === 'note-on' ? [message] : []))
  const clicksOf = () => strikes().filter(({ id }) => id >= FIRST_CLICK)
  const music = () => strikes().filter(({ id }) => id < FIRST_CLICK)
  return { performer, realtime, run, command, clicks: clicksOf, music }
}

describe('a count-in', () => {
  it('clicks on each beat, higher on the first of a bar, and the music begins with the bar after', () => {
    const { performer, run, command, clicks, music } = stand({ countIn: 2, tempo: 96, beatsPerBar: 3 })
    run(1000)
    command('play')
    run(1000 + LEAD + 6 * 625 - 25)
    expect(clicks().map(({ due, pitch, channel }) => [due, pitch, channel])).toEqual(
      [76, 77, 77, 76, 77, 77].map((pitch, n) => [1000 + LEAD + n * 625, pitch, 9]),
    )
    for (const { due, mustEnd } of clicks()) expect(mustEnd - due).toBe(50)
    expect(music()).toEqual([])
    expect(performer.snapshot(2000).paused).toBe(true)
    const begins = 1000 + LEAD + 6 * 625
    run(begins + 2000)
    expect(clicks()).toHaveLength(6)
    expect(music()[0]?.due).toBeGreaterThanOrEqual(begins)
    expect(music()[0]?.due).toBeLessThan(begins + 100)
    expect(performer.snapshot(begins + 625).beat).toMatchObject({ tempo: 96, position: expect.closeTo(1, 9) })
  })

  it('shows how many beats are left', () => {
    const { performer, run, command } = stand({ countIn: 1, tempo: 120 })
    expect(performer.snapshot(0).countIn).toBeNull()
    command('play')
    run(10)
    expect([10, LEAD + 1, LEAD + 501, LEAD + 1999].map((at) => performer.snapshot(at).countIn)).toEqual([
      4, 4, 3, 1,
    ])
    run(LEAD + 2100)
    expect(performer.snapshot(LEAD + 2100).countIn).toBeNull()
  })

  it('is ended by pause, end and panic: no click follows, and nothing begins', () => {
    for (const type of ['pause', 'end', 'panic'] as const) {
      const { performer, run, command, clicks, music } = stand({ countIn: 2 })
      command('play')
      run(LEAD + 600)
      command('play')
      command(type)
      run(9000)
      expect([clicks().length, music().length]).toEqual([2, 0])
      expect(performer.snapshot(9000)).toMatchObject({ paused: true, countIn: null })
      command('play')
      run(9000 + LEAD + 4000 + 1000)
      expect(music().length).toBeGreaterThan(0)
    }
  })

  it('has those who follow Rubato’s clock start with the music', () => {
    const { realtime, run, command } = stand({ countIn: 1, tempo: 120 }, { sync: 'master' })
    run(333)
    command('play')
    run(3000)
    expect(realtime.filter(({ message }) => message === 'start').map(({ due }) => due)).toEqual([
      333 + LEAD + 2000,
    ])
  })

  it('is none where a band’s clock is followed, where nobody asked, and where it is 0', () => {
    const follows = stand({ countIn: 1 }, { sync: 'clock' })
    follows.command('play')
    const none = stand({ countIn: 0 })
    none.command('play')
    const nobody = stand({ countIn: 1 })
    nobody.performer.receive({ kind: 'command', command: { type: 'play' }, at: 0 })
    for (const { run, clicks, music } of [follows, none, nobody]) {
      run(1500)
      expect([clicks().length, music().length > 0]).toEqual([0, true])
    }
  })

  it('is silent where another performer clicks, and lasts as long', () => {
    const { run, command, clicks, music } = stand({ countIn: 1 }, { clicks: false })
    command('play')
    run(LEAD + 2000 + 500)
    expect(clicks()).toEqual([])
    expect(music()[0]?.due).toBeGreaterThanOrEqual(LEAD + 2000)
  })
})
