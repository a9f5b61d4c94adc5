import { type ControlName, type Controls, pickControls } from '../engine/controls/controls.js'
import type { Origin } from '../engine/controls/origin.js'
import { isDrummers, SHARED_CONTROLS } from '../engine/controls/parts.js'
import type { ClockMessage } from '../engine/language/messages.js'
import { type Answer, type Command, type DrumsCommand, NO_DRUMMER } from '../engine/surface/commands.js'
import type { Beat } from '../engine/surface/snapshot.js'
import type { Ms } from '../engine/units.js'

/** The part of a performer that commands need. */
export interface ControlledPerformer {
  /** Sends a command that came in at process time `at`. */
  send(command: Command, by: Origin | undefined, at: Ms): void
  /** The controls in the last snapshot; undefined before the first. */
  controls(): Controls | undefined
  /** The beat in the last snapshot; null where there is none. */
  beat(): Beat | null
  /** Tells the performer about the beat that others play on. */
  tellBeat(message: ClockMessage): void
}

/** Commands that the drummer carries out with the pianist. */
const SHARED_COMMANDS: readonly Command['type'][] = ['play', 'pause', 'end', 'forget']

/**
 * How long the drummer's tempo and meter may differ from the pianist's: snapshots are up to 100 ms old. With a
 * shorter time, a tempo that is being adjusted is taken back for a moment; with a longer one, the drummer follows an
 * undone tempo later.
 */
const APART_MS: Ms = 300

/**
 * The pianist, and the drummer if one plays along: decides who carries out which command, and gives both the same
 * tempo and meter.
 */
export class Performers {
  readonly #pianist: ControlledPerformer
  readonly #drummer: ControlledPerformer | null
  readonly #now: () => Ms
  /**
   * Process time since which the drummer's tempo and meter have differed from the pianist's; null while they agree.
   */
  #apartSince: Ms | null = null
  /** Process time of the last beat that the drummer was told; NaN before. */
  #toldAt: Ms = Number.NaN

  constructor(pianist: ControlledPerformer, drummer: ControlledPerformer | null, now: () => Ms) {
    this.#pianist = pianist
    this.#drummer = drummer
    this.#now = now
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

  /**
   * Gives the drummer the pianist's beat, tempo and meter. Call this some times a second.
   */
  syncTime(): void {
    this.#syncBeat()
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
