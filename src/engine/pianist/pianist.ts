import { controlAtPosition } from '../controls/control-steps.js'
import { type ControlUndo, createControlUndo } from '../controls/control-undo.js'
import { controlOfController } from '../controls/control-values.js'
import { type Controls, withControl } from '../controls/controls.js'
import type { Origin } from '../controls/origin.js'
import { mayGiveWay } from '../ensemble/giving-way.js'
import { clockAfter, createJam, type Ending, INTERRUPTED_RELEASE_MS, takesTurns } from '../ensemble/jam.js'
import { createPlayerNotes } from '../ensemble/player-notes.js'
import { createPlayerTracker, type PlayerTracker } from '../ensemble/player-tracker.js'
import { createPartner, type Partner } from '../ensemble/turn-taking.js'
import {
  type EventIndex,
  eventPitch,
  isNoteOff,
  isNoteOn,
  isTimeShift,
  shiftSteps,
} from '../language/events.js'
import { BREATH_MS, type Idiom } from '../language/idiom.js'
import { type HeardMessage, SOSTENUTO, SWITCH_ON, type TimedMessage } from '../language/messages.js'
import type { Network } from '../network/network.js'
import { createNoteOutput } from '../plan/note-output.js'
import { createPlan, type Merged, type Plan, type PlannedEvent } from '../plan/plan.js'
import { plannedNotes } from '../plan/planned-notes.js'
import type { Command } from '../surface/commands.js'
import type { Input, LoggedInput } from '../surface/inputs.js'
import type { PlannedNote } from '../surface/snapshot.js'
import { type Ms, type NoteId, STEP_MS } from '../units.js'
import { createSteering } from './steering.js'

/** What a pianist is made of. */
export interface PianistOptions extends Idiom {
  readonly network: Network
  /** The model's conditioning layout. */
  readonly layout: string
  /** 0 to 2^32 - 1. */
  readonly seed: number
  readonly controls: Controls
  /** Takes each message, in plan time, in the order of the events. */
  readonly emit: (message: TimedMessage) => void
  /** Sees each event as it becomes history. */
  readonly onEvent?: (event: EventIndex) => void
  /** The last `count` events are history no more: others follow in their place. */
  readonly onRetract?: (count: number) => void
  /** Sees each input as it is applied: with seed and first controls they are all that the music is a function of. */
  readonly onInput?: (logged: LoggedInput) => void
  /** Note ids count up from here, so that they stay unique when a pianist follows another. */
  readonly firstId?: NoteId
  /** The end of an earlier performance, played on from. */
  readonly memory?: readonly EventIndex[]
  /** Whether a heard start and continue play, and a heard stop ends. */
  readonly followTransport?: boolean
}

/**
 * The music as a function of its input log, in plan time alone: seed, and each command and heard note with the
 * horizon at which it was applied. It knows no clock; the performer keeps it in step with one.
 */
export interface Pianist {
  readonly controls: Controls
  /** Who changed them. */
  readonly changes: Pick<ControlUndo, 'setters' | 'length'>
  /** Events of the music so far. */
  readonly events: number
  readonly listener: PlayerTracker
  readonly plan: Plan
  /** Plan time up to which everything has been sent. */
  readonly position: Ms
  /** Silent until play: by command, by panic, at the start, or by the player's CC66. */
  readonly paused: boolean
  /** Silent by a command (or from the start), not merely for as long as the player's pedal says. */
  readonly stopped: boolean
  /** On the way to a pause at the next breath. */
  readonly ending: boolean
  /** Whether the tide can lead it. */
  readonly canFlow: boolean
  /** Who plays when. */
  readonly partner: Pick<Partner, 'floor' | 'lead' | 'others'>
  /** Plan time at which something happens by itself, besides the plan's events; Infinity for nothing. */
  readonly nextTurn: Ms
  /** Sends everything due up to and including `horizon`. While paused time stands still: nothing happens. */
  advance(horizon: Ms): void
  /** Applies an input at the position, after `advance`; tells `onInput`; draws the future again where it matters. */
  apply(input: Input): void
  /** Plan time of the next event that sounds, sampling up to `limit` ms ahead for it; undefined if there is none. */
  nextStrike(limit: Ms): Ms | undefined
  /** What sounds and, unless paused, what is planned, by start, in plan time. Allocates: for faces. */
  ahead(): PlannedNote[]
}

/** An ending that finds no breath stops here. */
const LONGEST_ENDING_MS: Ms = 4000

/** The same when the band stops: longer is heard as not having stopped, shorter breaks off. */
const LONGEST_STOP_MS: Ms = 1000

/** How far *again* goes back: shorter repeats a fragment, longer loses sight of what was to be played differently. */
const AGAIN_MS: Ms = 4000

/** At a pause sounding notes end as planned, and at the latest after this. */
const LONGEST_RELEASE_MS: Ms = 1000

/** So far the plan is looked at for that; the steps that times are rounded to included. */
const LONGEST_PLANNED_MS: Ms = LONGEST_RELEASE_MS + 2 * STEP_MS

/** A pianist before its first note, paused. */
export function createPianist(options: PianistOptions): Pianist {
  let controls = options.controls
  const changes = createControlUndo()
  const listener = createPlayerTracker()
  const partner = createPartner(listener, controls.mode, () => 1000 * controls.fade)
  const steering = createSteering(options.layout, listener, partner, controls)
  const plan = createPlan(options.network, steering, options.seed, options)
  const wayOut = createNoteOutput(options.emit, options.firstId ?? 1)
  const joint = createPlayerNotes({
    plan,
    wayOut,
    seed: options.seed,
    others: partner.others,
    noteOns: () => steering.noteOns,
    onMerged: noteMerged,
  })
  const jam = createJam({ plan, listener, partner, steering, joint, onMerged: noteMerged })
  for (const event of options.memory ?? []) plan.feed(event)
  let position: Ms = plan.plannedTo - 1
  let run = 0
  let events = 0
  /** Who holds the music still. It plays when nobody does. */
  const holds = new Set<'player' | 'pedal'>(['player'])
  let ending: Ending | undefined
  /** A quarter note of the band's clock. */
  let beatMs: Ms | null = null
  if (options.memory) plan.breathe(position)

  function noteMerged({ retracted, events: fed }: Merged): void {
    options.onRetract?.(retracted)
    events += fed.length - retracted
    for (const event of fed) options.onEvent?.(event)
  }

  function nextTurn(): Ms {
    const { pause, pauseBeats } = controls
    const silence = pauseBeats === null || beatMs === null ? 1000 * pause : pauseBeats * beatMs
    return Math.max(partner.turnAt(silence), position)
  }

  function advance(horizon: Ms): void {
    while (holds.size === 0) {
      const { floor } = partner
      const turn = nextTurn()
      advanceTo(Math.min(turn, horizon))
      if (partner.floor !== floor) continue
      if (holds.size > 0 || turn > horizon) return
      takeFloor()
    }
  }

  function advanceTo(horizon: Ms): void {
    const deadline = Math.min(horizon, ending?.deadline ?? horizon)
    for (let planned = plan.due(deadline); planned; planned = plan.due(deadline)) {
      if (isBreath(planned)) break
      position = Math.max(position, planned.moment.clock * STEP_MS)
      wayOut.send(planned, controls)
      options.onEvent?.(planned.event)
      events++
      plan.commit()
    }
    if (isBreath(plan.open())) endAt(plan.open().moment.clock * STEP_MS)
    else {
      position = Math.max(position, deadline)
      // Also where `horizon` is the deadline itself: a replay goes just as far as was gone.
      if (ending !== undefined && deadline === ending.deadline) endAt(deadline)
    }
  }

  function isBreath({ event, moment }: PlannedEvent): boolean {
    if (ending === undefined || moment.clock * STEP_MS < ending.from) return false
    return isTimeShift(event) && shiftSteps(event) * STEP_MS >= BREATH_MS
  }

  function endAt(at: Ms): void {
    position = Math.max(position, at)
    const isPause = ending?.leadsTo === 'pause'
    ending = undefined
    if (isPause) hold('player')
    // Who ends an answer has heard enough of it.
    if (!isPause || controls.mode === 'answer') giveFloor(LONGEST_RELEASE_MS)
  }

  function giveFloor(longest: Ms): void {
    ending = undefined
    jam.give(position, longest)
  }

  function takeFloor(): void {
    ending = jam.take(position, controls) ?? ending
  }

  /** Another mode is in force: nothing is cut by it. */
  function changeMode(): void {
    if (ending?.leadsTo === 'listening') ending = undefined
    const rested = partner.resting
    partner.changeMode(controls.mode)
    if (partner.resting && !rested) giveFloor(LONGEST_RELEASE_MS)
  }

  /** Stands still: what sounds gets its planned ends, or ends after a second. */
  function hold(by: 'player' | 'pedal'): void {
    const wasPlaying = holds.size === 0
    holds.add(by)
    if (!wasPlaying) return
    const last = position + LONGEST_RELEASE_MS
    while (plan.plannedTo <= last && plan.sample());
    plan.forEachPlanned(({ event, moment }) => {
      const at = moment.clock * STEP_MS
      if (at > last) return
      if (isNoteOff(event) || isNoteOn(event)) wayOut.endNote(eventPitch(event), at, controls)
    })
    wayOut.endAll(last, controls)
  }

  function release(by: 'player' | 'pedal'): void {
    if (!holds.delete(by) || holds.size > 0) return
    if (plan.open().moment.sounding > 0) breathe()
  }

  function breathe(): void {
    plan.breathe(position)
    joint.clear()
  }

  function setControls(next: Controls, by: Origin | undefined, isTogether = false): void {
    changes.record(controls, next, by, position, isTogether)
    adopt(next)
  }

  function adopt(next: Controls): void {
    const shortened = next.articulation < controls.articulation
    const { mode } = controls
    controls = next
    if (shortened) wayOut.shorten(position, controls)
    if (mode !== controls.mode) changeMode()
    if (steering.update(next)) plan.rewind(position)
  }

  function hear(message: HeardMessage): void {
    const next = message.kind === 'control-change' && turned(controls, message.controller, message.value)
    if (next) setControls(next, 'controller')
    else if (message.kind === 'transport') {
      if (options.followTransport) obey({ type: message.action === 'stop' ? 'end' : 'play' }, undefined)
      // A band that has stopped doesn't wait for the end of a phrase.
      if (ending?.leadsTo === 'pause') ending = { ...ending, deadline: position + LONGEST_STOP_MS }
    } else if (listener.receive(message)) {
      if (takesTurns(controls.mode)) {
        if (
          message.kind === 'control-change' &&
          message.controller === SOSTENUTO &&
          message.value >= SWITCH_ON
        )
          passFloor()
      } else if (listener.stopped) hold('pedal')
      else release('pedal')
      if (jam.hear(message, position, controls, holds.size === 0)) ending = undefined
    }
  }

  /** The floor goes to the other one. */
  function passFloor(): void {
    if (!takesTurns(controls.mode) || holds.size > 0) return
    if (partner.floor === 'pianist') giveFloor(INTERRUPTED_RELEASE_MS)
    else takeFloor()
  }

  function obey(command: Command, by: Origin | undefined): void {
    switch (command.type) {
      case 'set':
        setControls(withControl(controls, command.control, command.value), by)
        break
      case 'set-some':
        setControls({ ...controls, ...command.controls }, by, true)
        break
      case 'undo':
        adopt(changes.takeBack() ?? controls)
        break
      case 'play':
        if (ending?.leadsTo === 'pause') ending = undefined
        // Asked to play, it plays: also when a pedal went down and its keyboard was never heard of again.
        release('pedal')
        release('player')
        break
      case 'pause':
        // An answer under way goes on after it, and ends where it was to end: plan time stands still.
        if (ending?.leadsTo === 'pause') ending = undefined
        hold('player')
        break
      case 'end':
        if (holds.size > 0 || partner.resting) hold('player')
        else if (ending?.leadsTo !== 'pause') {
          ending = { from: position, deadline: position + LONGEST_ENDING_MS, leadsTo: 'pause' }
        }
        break
      case 'take-over':
        passFloor()
        break
      case 'panic':
        ending = undefined
        holds.add('player')
        listener.forget()
        partner.forget()
        wayOut.clear()
        plan.drop()
        break
      case 'again':
        if (plan.again(Math.round((command.back ?? AGAIN_MS) / STEP_MS), run + 1, clockAfter(position))) {
          run++
          wayOut.endAll(position, controls)
          joint.clear()
        }
        break
      case 'forget':
        wayOut.endAll(position, controls)
        run++
        plan.restart(run, clockAfter(position))
        joint.clear()
        break
    }
  }

  function apply(input: Input): void {
    // Also between two inputs of one moment: a replay comes there with each of them.
    advance(position)
    // What ends as planned is planned by those who play until now, however far the plan happened to reach.
    if (mayGiveWay(input, partner.floor))
      while (plan.plannedTo <= position + LONGEST_PLANNED_MS && plan.sample());
    options.onInput?.({ horizon: position, input })
    if (input.kind === 'command') obey(input.command, input.by)
    else if (input.kind === 'tempo') beatMs = input.beatMs
    else if (input.kind === 'heard') hear(input.message)
    else if (input.kind === 'bar' && steering.beginBar(input.clock)) plan.rewind(position)
  }

  function nextStrike(limit: Ms): Ms | undefined {
    let at: Ms | undefined
    const look = ({ event, moment }: PlannedEvent) => {
      if (isNoteOn(event)) at ??= moment.clock * STEP_MS
    }
    plan.forEachPlanned(look)
    while (at === undefined && plan.plannedTo <= position + limit && plan.sample()) plan.forEachPlanned(look)
    return at
  }

  return {
    listener,
    plan,
    changes,
    canFlow: steering.canFlow,
    get events() {
      return events
    },
    get controls() {
      return controls
    },
    get position() {
      return position
    },
    get paused() {
      return holds.size > 0
    },
    get stopped() {
      return holds.has('player')
    },
    get ending() {
      return ending?.leadsTo === 'pause'
    },
    partner,
    get nextTurn() {
      return holds.size > 0 ? Number.POSITIVE_INFINITY : nextTurn()
    },
    advance,
    apply,
    nextStrike,
    ahead: () => {
      const notes = plannedNotes(plan, wayOut, controls)
      return holds.size === 0 ? notes : notes.filter(({ start }) => start <= position + controls.delay)
    },
  }
}

/** The controls after a MIDI controller turned the one it is mapped to by the table; undefined if it is to none. */
function turned(controls: Controls, controller: number, position: number): Controls | undefined {
  const name = controlOfController(controller)
  const value = name && controlAtPosition(name, position)
  return name && value !== undefined ? withControl(controls, name, value) : undefined
}
