import { createPlanClock } from '../clock/plan-clock.js'
import type { BeatReport } from '../clock/tempo-map.js'
import type { Controls } from '../controls/controls.js'
import type { EventIndex } from '../language/events.js'
import type { Idiom } from '../language/idiom.js'
import type { TimedMessage } from '../language/messages.js'
import { createPianist } from '../pianist/pianist.js'
import type { PianistOptions } from '../pianist/pianist-options.js'
import type { TakenInput } from '../surface/inputs.js'
import type { Channel, Ms, NoteId } from '../units.js'
import { type CollectedMusic, createNoteCollector } from './note-collector.js'

/** The program, model and backend that a take was played with. A replay with others may not give the same notes. */
export interface Provenance {
  /** Version of the program. */
  readonly program: string
  /** SHA-256 of the model's weights, hex. */
  readonly weights: string
  /** The backend that computed the network, with its precision. */
  readonly backend: string
}

/** Everything that the music is a function of, apart from the inputs. */
export interface TakeHeader extends Provenance {
  readonly model: string
  readonly seed: number
  readonly controls: Controls
  /** The events that the music goes on from; empty for none. */
  readonly prompt: readonly EventIndex[]
  readonly followTransport: boolean
  /** The commit horizon, in ms of process time. */
  readonly horizon: Ms
}

/** The record of a performance: everything that its music is a function of. */
export interface Take extends TakeHeader {
  readonly inputs: readonly TakenInput[]
  /** Plan time up to which it was played. */
  readonly position: Ms
}

/** What was played in a take, and the band's beat meanwhile. */
export interface ReplayedMusic extends CollectedMusic {
  /** In order of time; empty where there was no beat, and for takes that don't tell of it. */
  readonly beats: readonly BeatReport[]
}

/**
 * Plays a take again, as fast as `options.network` computes; with the same network the notes are the same. Times are
 * process time of the process in which the take was played. The replay differs from what was heard in two things: a panic
 * ends notes exactly one commit horizon before its input's horizon, whereas live it ended them some milliseconds off that
 * time; and note-ons that were dropped live because they were late are played.
 */
export function replayTake(
  take: Take,
  options: Pick<PianistOptions, 'network' | 'layout' | keyof Idiom>,
): ReplayedMusic {
  const beats: BeatReport[] = []
  const collector = createNoteCollector()
  /** When each note that may still sound ends. */
  const ends = new Map<NoteId, Ms>()
  /** How the pedal moved last on each channel. */
  const moved = new Map<Channel, Extract<TimedMessage, { kind: 'control-change' }>>()
  const clock = createPlanClock()

  function emit(message: TimedMessage): void {
    const due = clock.toProcess(message.due)
    if (message.kind === 'control-change') {
      moved.set(message.channel, message)
      collector.receive({ ...message, due })
    } else if (message.kind === 'note-on') {
      const mustEnd = clock.toProcess(message.mustEnd)
      ends.set(message.id, mustEnd)
      collector.receive({ ...message, due, mustEnd })
    } else {
      ends.set(message.id, due)
      collector.receive({ ...message, due })
    }
  }

  function silence(at: Ms): void {
    for (const [id, end] of ends) if (end > at) collector.receive({ kind: 'note-off', due: at, id })
    ends.clear()
    for (const move of moved.values()) collector.receive({ ...move, due: at, value: 0 })
  }

  const { seed, controls, followTransport, prompt } = take
  const memory = prompt.length > 0 ? { memory: prompt } : {}
  const pianist = createPianist({ ...options, seed, controls, followTransport, ...memory, emit })
  for (const { horizon, origin, rate = 1, input } of take.inputs) {
    pianist.advance(horizon)
    clock.setRate(rate, 0)
    clock.set(0, origin)
    pianist.apply(input)
    if (input.kind === 'song') {
      const { beatsPerBar } = pianist.controls
      const beat = input.song && { position: input.song.beat, tempo: input.song.tempo }
      beats.push({ at: clock.toProcess(horizon), beat, beatsPerBar })
    }
    if (input.kind === 'command' && input.command.type === 'panic')
      silence(clock.toProcess(horizon) - take.horizon)
  }
  pianist.advance(take.position)
  const end = clock.toProcess(take.position)
  return { notes: collector.notes(end), controlChanges: collector.controlChanges(end), beats }
}
