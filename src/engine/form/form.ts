import { type EventIndex, eventPitch, isNoteOn, isTimeShift, shiftSteps } from '../language/events.js'
import { BREATH_MS } from '../language/idiom.js'
import { STEP_MS, type Steps } from '../units.js'
import { RING } from './cadence.js'
import type { FormState } from './form-state.js'
import type { FormAims, FormedMusic } from './formed-music.js'
import { beginCadence, gapAt, recall } from './recall.js'
import { beginMovement, beginSection, isLastSection, replaced } from './sections.js'
import { themeOfPassage } from './themes.js'

/**
 * What is due at a breath comes without one when it is this much overdue, because dense music may have no breath for minutes. A
 * shorter time cuts into phrases more often, a longer one makes sections too long.
 */
const LONGEST_OVERTIME: Steps = 8000 / STEP_MS

/** A wait of this many steps is a breath. */
const BREATH: Steps = BREATH_MS / STEP_MS

/**
 * A passage ends at the first breath after SHORT_PASSAGE, from LONG_PASSAGE on at a SHORT_BREATH too, and after
 * LONGEST_PASSAGE at any wait. Shorter passages are motifs rather than themes; longer ones leave a section no time for
 * anything else.
 */
const SHORT_PASSAGE: Steps = 11_000 / STEP_MS
const LONG_PASSAGE: Steps = 15_000 / STEP_MS
const LONGEST_PASSAGE: Steps = 19_000 / STEP_MS
const SHORT_BREATH: Steps = 12

/** Silence after the last chord of a movement, before the next begins: shorter runs on, longer is the end of the music. */
const REST: Steps = 120

/**
 * A cadence that was asked for begins at the latest after this time, whatever the music does: longer is heard as not having
 * been asked.
 */
const LONGEST_DELAY: Steps = 150

/**
 * Moves the form past `event`, which `music` has passed already. Allocates only where something is remembered or begins.
 * @param leads whether the music follows the form now; while it doesn't, themes wait, and so do those given from outside
 */
export function passForm(music: FormedMusic, event: EventIndex, aims: FormAims, leads: boolean): void {
  const { form, clock, expecting } = music
  if (form.movement === 0) beginMovement(music, aims)
  if (expecting.list !== null) form.isNew = false
  if (isNoteOn(event)) {
    form.strikes = { pitch: eventPitch(event), at: clock - form.passageFrom, before: form.strikes }
  }
  if (form.cadence === 'coming' && expecting.list === null) {
    form.cadence = 'rings'
    form.ringsUntil = clock + RING
  }
  if (!isTimeShift(event)) return
  const waited = shiftSteps(event)
  if (passCadence(music, waited, aims)) return
  if (isPassageOver(form, clock, waited)) endPassage(music, aims)
  if (leads) adoptGiven(music, aims)
  if (expecting.list !== null) return
  const isBreath = waited >= BREATH
  if (isDue(form.until, clock, isBreath)) {
    if (isLastSection(music, aims)) beginCadence(music, aims)
    else beginSection(music, aims)
  }
  if (leads && isDue(form.nextRecall, clock, isBreath) && form.cadence === 'none') recall(music, aims)
}

function isDue(at: Steps, clock: Steps, isBreath: boolean): boolean {
  return clock >= (isBreath ? at : at + LONGEST_OVERTIME)
}

function isPassageOver({ passageFrom, strikes }: FormState, clock: Steps, waited: Steps): boolean {
  const length = clock - passageFrom
  if (strikes === null || length >= LONGEST_PASSAGE) return true
  if (length >= LONG_PASSAGE) return waited >= SHORT_BREATH
  return length >= SHORT_PASSAGE && waited >= BREATH
}

/** Remembers the passage that has ended: as the theme of its section, if that has none yet. */
function endPassage(music: FormedMusic, aims: FormAims): void {
  const { form, clock, expecting } = music
  if (form.strikes !== null) {
    form.last = { last: form.strikes, length: clock - form.passageFrom }
    const isWanted = form.isNew && (form.themes[form.letter] ?? null) === null
    const theme = isWanted ? themeOfPassage(form.last) : undefined
    if (theme) {
      form.themes = replaced(form.themes, form.letter, theme)
      form.nextRecall = clock + gapAt(aims.memory)
    }
  }
  form.strikes = null
  form.passageFrom = clock
  form.isNew = expecting.list === null
}

/** A theme that was given from outside becomes that of the current section, and is heard at the next breath. */
function adoptGiven({ form, clock }: FormedMusic, { given, givenCount }: FormAims): void {
  if (form.adopted === givenCount) return
  form.adopted = givenCount
  if (given === null) return
  form.themes = replaced(form.themes, form.letter, given)
  form.nextRecall = clock
}

/**
 * Leads through a cadence: after its chords no note is struck, and when the last chord has rung, either the music rests and goes
 * on with another movement, or, where an end was asked for, nothing follows.
 * @returns whether a cadence is under way
 */
function passCadence(music: FormedMusic, waited: Steps, aims: FormAims): boolean {
  const { form, clock } = music
  if (form.cadence === 'none') {
    const isAsked = clock >= aims.endFrom && (waited >= SHORT_BREATH || clock >= aims.endFrom + LONGEST_DELAY)
    if (!isAsked) return false
    beginCadence(music, aims)
  } else if (form.cadence === 'rings' && clock >= form.ringsUntil + REST && clock < aims.endFrom) {
    form.cadence = 'none'
    beginMovement(music, aims)
    return false
  }
  return true
}
