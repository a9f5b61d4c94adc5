import type { Controls } from '../src/engine/controls/controls.js'
import { defaultControls } from '../src/engine/controls/controls.js'
import type { HeardMessage, TimedMessage } from '../src/engine/language/messages.js'
import type { Note } from '../src/engine/language/performance.js'
import type { Network } from '../src/engine/network/network.js'
import { createPianist, type Pianist } from '../src/engine/pianist/pianist.js'
import type { Command } from '../src/engine/surface/commands.js'
import type { Ms } from '../src/engine/units.js'

type NoteOn = Extract<TimedMessage, { kind: 'note-on' }>
type KeyMessage = Extract<HeardMessage, { kind: 'note-on' | 'note-off' }>

/** How far the music is committed ahead of the player's notes, as by the performer in the running program. */
const HORIZON_MS: Ms = 20

/** A pianist and a player at the keyboard, in simulated time. */
export interface Jam {
  readonly pianist: Pianist
  /** The pianist's note-ons so far, in plan time. */
  readonly played: readonly NoteOn[]
  /** Plays the messages to the pianist, each at its own time. */
  receive(messages: readonly KeyMessage[]): void
  /** Gives a command at plan time `at`. */
  command(command: Command, at: Ms): void
  /** Plays on to plan time `at`. */
  advance(at: Ms): void
}

/** A jam that plays from plan time 0 on. */
export function startJam(network: Network, layout: string, seed: number, controls: Partial<Controls>): Jam {
  const played: NoteOn[] = []
  const pianist = createPianist({
    network,
    layout,
    seed,
    controls: { ...defaultControls(), ...controls },
    emit: (message) => {
      if (message.kind === 'note-on') played.push(message)
    },
  })
  const advance = (at: Ms) => pianist.advance(at + HORIZON_MS)
  const command = (what: Command, at: Ms) => {
    advance(at)
    pianist.apply({ kind: 'command', command: what })
  }
  command({ type: 'play' }, 0)
  return {
    pianist,
    played,
    command,
    advance,
    receive: (messages) => {
      for (const message of messages) {
        advance(message.at)
        pianist.apply({ kind: 'heard', message })
      }
    },
  }
}

/** Notes as a keyboard sends them, moved by `by` ms. All keys are lifted at `end` at the latest. */
export function keysOf(notes: readonly Note[], by: Ms, end: Ms): KeyMessage[] {
  return notes
    .filter(({ start }) => start + by < end)
    .flatMap(({ pitch, velocity, start, end: stop }): KeyMessage[] => [
      { kind: 'note-on', at: start + by, channel: 0, pitch, velocity },
      { kind: 'note-off', at: Math.min(stop + by, end), channel: 0, pitch, velocity: 64 },
    ])
    .sort((a, b) => a.at - b.at || rank(a) - rank(b))
}

function rank({ kind }: KeyMessage): number {
  return kind === 'note-off' ? 0 : 1
}

/** Shares of the twelve pitch classes, which add up to 1; all are 0 without notes. */
export function histogram(pitches: readonly number[]): number[] {
  const counts = new Array<number>(12).fill(0)
  for (const pitch of pitches) counts[pitch % 12] = counts[pitch % 12]! + 1 / pitches.length
  return counts
}

/** How much two histograms overlap: 0 for nothing in common, 1 for the same. */
export function overlap(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, share, pitchClass) => sum + Math.min(share, b[pitchClass]!), 0)
}
