import type { Progression } from '../language/chords.js'
import type { ModelSpec } from '../model/model.js'
import { createPianist, type Pianist } from '../pianist/pianist.js'
import type { PianistOptions } from '../pianist/pianist-options.js'
import type { Style } from '../style/profile.js'
import type { Command, GivenNote } from '../surface/commands.js'
import type { Input, LoggedInput } from '../surface/inputs.js'
import { BEAT_TEMPO, MINUTE_MS, type Ms, STEP_MS, STEPS_PER_BEAT } from '../units.js'
import { type CollectedMusic, type CollectedNote, createNoteCollector } from './note-collector.js'

/** {@link PianistOptions} without `emit`, because the notes are collected. */
export type RenderingOptions = Omit<PianistOptions, 'emit'> & {
  /** The length of a step of the model: 10 ms (default), or a fraction of a beat at the tempo of the controls. */
  readonly step?: ModelSpec['step']
  /** A theme that the music is given before its first note. */
  readonly theme?: readonly GivenNote[]
  /** A manner that is borrowed from the first note on. */
  readonly style?: Style
  /** The chords that the music keeps to from its first bar on. */
  readonly progression?: Progression
}

/**
 * Longest silence before the first note that is searched through. A longer silence stays in the music; a longer search
 * would occupy the network if no note may be played.
 */
const FIRST_NOTE_SEARCH_MS: Ms = 30_000

function commandOf(command: Command): Input {
  return { kind: 'command', command }
}

/**
 * Has a pianist that hasn't begun yet play. @returns plan time of its first note-on, without the silence before it; if its
 * steps are fractions of a beat, the beginning of its first bar
 */
export function beginMusic(pianist: Pianist, step: ModelSpec['step'] | undefined): Ms {
  const beatMs = MINUTE_MS / (step === 'beat' ? BEAT_TEMPO : pianist.controls.tempo)
  pianist.apply({ kind: 'pulse', pulse: { at: 0, beatMs } })
  const strike =
    step === 'beat' ? barAt(pianist.position) : (pianist.nextStrike(FIRST_NOTE_SEARCH_MS) ?? pianist.position)
  // Music that follows the beat begins with one, and its song begins there.
  const heard = strike + pianist.ensemble.gridLead
  const start = pianist.ensemble.followsPulse ? beatMs * Math.floor(heard / beatMs) : strike
  if (start > 0) pianist.apply({ kind: 'pulse', pulse: { at: start, beatMs } })
  pianist.apply(commandOf({ type: 'play' }))
  return start
}

/** The beginning of the bar of four in which plan time `at` lies, or of the first one. */
function barAt(at: Ms): Ms {
  const bar = 4 * STEPS_PER_BEAT * STEP_MS
  return bar * Math.floor(Math.max(0, at) / bar)
}

/** Shorter music is a fragment, which no cadence makes whole; nor would there be time for anything before it. */
const SHORTEST_WITH_CADENCE: Ms = 20_000

/** A cadence is asked for this long before the end: with less its last chord is cut off, with more a silence is left after it. */
const CADENCE_MS: Ms = 6000

/** The notes of {@link renderMusic}; with the control `pedal` on they last as long as their keys are down. */
export function render(options: RenderingOptions, duration: Ms): CollectedNote[] {
  return renderMusic(options, duration).notes
}

/**
 * Plays `duration` ms of music without a clock, as fast as the network computes. Time 0 is where {@link beginMusic} has the
 * music begin. Music that has a form ends with a cadence, if it is long enough.
 * @param onProgress receives, after every second of music, the share that is done, 0-1
 */
export function renderMusic(
  options: RenderingOptions,
  duration: Ms,
  onProgress?: (share: number) => void,
): CollectedMusic {
  const rate = options.step === 'beat' ? BEAT_TEMPO / options.controls.tempo : 1
  const collector = createNoteCollector()
  const pianist = createPianist({ ...options, emit: collector.receive })
  if (options.style) pianist.apply(commandOf({ type: 'set-style', style: options.style }))
  if (options.progression)
    pianist.apply(commandOf({ type: 'set-progression', progression: options.progression }))
  if (options.theme) pianist.apply(commandOf({ type: 'give-theme', notes: options.theme }))
  const start = beginMusic(pianist, options.step)
  const endFrom = duration < SHORTEST_WITH_CADENCE ? Number.POSITIVE_INFINITY : duration - CADENCE_MS
  for (let done = 0; done < duration; done += 1000) {
    const next = Math.min(duration, done + 1000)
    if (done <= endFrom && endFrom < next) {
      pianist.advance(start + endFrom / rate)
      // Without a cadence an end would stop the music short of its duration.
      if (pianist.form.canEnd(pianist.plan.open().moment)) pianist.apply(commandOf({ type: 'end' }))
    }
    pianist.advance(start + next / rate)
    onProgress?.(next / duration)
  }
  const end = start + duration / rate
  const since = (at: Ms) => (at - start) * rate
  return {
    notes: collector.notes(end).map((note) => ({ ...note, start: since(note.start), end: since(note.end) })),
    controlChanges: collector.controlChanges(end).map((change) => ({ ...change, at: since(change.at) })),
  }
}

/**
 * Plays the inputs of a pianist again up to plan time `end`; with the same network the notes are the same. Times are plan
 * time. (A take, with its inputs in process time, is played again by `replayTake`.)
 */
export function replayInputs(
  options: RenderingOptions,
  inputs: readonly LoggedInput[],
  end: Ms,
): CollectedNote[] {
  const collector = createNoteCollector()
  const pianist = createPianist({ ...options, emit: collector.receive })
  for (const { horizon, input } of inputs) {
    pianist.advance(horizon)
    pianist.apply(input)
  }
  pianist.advance(end)
  return collector.notes(end)
}
