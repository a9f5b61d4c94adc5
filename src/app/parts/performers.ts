import {
  CONTROLS,
  type ControlChanges,
  type ControlName,
  type Controls,
  pickControls,
} from '../../engine/controls/controls.js'
import type { Origin } from '../../engine/controls/origin.js'
import { isDrummers, type PartName, SHARED_CONTROLS } from '../../engine/controls/parts.js'
import type { ClockMessage } from '../../engine/language/messages.js'
import {
  type Answer,
  type Command,
  DRUMS_ALONE,
  type DrumsCommand,
  NO_DRUMMER,
} from '../../engine/surface/commands.js'
import type { Beat, Mix } from '../../engine/surface/snapshot.js'
import { MINUTE_MS, type Ms } from '../../engine/units.js'
import { messageOf } from '../../io/error-text.js'
import { Mixer } from './mixer.js'

/** The part of a performer that commands need. */
export interface ControlledPerformer {
  /** Sends a command that came in at process time `at`, to act at `due` where that is given. */
  send(command: Command, by: Origin | undefined, at: Ms, due?: Ms): void
  /** The controls in the last snapshot; undefined before the first. */
  controls(): Controls | undefined
  /** Whether it was silent in the last snapshot. */
  isPaused(): boolean
  /** The beat in the last snapshot; null where there is none. */
  beat(): Beat | null
  /** Tells the performer about the beat that others play on. */
  tellBeat(message: ClockMessage): void
}

/** The place of a drummer, who may come and go. */
export interface Seat {
  /** Whether a drummer can play along at all. */
  readonly canSit: boolean
  /**
   * Has him sit down, paused, with the time of `pianists`. `ready` rejects with the reason if he can't play after all.
   * @throws Refused if his model can't be read
   */
  sit(pianists: ControlChanges): { readonly performer: ControlledPerformer; readonly ready: Promise<unknown> }
  /** Leaves the place empty, because he can't play. */
  leave(): void
}

/** A bar line nearer than this is too near to come in on: he has to draw his first strokes. */
const LEAST_NOTICE_MS: Ms = 80

/** Commands that the drummer carries out with the pianist. */
const SHARED_COMMANDS: readonly Command['type'][] = ['play', 'pause', 'end', 'forget']

/**
 * How long the drummer's tempo and meter may differ from the pianist's: snapshots are up to 100 ms old. With a
 * shorter time, a tempo that is being adjusted is taken back for a moment; with a longer one, the drummer follows an
 * undone tempo later.
 */
const APART_MS: Ms = 300

/**
 * The pianist, and the drummer while one plays along: decides who carries out which command, gives both the same beat, tempo and
 * meter, and says what is heard of them.
 */
export class Performers {
  readonly #pianist: ControlledPerformer
  readonly #seat: Seat
  readonly #now: () => Ms
  readonly #notice: (sentence: string) => void
  readonly #mixer = new Mixer((part, on) =>
    this.#performer(part)?.send({ type: 'mute', on }, undefined, this.#now()),
  )
  /** The drummer who plays along; null while none does. */
  #drummer: ControlledPerformer | null = null
  #isStarting = false
  /**
   * Process time since which the drummer's tempo and meter have differed from the pianist's; null while they agree.
   */
  #apartSince: Ms | null = null
  /** Whether both are told the beat by {@link tellBeat}. */
  #areTold = false
  /** Process time of the last beat that the drummer was told; NaN before. */
  #toldAt: Ms = Number.NaN

  /**
   * @param options `drummer` plays along from the start, unless null; `notice` gets a sentence for the player where a drummer
   * can't come in after all
   */
  constructor(options: {
    readonly pianist: ControlledPerformer
    readonly drummer: ControlledPerformer | null
    readonly seat: Seat
    readonly now: () => Ms
    readonly notice: (sentence: string) => void
  }) {
    this.#pianist = options.pianist
    this.#drummer = options.drummer
    this.#seat = options.seat
    this.#now = options.now
    this.#notice = options.notice
  }

  /** The drummer who plays along; null where none does, or while he is coming in. */
  get drummer(): ControlledPerformer | null {
    return this.#isStarting ? null : this.#drummer
  }

  /** Who plays along, and what is heard. */
  get mix(): Mix {
    const { canSit } = this.#seat
    const on = this.#isStarting ? 'starting' : 'on'
    return { drummer: this.#drummer ? on : canSit ? 'off' : 'none', ...this.#mixer.state }
  }

  /** Has the drummer play along from the next bar on, if the pianist plays. @throws Refused if his model can't be read */
  join(): Answer {
    if (!this.#seat.canSit) return { ok: false, reason: DRUMS_ALONE }
    if (this.#drummer) return { ok: true, sentence: 'The drummer plays along already.' }
    const { performer, ready } = this.#seat.sit(this.#pianist.controls() ?? {})
    this.#drummer = performer
    this.#isStarting = true
    ready.then(
      () => this.#comeIn(performer),
      (error: unknown) => this.#fail(performer, error),
    )
    return { ok: true, sentence: 'The drummer comes in with the next bar.' }
  }

  /** Has the drummer leave: what he plays ends, and he is forgotten as far as mute and solo go. */
  dismiss(): Answer {
    if (!this.#drummer) return { ok: false, reason: NO_DRUMMER }
    this.#drummer.send({ type: 'pause' }, undefined, this.#now())
    this.#mixer.forget('drums')
    this.#drummer = null
    this.#isStarting = false
    return { ok: true, sentence: 'The drummer has left.' }
  }

  /** Has a part play on without a sound, or with one again. */
  mute(part: PartName, isMuted: boolean): Answer {
    if (!this.#performer(part)) return { ok: false, reason: NO_DRUMMER }
    this.#mixer.mute(part, isMuted)
    return { ok: true, sentence: null }
  }

  /** Has one part heard alone, or with null all of them again. */
  solo(part: PartName | null): Answer {
    if (part !== null && !this.#performer(part)) return { ok: false, reason: NO_DRUMMER }
    this.#mixer.solo(part)
    return { ok: true, sentence: null }
  }

  #performer(part: PartName): ControlledPerformer | null {
    return part === 'piano' ? this.#pianist : this.#drummer
  }

  #comeIn(performer: ControlledPerformer): void {
    // He may have left meanwhile.
    if (this.#drummer !== performer) return
    this.#isStarting = false
    this.#mixer.welcome('drums')
    const controls = pickControls(this.#pianist.controls() ?? {}, SHARED_CONTROLS)
    performer.send({ type: 'set-some', controls }, undefined, this.#now())
    if (!this.#pianist.isPaused()) performer.send({ type: 'play' }, undefined, this.#now(), this.#nextBar())
  }

  #fail(performer: ControlledPerformer, error: unknown): void {
    this.#seat.leave()
    if (this.#drummer !== performer) return
    this.#drummer = null
    this.#isStarting = false
    this.#mixer.forget('drums')
    this.#notice(`The drummer can't play: ${messageOf(error)}`)
  }

  /** Process time of the next bar line of the pianist's beat that he can come in on; undefined where there is no beat. */
  #nextBar(): Ms | undefined {
    const beat = this.#pianist.beat()
    if (!beat || beat.position === null) return undefined
    const beatMs = MINUTE_MS / beat.tempo
    const bar = this.#pianist.controls()?.beatsPerBar ?? CONTROLS.beatsPerBar.default
    const soonest = this.#now() + LEAST_NOTICE_MS
    const position = beat.position + (soonest - beat.at) / beatMs
    return soonest + (bar * Math.ceil(position / bar) - position) * beatMs
  }

  /** Sends a command to the pianist, and to the drummer the part of it that is for both. */
  send(command: Command, by: Origin): void {
    // One time for both: a count-in begins with it.
    const at = this.#now()
    this.#pianist.send(command, by, at)
    const shared = sharedPart(command)
    if (shared) this.#drummer?.send(shared, by, at)
  }

  /** The player has tapped a beat at `at`, at `tempo`. The drummer is told of the beat as of any other. */
  tap(at: Ms, tempo: number, by: Origin): void {
    this.send({ type: 'set', control: 'tempo', value: tempo }, by)
    this.#pianist.tellBeat({ kind: 'tap', at })
  }

  /** Sends a command to the drummer alone. */
  sendToDrummer(command: DrumsCommand, by: Origin): Answer {
    if (!this.#drummer) return { ok: false, reason: NO_DRUMMER }
    if (command.type === 'set' && !isDrummers(command.control))
      return { ok: false, reason: `A drummer has no ${command.control} of his own.` }
    this.#drummer.send(command, by, this.#now())
    return { ok: true, sentence: null }
  }

  /** Tells both the beat of a band that reaches neither by itself. */
  tellBeat(message: ClockMessage): void {
    this.#areTold = true
    this.#pianist.tellBeat(message)
    this.#drummer?.tellBeat(message)
  }

  /**
   * Gives the drummer the pianist's beat, tempo and meter. Call this some times a second.
   */
  syncTime(): void {
    if (!this.#areTold) this.#syncBeat()
    this.#syncControls()
  }

  /** Two performers have one beat, whenever the second began to play. */
  #syncBeat(): void {
    const beat = this.#pianist.beat()
    const controls = this.#pianist.controls()
    if (!this.#drummer || !beat || !controls || beat.position === null || beat.at === this.#toldAt) return
    this.#toldAt = beat.at
    // The place of a beat that is heard has the offset in it, which the drummer adds again.
    const at = beat.source === 'heard' ? beat.at - controls.clockOffset : beat.at
    this.#drummer.tellBeat({ kind: 'timeline', at, beat: beat.position, tempo: beat.tempo })
  }

  /**
   * Gives the drummer the pianist's tempo and meter where they have differed for a while: an undo, or a controller at
   * the pianist's keyboard, changes them without a command that passes here.
   */
  #syncControls(): void {
    const pianists = this.#pianist.controls()
    const drummers = this.#drummer?.controls()
    if (!pianists || !drummers || SHARED_CONTROLS.every((name) => drummers[name] === pianists[name])) {
      this.#apartSince = null
      return
    }
    this.#apartSince ??= this.#now()
    if (this.#now() - this.#apartSince < APART_MS) return
    this.#apartSince = null
    const controls = pickControls(pianists, SHARED_CONTROLS)
    this.#drummer?.send({ type: 'set-some', controls }, 'keys', this.#now())
  }
}

/** The part of a command that is for the drummer too; undefined where nothing is. */
function sharedPart(command: Command): Command | undefined {
  if (command.type === 'set') return isShared(command.control) ? command : undefined
  if (command.type === 'set-some') {
    const controls = pickControls(command.controls, SHARED_CONTROLS)
    return Object.keys(controls).length > 0 ? { type: 'set-some', controls } : undefined
  }
  return SHARED_COMMANDS.includes(command.type) ? command : undefined
}

function isShared(control: ControlName): boolean {
  return SHARED_CONTROLS.some((name) => name === control)
}
