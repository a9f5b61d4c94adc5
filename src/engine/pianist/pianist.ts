import { adjusted } from '../controls/control-steps.js'
import { type ControlUndo, createControlUndo } from '../controls/control-undo.js'
import { type Controls, withControl } from '../controls/controls.js'
import type { Origin } from '../controls/origin.js'
import { plannedEnds } from '../ensemble/agreed-ends.js'
import { EnsembleState } from '../ensemble/ensemble.js'
import { MODE_OF } from '../ensemble/modes.js'
import {
  clockAfter,
  isHeld,
  LONGEST_RELEASE_MS,
  maySilence,
  type TurnEvent,
  transition,
} from '../ensemble/turns.js'
import type { HeardMessage } from '../language/messages.js'
import { layoutOf } from '../model/conditioning.js'
import { createPlan, type Plan } from '../plan/plan.js'
import type { Command } from '../surface/commands.js'
import type { Input } from '../surface/inputs.js'
import type { PlannedNote } from '../surface/snapshot.js'
import { type Ms, STEP_MS } from '../units.js'
import { takeMaterial } from './material.js'
import type { PianistOptions } from './pianist-options.js'
import { followPlayer } from './player-following.js'
import { Sequencer } from './sequencer.js'
import type { FormSteering } from './steering/form-steering.js'
import type { GrooveSteering } from './steering/groove-steering.js'
import { Steering } from './steering/steering.js'
import type { StyleSteering } from './steering/style-steering.js'
import { carryOut } from './turn-effects.js'

/** The plan reaches this far when an input may silence the pianist: the longest release, and the rounding to steps. */
const LONGEST_PLANNED_MS: Ms = LONGEST_RELEASE_MS + 2 * STEP_MS

/**
 * The music as a function of its input log, in plan time alone: seed, and each command and heard note with the horizon at
 * which it was applied. The pianist knows no clock; the performer maps plan time to process time.
 */
export class Pianist {
  readonly ensemble: EnsembleState
  readonly plan: Plan
  /** The steering of the music's form, of the manner that is borrowed, and of a drummer's bars. */
  readonly form: FormSteering
  readonly style: StyleSteering
  readonly groove: GrooveSteering
  readonly #options: PianistOptions
  readonly #changes = createControlUndo()
  readonly #steering: Steering
  readonly #sequencer: Sequencer
  /** A quarter note of the band's clock; null where there is none. */
  #beatMs: Ms | null = null

  /** A pianist before its first note, paused. */
  constructor(options: PianistOptions) {
    this.#options = options
    const { layout, modes = MODE_OF, controls, seed, hasEnds = true } = options
    const isInBars = hasEnds && layoutOf(layout).tellsBar === true
    this.ensemble = new EnsembleState(modes, controls, seed, isInBars)
    this.#steering = new Steering(options.layout, this.ensemble)
    this.form = this.#steering.form
    this.style = this.#steering.style
    this.groove = this.#steering.groove
    this.plan = createPlan(options.network, this.#steering, options.seed, options)
    this.#sequencer = new Sequencer(this.plan, this.ensemble, options)
  }

  get controls(): Controls {
    return this.ensemble.controls
  }

  /** Who changed the controls, and how many changes can be undone. */
  get changes(): Pick<ControlUndo, 'setters' | 'length'> {
    return this.#changes
  }

  /** Number of events of the music so far. */
  get events(): number {
    return this.#sequencer.events
  }

  /** Plan time up to which everything has been sent. */
  get position(): Ms {
    return this.#sequencer.position
  }

  /** Whether the music goes on without a sound. */
  get muted(): boolean {
    return this.#sequencer.output.isMuted
  }

  /** Whether the pianist is silent: by command, by panic, before the start, or by the player's CC66. */
  get paused(): boolean {
    return isHeld(this.ensemble.turns)
  }

  /** Whether the pianist is silent by a command or before the start, not merely while the player's pedal is down. */
  get stopped(): boolean {
    return this.ensemble.turns.holds.command
  }

  /** Whether the music is on its way to a pause at the next breath. */
  get ending(): boolean {
    return this.ensemble.turns.ending?.leadsTo === 'pause'
  }

  /** Plan time at which the pianist takes the floor by itself or may move the pedal between events; Infinity if it won't. */
  get nextMove(): Ms {
    return this.paused
      ? Number.POSITIVE_INFINITY
      : Math.min(Math.max(this.ensemble.answerAt(this.#beatMs), this.position), this.#sequencer.nextPedal)
  }

  /** Sends everything due up to and including `horizon`. In a pause plan time stands still, and nothing is sent. */
  advance(horizon: Ms): void {
    while (!this.paused) {
      const { floor } = this.ensemble
      const answerAt = Math.max(this.ensemble.answerAt(this.#beatMs), this.position)
      const phraseOverAt = Math.max(this.ensemble.phraseOverAt, this.position)
      this.#advanceTo(Math.min(answerAt, phraseOverAt, horizon))
      if (this.ensemble.floor !== floor) continue
      if (this.paused || Math.min(answerAt, phraseOverAt) > horizon) return
      if (phraseOverAt > horizon) this.#pass({ type: 'pause-elapsed' })
      else {
        // The player has ended a phrase beside the pianist.
        if (this.form.keepPhrase()) this.plan.drop()
        this.ensemble.phrase.clear()
      }
    }
  }

  /** Applies an input at the position, after `advance`; tells `onInput`; draws the future again if the input affects it. */
  apply(input: Input): void {
    // Needed between two inputs of one moment too, because a replay advances to this position with each of them.
    this.advance(this.position)
    // Notes that will end as planned must be planned under the turns in force until now, however far the plan reaches.
    if (maySilence(input, this.ensemble.floor)) this.plan.sampleBeyond(this.position + LONGEST_PLANNED_MS)
    this.#options.onInput?.({ horizon: this.position, input })
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
      case 'pulse':
        this.ensemble.pulse = input.pulse
        this.ensemble.chords.follow(input.pulse, this.position)
        this.form.update(this.controls)
        if (this.ensemble.followsPulse) this.#replan()
        break
      case 'bar':
        if (this.#steering.beginBar(input.clock)) this.#replan()
        break
    }
    // Now rather than with the next advance: before that, the place of plan time in process time may change.
    this.#sequencer.movePedal()
  }

  /** Plan time of the next event that sounds, sampling up to `limit` ms ahead for it; undefined if there is none. */
  nextStrike(limit: Ms): Ms | undefined {
    return this.#sequencer.nextStrike(limit)
  }

  /** The notes that sound and, unless paused, those planned, by start, in plan time. Allocates: meant for control surfaces. */
  ahead(): PlannedNote[] {
    if (this.muted) return []
    const last = this.paused ? this.position + this.controls.delay : Number.POSITIVE_INFINITY
    return this.#sequencer.ahead().filter(({ start }) => start <= last)
  }

  #advanceTo(horizon: Ms): void {
    const { ending } = this.ensemble.turns
    const deadline = Math.min(horizon, ending?.deadline ?? horizon)
    const isBreath = this.#sequencer.send(deadline, ending)
    // A deadline at `horizon` itself counts too, because a replay advances just as far as the live music did.
    if (isBreath || deadline === ending?.deadline) this.#pass({ type: 'breath' })
  }

  /** Applies `event` to the turns, and carries out the actions that follow. */
  #pass(event: TurnEvent): void {
    const { ensemble, plan, position } = this
    const [next, effects] = transition(ensemble.turns, { ...event, position, phraseMs: ensemble.phraseMs })
    const given = effects.find((effect) => effect.type === 'give-floor')
    // Notes end as they were planned while the pianist had the floor, so this comes before the change.
    if (given) ensemble.agree(plannedEnds(plan, ensemble.notes.others, position, given.longest))
    ensemble.adopt(next)
    for (const { type } of effects) carryOut(type, this, this.#sequencer, () => this.#replan())
    // *play*, for example, takes an end back that was asked for.
    if (!next.ending?.withCadence && this.form.end(Number.POSITIVE_INFINITY)) this.#replan()
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
        if (this.#sequencer.again(command.back)) this.ensemble.notes.clear()
        break
      case 'forget':
        this.#sequencer.restart()
        this.ensemble.notes.clear()
        break
      case 'mute':
        this.#sequencer.mute(command.on)
        break
      case 'mark-theme':
      case 'give-theme':
      case 'give-score':
      case 'set-style':
      case 'take-style':
      case 'set-progression':
        if (takeMaterial(command, this.#steering, this.plan.open().moment, this.position)) this.#replan()
        break
      case 'end': {
        const withCadence = !this.paused && this.form.canEnd(this.plan.open().moment)
        this.#pass({ type: 'end', withCadence })
        if (withCadence && this.form.end(clockAfter(this.position))) this.#replan()
        break
      }
      default:
        this.#pass(command)
    }
  }

  /** Draws everything after the position again. */
  #replan(): void {
    this.plan.rewind(this.position)
    // The form of the planned moments depends on all that may have changed, though their events may be as they were.
    if (this.controls.memory > 0 || this.groove.isKept) this.plan.drop()
  }

  #setControls(next: Controls, by: Origin | undefined, isTogether = false): void {
    this.#changes.record(this.controls, next, by, this.position, isTogether)
    this.#adoptControls(next)
  }

  #adoptControls(next: Controls): void {
    const before = this.controls
    if (next.pedal !== before.pedal || next.channel !== before.channel) this.#sequencer.liftPedal()
    if (next.articulation < before.articulation) this.#sequencer.output.shorten(this.position, next)
    // The floor passes under the old controls, and the new controls act after that. The open wait is drawn again in both
    // steps; a single step would place its random number differently, and replays of older takes would sound different.
    if (next.mode !== before.mode) this.#pass({ type: 'mode', mode: this.ensemble.modes[next.mode] })
    this.ensemble.controls = next
    const isFormed = this.form.update(before)
    const isBarred = this.groove.update()
    if (this.#steering.update(before) || isFormed) this.plan.rewind(this.position)
    if (isFormed || isBarred) this.plan.drop()
  }

  #receive(message: HeardMessage): void {
    const next =
      message.kind === 'control-change' && adjusted(this.controls, message.controller, message.value)
    if (next) this.#setControls(next, 'controller')
    else if (message.kind === 'transport') {
      if (this.#options.followTransport) this.#pass({ type: message.action === 'stop' ? 'end' : 'play' })
      this.#pass({ type: 'transport' })
    } else if (this.ensemble.receive(message)) {
      const pass = (event: TurnEvent) => this.#pass(event)
      const isChanged = followPlayer(
        message,
        this,
        this.#steering,
        this.#sequencer,
        this.#options.hasEnds ?? true,
        pass,
      )
      if (isChanged) this.#replan()
    }
  }
}

/** A pianist before its first note, paused. */
export function createPianist(options: PianistOptions): Pianist {
  return new Pianist(options)
}
