import { chance } from '../chance.js'
import { type Pitch, STEP_MS, type Steps } from '../units.js'
import { cadenceNotes } from './cadence.js'
import { beginExpecting, decisions, type ExpectedNote, expect } from './expected-notes.js'
import { centreInForce, FORM_RUN, type FormAims, type FormedMusic } from './formed-music.js'
import { CHORD, type Theme, varied } from './themes.js'

/** Time from the end of a theme to its next return, at memory 0 and at memory 1: shorter is a loop, longer is no form. */
const LONGEST_GAP: Steps = 40_000 / STEP_MS
const SHORTEST_GAP: Steps = 10_000 / STEP_MS

/** How far a theme's tempo follows the density of the moment: 0 not at all, 1 in proportion, which is a caricature. */
const TEMPO_FOLLOWS = 0.25
const SHORTEST_STRETCH = 0.85
const LONGEST_STRETCH = 1.2

/** Strength of the notes of the melody and of the accompaniment at memory 0 and at memory 1. */
const MELODY = [0.95, 1] as const
const ACCOMPANIMENT = [0.2, 0.8] as const

/** Factor on other notes beside a theme, at memory 0 and at memory 1. */
const OTHERS = [0.9, 0.5] as const

/** How far the tempo of a returning theme may drift: see {@link Expectation.give}. */
const GIVE = 0.8

/** Melody that a cadence goes on from where none was heard. */
const MIDDLE: Pitch = 67

/** Use of the random number that chooses among the themes of free music. */
const THEME_USE = 3

/** Time from now to the next return of a theme that has just ended. */
export function gapAt(memory: number): Steps {
  return Math.round(between([LONGEST_GAP, SHORTEST_GAP], memory))
}

/** Has the theme of the section return, in the key and at the tempo of the moment; in free form, any that is remembered. */
export function recall(music: FormedMusic, aims: FormAims): void {
  const { form, tide, expecting, clock, recentDensity } = music
  form.nextRecall = clock + gapAt(aims.memory)
  const number = chance(tide.seed, FORM_RUN, form.recalls, THEME_USE)
  const theme = themeAt(music, aims, number)
  if (!theme) return
  form.recalls++
  const { memory } = aims
  // On a grid a theme returns at the tempo of the beat.
  const freedom = 1 - aims.inTime
  const pace = (theme.density / Math.max(recentDensity, 1)) ** (TEMPO_FOLLOWS * freedom)
  const stretch = Math.min(Math.max(pace, SHORTEST_STRETCH), LONGEST_STRETCH)
  const centre = centreInForce(music, aims)
  const notes = varied(theme, {
    centre,
    stretch,
    melody: between(MELODY, memory),
    accompaniment: between(ACCOMPANIMENT, memory),
  })
  const others = between(OTHERS, memory)
  const list = expect(onGrid(notes, aims), others, GIVE * freedom, decisions(tide.seed, form.recalls))
  beginExpecting(
    expecting,
    {
      ...list,
      isOneVoice: theme.notes.filter(({ isMelody }) => !isMelody).length < theme.notes.length / FEW,
      centre,
      density: theme.density / stretch,
    },
    clock,
  )
  form.nextRecall += Math.round(theme.length * stretch)
}

function themeAt({ form }: FormedMusic, aims: FormAims, number: number): Theme | null {
  if (aims.form !== 'free') return form.themes[form.letter] ?? null
  const known = form.themes.filter((theme) => theme != null)
  return known[Math.floor(number * known.length)] ?? null
}

/** Begins a cadence in the key in force. */
export function beginCadence(music: FormedMusic, aims: FormAims): void {
  const { form, tide, expecting, clock } = music
  form.cadence = 'coming'
  form.recalls++
  const chords = cadenceNotes(centreInForce(music, aims), melodyAt(music))
  const notes = hasChords(music) ? chords : chords.filter(({ isMelody }) => isMelody)
  const list = expect(onGrid(notes, aims), 0, 1 - aims.inTime, decisions(tide.seed, form.recalls))
  beginExpecting(expecting, { ...list, isOneVoice: notes !== chords }, clock)
}

/** The notes with as much tolerance as they need to be struck on the grid. */
function onGrid(notes: readonly ExpectedNote[], { inTime, halfCell }: FormAims): readonly ExpectedNote[] {
  const least = Math.round(inTime * halfCell)
  return notes.map((note) => (note.tolerance < least ? { ...note, tolerance: least } : note))
}

/** Whether notes sound together, or were lately struck together; music of one voice ends with one voice too. */
function hasChords({ form, sounding }: FormedMusic): boolean {
  if (sounding > 1) return true
  let together = 0
  let count = 0
  for (const last of [form.strikes, form.last?.last]) {
    for (let strike = last; strike?.before && count < LATELY; strike = strike.before, count++) {
      if (strike.at - strike.before.at <= CHORD) together++
    }
  }
  return count < LATELY / 2 || together >= count / FEW
}

/** The highest of the last notes. */
function melodyAt({ form }: FormedMusic): Pitch {
  let highest = -1
  let strike = form.strikes
  for (let n = 0; n < LAST_NOTES && strike !== null; n++, strike = strike.before) {
    highest = Math.max(highest, strike.pitch)
  }
  return highest < 0 ? MIDDLE : highest
}

/** One note in so many that is struck together with another is an accident, and makes no chords of a single voice. */
const FEW = 8

/** So many notes tell whether there are chords: fewer may all be a run, more reach back to another section. */
const LATELY = 64

/** The melody is the highest of so many notes: fewer may all be accompaniment, more reach back to an earlier phrase. */
const LAST_NOTES = 8

function between([least, most]: readonly [number, number], share: number): number {
  return least + (most - least) * share
}
