import { controlAtPosition } from '../controls/control-steps.js'
import { type ControlUndo, createControlUndo } from '../controls/control-undo.js'
import { controlOfController } from '../controls/control-values.js'
import { type Controls, withControl } from '../controls/controls.js'
import type { Origin } from '../controls/origin.js'
import { plannedEnds } from '../ensemble/agreed-ends.js'
import { EnsembleState } from '../ensemble/ensemble.js'
import { MODE_OF } from '../ensemble/modes.js'
import type { History } from '../ensemble/player-notes.js'
import {
  clockAfter,
  isHeld,
  LONGEST_RELEASE_MS,
  maySilence,
  placesKeys,
  type TurnEffect,
  type TurnEvent,
  transition,
} from '../ensemble/turns.js'
import {
  type EventIndex,
  eventPitch,
  isNoteOff,
  isNoteOn,
  isTimeShift,
  shiftSteps,
} from '../language/events.js'
import type { Idiom } from '../language/idiom.js'
import { type HeardMessage, SOSTENUTO, type TimedMessage } from '../language/messages.js'
import type { Network } from '../network/network.js'
import { createNoteOutput, type NoteOutput } from '../plan/note-output.js'
import { createPlan, type Merged, type Plan, type PlannedEvent } from '../plan/plan.js'
import { plannedNotes } from '../plan/planned-notes.js'
import type { Command } from '../surface/commands.js'
import type { Input, LoggedInput } from '../surface/inputs.js'
import type { PlannedNote } from '../surface/snapshot.js'
import { type Ms, type NoteId, STEP_MS } from '../units.js'
import { Steering } from './steering.js'

/** What a pianist needs. */
export interface PianistOptions extends Idiom {
  readonly network: Network
  /** The model's conditioning layout. */
  readonly layout: string
  /** 0 to 2^32 - 1. */
  readonly seed: number
  readonly controls: Controls
  /** Takes each message, in plan time, in the order of the events. */
  readonly emit: (message: TimedMessage) => void
  /** Is told each event as it becomes history. */
  readonly onEvent?: (event: EventIndex) => void
  /** Is told that the last `count` events are no longer history: others follow in their place. */
  readonly onRetract?: (count: number) => void
  /** Is told each input as it is applied: the music is a function of these, the seed and the first controls alone. */
  readonly onInput?: (logged: LoggedInput) => void
  /** Note ids count up from here, so that they stay unique when a pianist follows another. */
  readonly firstId?: NoteId
  /** The events at the end of an earlier performance, from which the music goes on. */
  readonly memory?: readonly EventIndex[]
  /** Whether a MIDI start or continue plays, and a stop ends. */
  readonly followTransport?: boolean
}

/**
 * A wait this long is a breath, where an ending may stop: shorter cuts into phrases, longer lets *end* run to its
 * deadline in dense music.
 */
const BREATH_MS: Ms = 250

/** A pedal at this value or above is down (MIDI 1.0). */
const PEDAL_DOWN = 64

/** How far *again* goes back: shorter repeats a fragment, longer loses sight of what was to be played differently. */
const AGAIN_MS: Ms = 4000

/**
 * The plan reaches at least this far before an input that may silence the pianist: as far as notes may be released, and the
 * steps that times are rounded to.
 */
const LONGEST_PLANNED_MS: Ms = LONGEST_RELEASE_MS + 2 * STEP_MS

/**
 * The music as a function of its input log, in plan time alone: seed, and each command and heard note with the
 * horizon at which it was applied. It knows no clock; the performer keeps it in step with one.
 */
export class Pianist {
  readonly ensemble: EnsembleState
  readonly plan: Plan
  readonly #options: PianistOptions
  readonly #changes = createControlUndo()
  readonly #steering: Steering
  readonly #output: NoteOutput
  #position: Ms
  /** Runs of random numbers so far: *forget* and *again* begin one. */
  #run = 0
  #events = 0
  /** A quarter note of the band's clock. */
  #beatMs: Ms | null = null

  /** A pianist before its first note, paused. */
  constructor(options: PianistOptions) {
    this.#options = options
    this.ensemble = new EnsembleState(options.controls, options.seed)
    this.#steering = new Steering(options.layout, this.ensemble)
    this.plan = createPlan(options.network, this.#steering, options.seed, options)
    this.#output = createNoteOutput(options.emit, options.firstId ?? 1)
    for (const event of options.memory ?? []) this.plan.feed(event)
    this.#position = this.plan.plannedTo - 1
    if (options.memory) this.plan.breathe(this.#position)
  }

  get controls(): Controls {
    return this.ensemble.controls
  }

  /** Who changed the controls, and how many changes can be taken back. */
  get changes(): Pick<ControlUndo, 'setters' | 'length'> {
    return this.#changes
  }

  /** Events of the music so far. */
  get events(): number {
    return this.#events
  }

  /** Plan time up to which everything has been sent. */
  get position(): Ms {
    return this.#position
  }

  /** Whether it is silent until *play*: by command, by panic, at the start, or by the player's CC66. */
  get paused(): boolean {
    return isHeld(this.ensemble.turns)
  }

  /** Whether it is silent by a command (or from the start), not merely for as long as the player's pedal says. */
  get stopped(): boolean {
    return this.ensemble.turns.holds.command
  }

  /** Whether it is on the way to a pause at the next breath. */
  get ending(): boolean {
    return this.ensemble.turns.ending?.leadsTo === 'pause'
  }

  /** Whether the tide can lead it. */
  get canFlow(): boolean {
    return this.#steering.canFlow
  }

  /** Plan time at which the pianist takes the floor by itself; Infinity where it won't. */
  get nextTurn(): Ms {
    return this.paused ? Number.POSITIVE_INFINITY : this.#answerAt()
  }

  /** Sends everything due up to and including `horizon`. While paused time stands still: nothing happens. */
  advance(horizon: Ms): void {
    while (!this.paused) {
      const { floor } = this.ensemble
      const answerAt = this.#answerAt()
      this.#advanceTo(Math.min(answerAt, horizon))
      if (this.ensemble.floor !== floor) continue
      if (this.paused || answerAt > horizon) return
      this.#pass({ type: 'pause-elapsed' })
    }
  }

  /** Applies an input at the position, after `advance`; tells `onInput`; draws the future again where it matters. */
  apply(input: Input): void {
    // Also between two inputs of one moment: a replay comes to this position with each of them.
    this.advance(this.#position)
    // What ends as planned is planned by those who play until now, however far the plan happened to reach.
    if (maySilence(input, this.ensemble.floor)) this.#sampleTo(this.#position + LONGEST_PLANNED_MS)
    this.#options.onInput?.({ horizon: this.#position, input })
    switch (input.kind) {
      case 'command':
        this.#applyCommand(input.command, input.by)
        break
      case 'heard':
        this.#receive(input.message)
        break
      case 'tempo':
        this.#beatMs = input.beatMs
        break
      case 'bar':
        if (this.#steering.beginBar(input.clock)) this.plan.rewind(this.#position)
        break
      case 'slip':
        break
    }
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

  /** What sounds and, unless paused, what is planned, by start, in plan time. Allocates: meant for control surfaces. */
  ahead(): PlannedNote[] {
    const notes = plannedNotes(this.plan, this.#output, this.controls)
    if (!this.paused) return notes
    return notes.filter(({ start }) => start <= this.#position + this.controls.delay)
  }

  #sampleTo(last: Ms): void {
    while (this.plan.plannedTo <= last && this.plan.sample());
  }

  #answerAt(): Ms {
    const { pause, pauseBeats } = this.controls
    const beatMs = this.#beatMs
    const silence = pauseBeats === null || beatMs === null ? 1000 * pause : pauseBeats * beatMs
    return Math.max(this.ensemble.answerAt(silence), this.#position)
  }

  #advanceTo(horizon: Ms): void {
    const { plan } = this
    const { ending } = this.ensemble.turns
    const deadline = Math.min(horizon, ending?.deadline ?? horizon)
    for (let planned = plan.due(deadline); planned; planned = plan.due(deadline)) {
      if (this.#isBreath(planned)) break
      this.#position = Math.max(this.#position, planned.moment.clock * STEP_MS)
      this.#output.send(planned, this.controls)
      this.#options.onEvent?.(planned.event)
      this.#events++
      plan.commit()
    }
    const open = plan.open()
    if (this.#isBreath(open)) this.#endAt(open.moment.clock * STEP_MS)
    else {
      this.#position = Math.max(this.#position, deadline)
      // Also where `horizon` is the deadline itself: a replay advances just as far as was advanced.
      if (ending !== null && deadline === ending.deadline) this.#endAt(deadline)
    }
  }

  #isBreath({ event, moment }: PlannedEvent): boolean {
    const { ending } = this.ensemble.turns
    if (ending === null || moment.clock * STEP_MS < ending.from) return false
    return isTimeShift(event) && shiftSteps(event) * STEP_MS >= BREATH_MS
  }

  #endAt(at: Ms): void {
    this.#position = Math.max(this.#position, at)
    this.#pass({ type: 'breath' })
  }

  /** Lets the turns go on by `event`, and does what follows from it. */
  #pass(event: TurnEvent): void {
    const { ensemble, plan } = this
    const position = this.#position
    const [next, effects] = transition(ensemble.turns, { ...event, position, phraseMs: ensemble.phraseMs })
    const given = effects.find((effect) => effect.type === 'give-floor')
    // Notes end as they were planned while the pianist had the floor, so this comes before the change.
    if (given) ensemble.agree(plannedEnds(plan, ensemble.notes.others, position, given.longest))
    ensemble.adopt(next)
    for (const { type } of effects) this.#perform(type)
  }

  #perform(effect: TurnEffect['type']): void {
    switch (effect) {
      case 'hold':
        this.#hold()
        break
      case 'resume':
        if (this.plan.open().moment.sounding > 0) {
          this.plan.breathe(this.#position)
          this.ensemble.notes.clear()
        }
        break
      case 'clear-phrase':
        this.ensemble.phrase.clear()
        break
      case 'give-floor':
        this.#steering.settle()
        this.plan.rewind(this.#position)
        break
      case 'take-floor':
        this.#steering.settle()
        this.#onMerged(this.plan.endWait(this.#position))
        break
      case 'silence':
        this.ensemble.forget()
        this.#output.clear()
        this.plan.drop()
        break
    }
  }

  /** What sounds gets its planned ends, or ends after a second. */
  #hold(): void {
    const last = this.#position + LONGEST_RELEASE_MS
    this.#sampleTo(last)
    this.plan.forEachPlanned(({ event, moment }) => {
      const at = moment.clock * STEP_MS
      if (at > last) return
      if (isNoteOff(event) || isNoteOn(event)) this.#output.endNote(eventPitch(event), at, this.controls)
    })
    this.#output.endAll(last, this.controls)
  }

  #applyCommand(command: Command, by: Origin | undefined): void {
    switch (command.type) {
      case 'set':
        this.#setControls(withControl(this.controls, command.control, command.value), by)
        break
      case 'set-some':
        this.#setControls({ ...this.controls, ...command.controls }, by, true)
        break
      case 'undo':
        this.#adoptControls(this.#changes.takeBack() ?? this.controls)
        break
      case 'again':
        this.#again(command.back ?? AGAIN_MS)
        break
      case 'forget':
        this.#forget()
        break
      default:
        this.#pass(command)
    }
  }

  #setControls(next: Controls, by: Origin | undefined, isTogether = false): void {
    this.#changes.record(this.controls, next, by, this.#position, isTogether)
    this.#adoptControls(next)
  }

  #adoptControls(next: Controls): void {
    const before = this.controls
    if (next.articulation < before.articulation) this.#output.shorten(this.#position, next)
    // The floor passes under the old controls. What is drawn on the way counts: random numbers that it uses are not used again.
    if (next.mode !== before.mode) this.#pass({ type: 'mode', mode: MODE_OF[next.mode] })
    this.ensemble.controls = next
    if (this.#steering.update(before)) this.plan.rewind(this.#position)
  }

  #again(back: Ms): void {
    if (!this.plan.again(Math.round(back / STEP_MS), this.#run + 1, clockAfter(this.#position))) return
    this.#run++
    this.#output.endAll(this.#position, this.controls)
    this.ensemble.notes.clear()
  }

  #forget(): void {
    this.#output.endAll(this.#position, this.controls)
    this.#run++
    this.plan.restart(this.#run, clockAfter(this.#position))
    this.ensemble.notes.clear()
  }

  #receive(message: HeardMessage): void {
    const next =
      message.kind === 'control-change' && adjusted(this.controls, message.controller, message.value)
    if (next) this.#setControls(next, 'controller')
    else if (message.kind === 'transport') {
      if (this.#options.followTransport) this.#pass({ type: message.action === 'stop' ? 'end' : 'play' })
      this.#pass({ type: 'transport' })
    } else if (this.ensemble.player.receive(message)) this.#followPlayer(message)
  }

  /** Does what follows from a message that has changed something about the player's keys or pedals. */
  #followPlayer(message: HeardMessage): void {
    const { ensemble } = this
    const isPressed =
      message.kind === 'control-change' && message.controller === SOSTENUTO && message.value >= PEDAL_DOWN
    this.#pass({ type: 'pedal', isDown: ensemble.player.isSostenutoDown, isPressed })
    const struck = message.kind === 'note-on' && placesKeys(ensemble.turns) ? message : undefined
    if (struck) {
      this.#pass({ type: 'key', at: struck.at })
      ensemble.phrase.strike(struck.at, struck.pitch, struck.velocity)
    }
    this.#steering.settle()
    const { mode } = ensemble.turns
    const history = this.#history()
    if (struck)
      ensemble.notes.strike(struck, history, mode.harmonizesKeys ? this.#steering.noteOns : undefined)
    const hasLifted = ensemble.notes.lift(ensemble.player.held(), message.at, history)
    if (!struck && !hasLifted && mode.listens) this.plan.rewind(this.#position)
  }

  #history(): History {
    return {
      plan: this.plan,
      output: this.#output,
      controls: this.controls,
      position: this.#position,
      onMerged: (merged) => this.#onMerged(merged),
    }
  }

  #onMerged({ retracted, events }: Merged): void {
    this.#options.onRetract?.(retracted)
    this.#events += events.length - retracted
    for (const event of events) this.#options.onEvent?.(event)
  }
}

/** A pianist before its first note, paused. */
export function createPianist(options: PianistOptions): Pianist {
  return new Pianist(options)
}

/** The controls after a MIDI controller moved to `position`, if the control table gives it a control; else undefined. */
function adjusted(controls: Controls, controller: number, position: number): Controls | undefined {
  const name = controlOfController(controller)
  const value = name && controlAtPosition(name, position)
  return name && value !== undefined ? withControl(controls, name, value) : undefined
}
