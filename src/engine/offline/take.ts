import { createPlanClock } from '../clock/plan-clock.js'
import type { Controls } from '../controls/controls.js'
import type { EventIndex } from '../language/events.js'
import type { Idiom } from '../language/idiom.js'
import type { TimedMessage } from '../language/messages.js'
import { createPianist, type PianistOptions } from '../pianist/pianist.js'
import type { TakenInput } from '../surface/inputs.js'
import type { Ms, NoteId } from '../units.js'
import { type CollectedNote, createNoteCollector } from './note-collector.js'

/** What music was made with. Where one of these differs, a replay may not give the same notes. */
export interface Provenance {
  /** Version of the program. */
  readonly program: string
  /** SHA-256 of the model's weights, hex. */
  readonly weights: string
  /** Which engine computed the network, its precision included. */
  readonly backend: string
}

/** What the music is a function of, before the inputs. */
export interface TakeHeader extends Provenance {
  readonly model: string
  readonly seed: number
  readonly controls: Controls
  /** What it went on from; empty where nothing. */
  readonly prompt: readonly EventIndex[]
  readonly followTransport: boolean
  /** The commit horizon. */
  readonly horizon: Ms
}

/** A performance as all that went into it. */
export interface Take extends TakeHeader {
  readonly inputs: readonly TakenInput[]
  /** Plan time up to which it was played. */
  readonly position: Ms
}

/**
 * Plays a take again, as fast as `options.network` goes: with the network of then, the same notes. Times are those of the
 * process in which it was played. A panic ends at the commit horizon before the input what it ended live some
 * milliseconds from there; note-ons that were dropped for being late are there again.
 */
export function replayTake(
  take: Take,
  options: Pick<PianistOptions, 'network' | 'layout' | keyof Idiom>,
): CollectedNote[] {
  const collector = createNoteCollector()
  /** When each note ends that may still sound. */
  const ends = new Map<NoteId, Ms>()
  const clock = createPlanClock()

  function emit(message: TimedMessage): void {
    const due = clock.toProcess(message.due)
    if (message.kind === 'note-on') {
      const mustEnd = clock.toProcess(message.mustEnd)
      ends.set(message.id, mustEnd)
      collector.receive({ ...message, due, mustEnd })
    } else {
      if (message.kind === 'note-off') ends.set(message.id, due)
      collector.receive({ ...message, due })
    }
  }

  function silence(at: Ms): void {
    for (const [id, end] of ends) if (end > at) collector.receive({ kind: 'note-off', due: at, id })
    ends.clear()
  }

  const { seed, controls, followTransport, prompt } = take
  const memory = prompt.length > 0 ? { memory: prompt } : {}
  const pianist = createPianist({ ...options, seed, controls, followTransport, ...memory, emit })
  for (const { horizon, origin, rate = 1, input } of take.inputs) {
    pianist.advance(horizon)
    clock.setRate(rate, 0)
    clock.set(0, origin)
    pianist.apply(input)
    if (input.kind === 'command' && input.command.type === 'panic')
      silence(clock.toProcess(horizon) - take.horizon)
  }
  pianist.advance(take.position)
  return collector.notes(clock.toProcess(take.position))
}
