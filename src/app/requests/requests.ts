import { join } from 'node:path'
import type { Sync } from '../../engine/clock/sync.js'
import { createTapTempo } from '../../engine/clock/tap-tempo.js'
import {
  CONTROLS,
  type ControlName,
  type Controls,
  MUSIC_CONTROLS,
  pickControls,
  type UnsupportedControls,
} from '../../engine/controls/controls.js'
import type { Origin } from '../../engine/controls/origin.js'
import { chordsSentence } from '../../engine/surface/chords-text.js'
import {
  type Answer,
  type Command,
  GIVEN_LIMITS,
  type PresetNumber,
  type Request,
} from '../../engine/surface/commands.js'
import { letterOf } from '../../engine/surface/form-text.js'
import type { Snapshot } from '../../engine/surface/snapshot.js'
import type { Preset } from '../../engine/surface/surface.js'
import { writeWhole } from '../../io/atomic-file.js'
import type { Presets } from '../../io/config/presets.js'
import { messageOf } from '../../io/error-text.js'
import { parseLeadSheet } from '../../io/lead-sheet/lead-sheet.js'
import { CAPTURE_MS, type CaptureBuffer, captureName } from '../../io/recording/capture.js'
import type { Clock } from '../clock.js'
import type { Learning } from '../controllers/learning.js'
import type { Performers } from '../parts/performers.js'
import { Glide } from './glide.js'
import { WriteLimit } from './write-limit.js'

interface RequestOptions {
  readonly presets: Presets
  /** Saves the presets. Throws Refused if they can't be written. */
  readonly savePresets: (presets: Presets) => void
  /** The folder that captures are written to. */
  readonly captures: string
  readonly capture: CaptureBuffer
  readonly performers: Performers
  readonly panic: () => void
  readonly learning: Learning
  /** The pianist's controls in the last snapshot. */
  readonly controls: () => Controls
  /** The pianist's last snapshot; undefined before the first. */
  readonly snapshot: () => Pick<Snapshot, 'floor' | 'form' | 'style' | 'canTakeStyle'> | undefined
  /** The pianist's controls that do nothing with the model, and why. */
  readonly unsupported: UnsupportedControls
  readonly sync: Sync
  readonly clock: Clock
}

const DONE: Answer = { ok: true, sentence: null }

/** Carries out what control surfaces ask for. Nothing throws or waits. */
export class Requests {
  readonly #options: RequestOptions
  readonly #glide: Glide
  readonly #writeLimit = new WriteLimit()
  readonly #taps = createTapTempo()
  #presets: Presets

  constructor(options: RequestOptions) {
    this.#options = options
    this.#presets = options.presets
    this.#glide = new Glide(options.clock)
  }

  get presets(): Presets {
    return this.#presets
  }

  ask(request: Request, by: Origin): Answer {
    const { performers, learning, panic } = this.#options
    const tooSoon = by === 'web' ? this.#refuseWriting(request) : null
    if (tooSoon) return tooSoon
    switch (request.type) {
      case 'panic':
        panic()
        return DONE
      case 'capture':
        return attempt(() => this.#writeCapture())
      case 'tap-tempo':
        return this.#tap(by)
      case 'recall':
        return this.#recall(request.preset, by)
      case 'store':
        return attempt(() => this.#store(request.preset))
      case 'learn':
        return learning.ask(request.control, request.part ?? 'piano')
      case 'mark-theme':
      case 'give-theme':
        return this.#learnTheme(request, by)
      case 'set-style':
      case 'take-style':
        return this.#borrow(request, by)
      case 'chords':
        return this.#keepTo(request.text, by)
      case 'drummer':
        return request.on ? attemptTo(() => performers.join()) : performers.dismiss()
      case 'mute':
        return performers.mute(request.part, request.on)
      case 'solo':
        return performers.solo(request.part)
      case 'drums':
        return performers.sendToDrummer(request.command, by)
      default:
        return this.#send(request, by)
    }
  }

  /** The glide to a preset leaves `control` alone from now on, because a controller at the keyboard has moved it. */
  leaveToHand(control: ControlName): void {
    this.#glide.leave(control)
  }

  /** Ends the glide to a preset where it is. */
  close(): void {
    this.#glide.stop()
  }

  /** Refuses a client's request that would write a file too soon after others. */
  #refuseWriting({ type }: Request): Answer | null {
    if (type !== 'capture' && type !== 'store') return null
    const wait = this.#writeLimit.count(type, this.#options.clock.now())
    return wait === null ? null : refused(`Too many files in a row; try again in ${wait} s.`)
  }

  #send(command: Command, by: Origin): Answer {
    if (command.type === 'set') this.#glide.leave(command.control)
    else if (command.type === 'set-some' || command.type === 'undo') this.#glide.stop()
    this.#options.performers.send(command, by)
    return this.#explainUnsupported(command, by)
  }

  /** A beat that the player taps; the first only begins to count. */
  #tap(by: Origin): Answer {
    const { sync, clock, performers } = this.#options
    if (sync === 'clock')
      return refused("The tempo is the band's, whose MIDI clock is followed: tap it there.")
    const at = clock.now()
    const tempo = this.#taps.tap(at)
    if (tempo === undefined) return DONE
    this.#glide.leave('tempo')
    performers.tap(at, tempo, by)
    return DONE
  }

  /** Has the pianist keep a theme, if it can return. */
  #learnTheme(command: Extract<Command, { type: 'mark-theme' | 'give-theme' }>, by: Origin): Answer {
    const { unsupported, controls, performers, snapshot } = this.#options
    if (unsupported.memory !== undefined) return refused(`No theme is kept: ${unsupported.memory}.`)
    if (controls().memory === 0) return refused('Memory is at 0: nothing returns. Turn it up first.')
    const state = snapshot()
    if (command.type === 'mark-theme' && !state?.form?.canMark)
      return refused('Too little has been played yet to keep; play on for some seconds.')
    if (command.type === 'give-theme' && command.notes.length < GIVEN_LIMITS.least)
      return refused(`A theme of fewer than ${GIVEN_LIMITS.least} notes would not be known again; give more.`)
    performers.send(command, by)
    return { ok: true, sentence: keptSentence(command.type, state) }
  }

  /** Has the pianist borrow a manner, or no manner any more. */
  #borrow(command: Extract<Command, { type: 'set-style' | 'take-style' }>, by: Origin): Answer {
    const { unsupported, controls, performers, snapshot } = this.#options
    const isForgotten = command.type === 'set-style' && command.style === null
    const state = snapshot()
    if (isForgotten && state && state.style === null) return refused('No manner is borrowed.')
    if (unsupported.styleStrength !== undefined)
      return refused(`No manner is borrowed: ${unsupported.styleStrength}.`)
    if (command.type === 'take-style' && !state?.canTakeStyle)
      return refused(
        'You have played too little yet for a manner: play on for some seconds, in any mode but solo.',
      )
    if (!isForgotten && controls().styleStrength === 0)
      return refused('Style is at 0: no manner is borrowed. Turn it up first.')
    performers.send(command, by)
    if (isForgotten) return { ok: true, sentence: 'No manner is borrowed any more.' }
    const whose = command.type === 'take-style' ? 'what you played' : command.style?.name
    return { ok: true, sentence: `The manner of ${whose} is borrowed.` }
  }

  /** Has the pianist keep to the chords of a lead sheet, or to none any more. */
  #keepTo(text: string, by: Origin): Answer {
    const { unsupported, performers } = this.#options
    if (unsupported.chordLock !== undefined) return refused(`No chords are kept: ${unsupported.chordLock}.`)
    return attempt(() => {
      const progression = text.trim() === '' ? null : parseLeadSheet(text)
      performers.send({ type: 'set-progression', progression }, by)
      return progression ? chordsSentence(progression) : 'No chords are kept any more.'
    })
  }

  /**
   * Tells a client on the WebSocket why a control does nothing with this model; the dashboard shows the reason by
   * itself.
   */
  #explainUnsupported(command: Command, by: Origin): Answer {
    if (command.type !== 'set' || by !== 'web') return DONE
    const reason = this.#options.unsupported[command.control]
    const { label } = CONTROLS[command.control]
    return reason === undefined ? DONE : { ok: true, sentence: `${label} does nothing now: ${reason}.` }
  }

  #writeCapture(): string {
    const { capture, captures, clock } = this.#options
    const at = clock.now()
    const bytes = capture.captured(at - CAPTURE_MS, at)
    if (bytes === null) return 'Nothing has been played in the last 2 minutes: there is nothing to capture.'
    const path = join(captures, captureName(clock.date()))
    writeWhole(path, bytes)
    return `The last 2 minutes are in ${path}.`
  }

  #recall(number: PresetNumber, by: Origin): Answer {
    const preset = this.#presets[number]
    if (!preset) return { ok: false, reason: `Nothing is stored as preset ${number}.` }
    const from = this.#options.controls()
    this.#glide.begin(from, preset.controls, 1000 * from.glide, (controls) =>
      this.#options.performers.send({ type: 'set-some', controls }, by),
    )
    return { ok: true, sentence: `Preset ${number}: ${preset.name}.` }
  }

  #store(number: PresetNumber): string {
    const controls = pickControls(this.#options.controls(), MUSIC_CONTROLS)
    const preset: Preset = { name: `Preset ${number}`, controls }
    const next = { ...this.#presets, [number]: preset }
    this.#options.savePresets(next)
    this.#presets = next
    return `The controls are stored as preset ${number}.`
  }
}

function refused(reason: string): Answer {
  return { ok: false, reason }
}

/** What becomes of a theme that the pianist in the state `snapshot` was told to keep. */
function keptSentence(
  type: 'mark-theme' | 'give-theme',
  snapshot: Pick<Snapshot, 'floor' | 'form'> | undefined,
): string {
  const what = type === 'mark-theme' ? 'This passage' : 'The theme'
  if (snapshot && snapshot.floor !== 'both') return `${what} is kept and will return in solo, follow or duet.`
  const section = snapshot?.form?.sections[snapshot.form.current]
  return `${what} is kept${section === undefined ? '' : ` as theme ${letterOf(section)}`} and will return.`
}

/** The answer to a request that `work` carries out: the sentence that `work` returns, or the reason if it throws. */
function attempt(work: () => string): Answer {
  return attemptTo(() => ({ ok: true, sentence: work() }))
}

/** The answer that `work` returns, or the reason if it throws. */
function attemptTo(work: () => Answer): Answer {
  try {
    return work()
  } catch (error) {
    return { ok: false, reason: messageOf(error) }
  }
}
