import type { BandClock } from '../clock/band-clock.js'
import type { PlanClock } from '../clock/plan-clock.js'
import { followsTransport, type Sync } from '../clock/sync.js'
import { createPianist, type Pianist } from '../pianist/pianist.js'
import type { PianistOptions } from '../pianist/pianist-options.js'
import type { Command } from '../surface/commands.js'
import type { Arrival, Input, TakenInput } from '../surface/inputs.js'
import type { PlannedNote } from '../surface/snapshot.js'
import { MINUTE_MS } from '../units.js'

/** The options of a pianist whose messages and inputs cross between its own plan time and the performer's process time. */
export interface TimedPianistOptions extends Omit<PianistOptions, 'onInput' | 'followTransport'> {
  /** Whose clock the music follows. Default `off`. */
  readonly sync?: Sync
  /** Called with each input as it is applied, with everything that a replay needs. */
  readonly onInput?: (input: TakenInput) => void
}

/** A pianist whose messages come in process time, and whose inputs are logged with the place of plan time in process time. */
export function createTimedPianist(options: TimedPianistOptions, clock: PlanClock): Pianist {
  return createPianist({
    ...options,
    emit: (message) => {
      const due = clock.toProcess(message.due)
      if (message.kind === 'note-on')
        options.emit({ ...message, due, mustEnd: clock.toProcess(message.mustEnd) })
      else options.emit({ ...message, due })
    },
    onInput: (logged) =>
      options.onInput?.({
        ...logged,
        origin: clock.origin,
        ...(clock.rate === 1 ? {} : { rate: clock.rate }),
      }),
    followTransport: followsTransport(options.sync ?? 'off'),
  })
}

/** The input with its plan time: for a heard message never after the position, up to which everything is history. */
export function inputInPlanTime(
  arrival: Arrival,
  pianist: Pianist,
  clock: PlanClock,
  band: BandClock,
): Input {
  if (arrival.kind === 'command') {
    return { kind: 'command', command: commandInBandTime(arrival, pianist, clock, band), by: arrival.by }
  }
  const at = Math.min(pianist.position, clock.toPlan(arrival.at))
  return { kind: 'heard', message: { ...arrival.message, at } }
}

/**
 * The command as it is applied. With a band's clock *again* goes back to the start of the bar, or of the bar before it, if
 * this bar has just begun.
 */
function commandInBandTime(
  { command, at }: Extract<Arrival, { kind: 'command' }>,
  pianist: Pianist,
  clock: PlanClock,
  band: BandClock,
): Command {
  const beat = band.beat(at)
  if (command.type !== 'again' || beat === null || beat.position === null) return command
  const bar = pianist.controls.beatsPerBar
  const since = beat.position % bar
  const beats = since < 1 ? since + bar : since
  return { type: 'again', back: (beats * MINUTE_MS) / beat.tempo / clock.rate }
}

export function noteInProcessTime(note: PlannedNote, clock: PlanClock): PlannedNote {
  return {
    ...note,
    start: clock.toProcess(note.start),
    end: note.end === null ? null : clock.toProcess(note.end),
  }
}
