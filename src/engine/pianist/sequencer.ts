import type { Controls } from '../controls/controls.js'
import type { History } from '../ensemble/player-notes.js'
import { clockAfter, type Ending } from '../ensemble/turns.js'
import {
  type EventIndex,
  eventPitch,
  isNoteOff,
  isNoteOn,
  isTimeShift,
  shiftSteps,
} from '../language/events.js'
import type { Grid } from '../language/grid.js'
import { BREATH_MS, type Idiom } from '../language/idiom.js'
import type { TimedMessage } from '../language/messages.js'
import { createNoteOutput, type NoteOutput } from '../plan/note-output.js'
import { createPedal, type Pedal } from '../plan/pedal.js'
import type { Merged, Plan, PlannedEvent } from '../plan/plan.js'
import { plannedNotes } from '../plan/planned-notes.js'
import type { PlannedNote } from '../surface/snapshot.js'
import { type Ms, type NoteId, STEP_MS } from '../units.js'

/** How far *again* goes back: shorter repeats a fragment, longer passes the music that was to be played differently. */
const AGAIN_MS: Ms = 4000

/** The receivers of a sequencer's messages and events, and the place in the music that it starts from. */
export interface SequencerOptions {
  /** Receives each message, in plan time, in the order of the events. */
  readonly emit: (message: TimedMessage) => void
  /** Called with each event as it becomes history. */
  readonly onEvent?: (event: EventIndex) => void
  /** Called when the last `count` events are no longer history: others follow in their place. */
  readonly onRetract?: (count: number) => void
  /** Note ids count up from here, so that they stay unique when a pianist follows another. */
  readonly firstId?: NoteId
  /** The events at the end of an earlier performance, from which the music goes on. */
  readonly memory?: readonly EventIndex[]
}

/** What shapes the output, read whenever something is sent. */
interface OutputSource {
  readonly controls: Controls
  readonly grid: Grid | null
}

/** Plays a plan: sends its events as they fall due, and knows how far the music has come. All times are plan time. */
export class Sequencer implements History {
  readonly plan: Plan
  readonly output: NoteOutput
  readonly #pedal: Pedal
  readonly #options: SequencerOptions
  readonly #source: OutputSource
  #position: Ms
  /** Number of runs of random numbers so far: `again` and `restart` each begin one. */
  #run = 0
  #events = 0

  constructor(plan: Plan, source: OutputSource, options: SequencerOptions & Pick<Idiom, 'hasEnds'>) {
    this.plan = plan
    const { hasEnds = true } = options
    this.#pedal = createPedal(options.emit, () => hasEnds && source.controls.pedal === 'auto')
    this.output = createNoteOutput(this.#pedal.receive, options.firstId ?? 1)
    this.#options = options
    this.#source = source
    for (const event of options.memory ?? []) plan.feed(event)
    this.#position = plan.plannedTo - 1
    if (options.memory) plan.breathe(this.#position)
  }

  get controls(): Controls {
    return this.#source.controls
  }

  /** Plan time up to which everything has been sent. */
  get position(): Ms {
    return this.#position
  }

  /** Plan time at which the pedal may have to move if no event comes before; Infinity while it is up. */
  get nextPedal(): Ms {
    return this.#pedal.nextDue - this.controls.delay
  }

  /** Number of events of the music so far. */
  get events(): number {
    return this.#events
  }

  /**
   * Sends the messages due up to and including `horizon`, but stops at the first breath with which `ending` is reached.
   * @returns whether the music has come to such a breath
   */
  send(horizon: Ms, ending: Ending | null): boolean {
    const { plan } = this
    for (let planned = plan.due(horizon); planned; planned = plan.due(horizon)) {
      if (isEnd(planned, ending)) break
      this.#moveTo(planned.moment.clock * STEP_MS)
      this.output.send(planned, this.controls, this.#source.grid)
      this.#options.onEvent?.(planned.event)
      this.#events++
      plan.commit()
    }
    const open = plan.open()
    const hasCome = isEnd(open, ending)
    this.#moveTo(hasCome ? open.moment.clock * STEP_MS : horizon)
    this.movePedal()
    return hasCome
  }

  /** Ends the sounding notes as planned, and at the latest `longest` ms after the position. */
  release(longest: Ms): void {
    const last = this.#position + longest
    this.plan.sampleBeyond(last)
    this.plan.forEachPlanned(({ event, moment }) => {
      const at = moment.clock * STEP_MS
      if (at > last) return
      if (isNoteOff(event) || isNoteOn(event)) this.output.endNote(eventPitch(event), at, this.controls)
    })
    this.output.endAll(last, this.controls)
    // Plan time stands still in the pause that follows, and the ends of all notes are known.
    this.#pedal.advance(Number.POSITIVE_INFINITY)
  }

  /** Forgets the sounding notes, which have been ended elsewhere. The pedal lifts. */
  forgetNotes(): void {
    this.output.clear()
    this.liftPedal()
  }

  /** Plays on without a sound from the position, or with one again; sounding notes end. */
  mute(isMuted: boolean): void {
    this.output.endAll(this.#position, this.controls)
    this.liftPedal()
    this.output.mute(isMuted)
  }

  /** Moves the pedal as it must by the position. */
  movePedal(): void {
    this.#pedal.advance(this.#position + this.controls.delay)
  }

  /** Lifts the pedal, if it is down: what it carries ends. */
  liftPedal(): void {
    this.#pedal.release(this.#position + this.controls.delay)
  }

  /**
   * Goes `back` ms back in history, and goes on from there differently; sounding notes end.
   * @returns false, with nothing done, if history isn't remembered so far back
   */
  again(back: Ms = AGAIN_MS): boolean {
    const clock = clockAfter(this.#position)
    if (!this.plan.again(Math.round(back / STEP_MS), this.#run + 1, clock)) return false
    this.#run++
    this.output.endAll(this.#position, this.controls)
    return true
  }

  /** Begins a new performance; sounding notes end. */
  restart(): void {
    this.output.endAll(this.#position, this.controls)
    this.#run++
    this.plan.restart(this.#run, clockAfter(this.#position))
  }

  /** Passes on to the receivers how a merge has changed history. */
  onMerged({ retracted, events }: Merged): void {
    this.#options.onRetract?.(retracted)
    this.#events += events.length - retracted
    for (const event of events) this.#options.onEvent?.(event)
  }

  /** Plan time of the next event that sounds, sampling up to `limit` ms ahead for it; undefined if there is none. */
  nextStrike(limit: Ms): Ms | undefined {
    let at: Ms | undefined
    const visit = ({ event, moment }: PlannedEvent) => {
      if (isNoteOn(event)) at ??= moment.clock * STEP_MS
    }
    this.plan.forEachPlanned(visit)
    const last = this.#position + limit
    while (at === undefined && this.plan.plannedTo <= last && this.plan.sample()) {
      this.plan.forEachPlanned(visit)
    }
    return at
  }

  /** The sounding and the planned notes, by start. Allocates: meant for control surfaces. */
  ahead(): PlannedNote[] {
    return plannedNotes(this.plan, this.output, this.controls, this.#source.grid)
  }

  #moveTo(at: Ms): void {
    this.#position = Math.max(this.#position, at)
  }
}

function isEnd({ event, moment }: PlannedEvent, ending: Ending | null): boolean {
  if (!ending || moment.clock * STEP_MS < ending.from) return false
  if (ending.withCadence && (moment.form.cadence !== 'rings' || moment.sounding > 0)) return false
  return isTimeShift(event) && shiftSteps(event) * STEP_MS >= BREATH_MS
}
