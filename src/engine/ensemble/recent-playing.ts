import type { HeardMessage } from '../language/messages.js'
import type { Note } from '../language/performance.js'
import type { Ms, Pitch } from '../units.js'

/** The playing that is remembered: shorter takes a phrase for a habit, longer still knows what was played before something else. */
const REMEMBERED_MS: Ms = 60_000

/** Most notes that are remembered, more than hands play in that time: a flood of notes must not fill the memory. */
const MOST_NOTES = 2000

/**
 * A silence between two strikes counts as at most this: it lies between phrases, where another plays or nobody does. Shorter
 * makes slow playing faster than it was; longer makes whoever takes turns play sparsely.
 */
const LONGEST_SILENCE_MS: Ms = 2000

/** A note of the player's; start and end are on a clock of its own, on which silences are short. */
interface PlayedNote extends Note {
  end: Ms
}

/** A note that sounds, and what is to be added to plan time for the clock of its start. */
interface SoundingNote {
  readonly note: PlayedNote
  readonly offset: Ms
}

/**
 * What the player has played of late, as notes with their lengths: the last minute of playing, without its long silences.
 * Times that come in are plan time. Never throws.
 */
export class RecentPlaying {
  readonly #notes: PlayedNote[] = []
  readonly #sounding = new Map<Pitch, SoundingNote>()
  #offset: Ms = 0
  #struckAt: Ms = Number.NaN

  /** Number of notes. */
  get length(): number {
    return this.#notes.length
  }

  /** Adds a strike. One of a pitch that sounds ends that note. */
  strike({ at, pitch, velocity }: Extract<HeardMessage, { kind: 'note-on' }>): void {
    const silence = at - this.#struckAt
    if (silence > LONGEST_SILENCE_MS) this.#offset -= silence - LONGEST_SILENCE_MS
    this.#struckAt = at
    this.#end(pitch, at)
    const start = at + this.#offset
    const note = { pitch, velocity, start, end: start }
    this.#notes.push(note)
    this.#sounding.set(pitch, { note, offset: this.#offset })
    const old = this.#notes.findIndex((other) => other.start > start - REMEMBERED_MS)
    this.#notes.splice(0, Math.max(old, this.#notes.length - MOST_NOTES))
  }

  /** Ends at `at` the notes whose pitches are not among `held`, by key or pedal. */
  endAllBut(held: readonly Pitch[], at: Ms): void {
    for (const pitch of this.#sounding.keys()) if (!held.includes(pitch)) this.#end(pitch, at)
  }

  /** The notes, in the order in which they were struck; those that sound end at `now`. Allocates. */
  notesUntil(now: Ms): Note[] {
    const ends = new Map<Note, Ms>()
    for (const { note, offset } of this.#sounding.values()) ends.set(note, now + offset)
    return this.#notes.map((note) => ({ ...note, end: ends.get(note) ?? note.end }))
  }

  /** How often each pitch class C to B is among the last `most` notes, [12]. Allocates. */
  pitchClasses(most: number): Float64Array {
    const counts = new Float64Array(12)
    for (const { pitch } of this.#notes.slice(-most)) counts[pitch % 12] = counts[pitch % 12]! + 1
    return counts
  }

  forget(): void {
    this.#notes.length = 0
    this.#sounding.clear()
    this.#struckAt = Number.NaN
  }

  #end(pitch: Pitch, at: Ms): void {
    const sounding = this.#sounding.get(pitch)
    if (!sounding) return
    sounding.note.end = at + sounding.offset
    this.#sounding.delete(pitch)
  }
}
