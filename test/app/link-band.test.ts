import { expect, test } from 'vitest'
import { LinkBand } from '../../src/app/link/link-band.js'
import { type ControlledPerformer, Performers } from '../../src/app/parts/performers.js'
import { defaultControls, withControl } from '../../src/engine/controls/controls.js'
import type { Origin } from '../../src/engine/controls/origin.js'
import type { ClockMessage } from '../../src/engine/language/messages.js'
import type { Command } from '../../src/engine/surface/commands.js'
import type { LinkOptions } from '../../src/io/link/link-peer.js'

/** A pianist and a drummer in a Link session of which the test is the other peer. Commands act when the test says so. */
function setUp(tempo = 120) {
  const sent: (readonly [Command, Origin | undefined])[] = []
  const told: ClockMessage[][] = [[], []]
  const snapshot = { controls: withControl(defaultControls(), 'tempo', tempo), stopped: true }
  const member = (n: number): ControlledPerformer => ({
    send: (command, by) => {
      if (n === 0) sent.push([command, by])
    },
    controls: () => snapshot.controls,
    isPaused: () => false,
    beat: () => ({ tempo, position: 1, at: 2, source: 'heard' }),
    tellBeat: (message) => told[n]?.push(message),
  })
  const session = { tempo, isPlaying: false, changes: [] as (number | boolean)[] }
  let listeners: Pick<LinkOptions, 'onChange' | 'onStartStop'> | undefined
  const performers = new Performers({
    pianist: member(0),
    drummer: member(1),
    seat: {
      canSit: false,
      sit: () => {
        throw new Error('the drummer sits already')
      },
      leave: () => {},
    },
    now: () => 1000,
    notice: () => {},
  })
  const band = new LinkBand({
    performers,
    snapshot: () => snapshot,
    tempo,
    now: () => 1000,
    open: (options) => {
      listeners = options
      return {
        peers: 2,
        get tempo() {
          return session.tempo
        },
        get isPlaying() {
          return session.isPlaying
        },
        song: (at) => ({ kind: 'timeline', at, beat: 5, tempo: session.tempo }),
        setTempo: (next) => {
          session.tempo = next
          session.changes.push(next)
        },
        setPlaying: (isPlaying) => {
          session.isPlaying = isPlaying
          session.changes.push(isPlaying)
        },
        close: () => {},
      }
    },
  })
  /** Another peer changes the session. */
  const change = (next: { readonly tempo?: number; readonly isPlaying?: boolean }) => {
    Object.assign(session, next)
    listeners?.onChange()
    if (next.isPlaying !== undefined) listeners?.onStartStop(next.isPlaying)
  }
  const setTempo = (value: number) => {
    snapshot.controls = withControl(snapshot.controls, 'tempo', value)
  }
  return { band, performers, sent, told, session, snapshot, change, setTempo }
}

test('pianist and drummer are told the session’s beat at once and again, and the drummer not that of the pianist', () => {
  const { band, performers, told } = setUp()
  band.sync()
  performers.syncTime()
  const beat = { kind: 'timeline', at: 1000, beat: 5, tempo: 120 }
  expect(told).toEqual([
    [beat, beat],
    [beat, beat],
  ])
  expect(band.peers).toBe(2)
})

test('the session’s tempo becomes the control’s, to its step and within its limits, and isn’t sent back', () => {
  const { band, sent, session, change, setTempo } = setUp()
  for (const [tempo, value] of [
    [97.3, 97.5],
    [640, 300],
  ] as const) {
    change({ tempo })
    expect(sent.at(-1)).toEqual([{ type: 'set', control: 'tempo', value }, 'band'])
    // Snapshots show it some time later.
    band.sync()
    setTempo(value)
    band.sync()
  }
  expect(sent).toHaveLength(2)
  expect(session.changes).toEqual([])
})

test('the control’s tempo, set here, becomes the session’s, also while a change of the session is on its way', () => {
  const { band, session, change, setTempo } = setUp()
  setTempo(90)
  band.sync()
  expect(session.changes).toEqual([90])
  change({ tempo: 100 })
  setTempo(91)
  band.sync()
  expect(session.changes).toEqual([90, 91])
})

test('who starts and stops the song starts and stops the music, and the other way round, without an echo', () => {
  const { band, sent, session, snapshot, change } = setUp()
  change({ isPlaying: true })
  expect(sent).toEqual([[{ type: 'play' }, 'band']])
  band.sync()
  snapshot.stopped = false
  band.sync()
  expect(session.changes).toEqual([])
  snapshot.stopped = true
  band.sync()
  expect(session.changes).toEqual([false])
  snapshot.stopped = false
  band.sync()
  expect(session.changes).toEqual([false, true])
  change({ isPlaying: false })
  expect(sent.at(-1)).toEqual([{ type: 'pause' }, 'band'])
})
