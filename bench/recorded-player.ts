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

/** The ear's and the performer's part: what is heard reaches the music with the horizon this far ahead of it. */
const HORIZON_MS: Ms = 20

/** A pianist and a player at the keyboard, in passed-in time. */
export interface Jam {
  readonly pianist: Pianist
  /** Note-ons of the pianist so far, plan time. */
  readonly played: readonly NoteOn[]
  /** Plan time of the last thing sent or heard. */
  hear(messages: readonly KeyMessage[]): void
  command(command: Command, at: Ms): void
  /** Goes on to plan time `at`. */
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
    hear: (messages) => {
      for (const message of messages) {
        advance(message.at)
        pianist.apply({ kind: 'heard', message })
      }
    },
  }
}

/** Notes as a keyboard sends them, moved by `by`; keys come up at `end` at the latest. */
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

/** Shares of the pitch classes, [12], summing to 1; all 0 without notes. */
export function histogram(pitches: readonly number[]): number[] {
  const counts = new Array<number>(12).fill(0)
  for (const pitch of pitches) counts[pitch % 12] = counts[pitch % 12]! + 1 / pitches.length
  return counts
}

/** What two histograms have in common, 0 to 1. */
export function overlap(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, share, pitchClass) => sum + Math.min(share, b[pitchClass]!), 0)
}
