import type { Chord, ChordSpan, Progression } from '../language/chords.js'
import { lengthOf } from '../language/chords.js'
import { beatAt, type Pulse, timeOf } from '../language/pulse.js'
import type { ChordPlace, ShownChord } from '../surface/snapshot.js'
import { type Ms, STEP_MS, type Steps } from '../units.js'

/** A progression with the place in the song at which it begins. */
interface Begun {
  readonly progression: Progression
  /** In quarter notes of the song. */
  readonly from: number
  /** Length of the progression, and where each of its chords ends, in quarter notes. */
  readonly length: number
  readonly ends: readonly number[]
  /** Its chords as they are shown. */
  readonly shown: readonly ShownChord[]
}

/** A place in a progression. */
export interface ChordAt {
  readonly span: ChordSpan
  /** Its number among the spans. */
  readonly index: number
  /** The steps from which on, and before which, it is in force. */
  readonly since: Steps
  readonly until: Steps
}

/**
 * A progression that is given this little after the beginning of a bar, in quarter notes, begins with that bar: the first bar
 * of the song has begun when the music knows about it. More would cut the first chord, less lets it wait for a whole bar.
 */
const LATE = 0.1

/** A pulse whose place differs by more than this, in quarter notes, from the one before belongs to a song begun anew. */
const JUMP = 1

/** Places kept: the 5 s to come have fewer chords, unless they change on every half beat. More take longer to look through. */
const KEPT = 16

/** Changes and places are compared with this tolerance, in quarter notes, as their sums carry binary rounding errors. */
const ROUNDING = 1e-6

/**
 * The chords that the music keeps to: those of a progression, by the beat, or else the one that the player has played last
 * (a latch), which comes first. A chord is in force at each step from half a step before its time on: notes that are placed
 * on its beat belong to it. Depends on nothing but what it was told, so that each step of the plan has one chord whenever it
 * is drawn.
 */
export class ChordsInForce {
  #begun: Begun | null = null
  /** The progression that is in force until the newest begins. */
  #before: Begun | null = null
  /** Whether the newest progression waits for a pulse to begin with. */
  #isWaiting = false
  /** The beat as it was told, and as it lies among the steps of the plan. */
  #pulse: Pulse | null = null
  #planned: Pulse | null = null
  #lead: Ms = 0
  #latched: Chord | null = null
  /** The places that were asked for last: each moment asks for those of the seconds to come. */
  readonly #found: ChordAt[] = []

  /** The progression that was given last; null for none. */
  get progression(): Progression | null {
    return this.#begun?.progression ?? null
  }

  get latched(): Chord | null {
    return this.#latched
  }

  /** Whether any chord may be in force, now or later. */
  get isGiven(): boolean {
    return this.#begun !== null || this.#latched !== null
  }

  /**
   * Takes over a progression, which begins with the next bar after plan time `now`, and until then leaves the one before in
   * force; null ends it at once.
   * @returns whether the chords change with it
   */
  give(progression: Progression | null, now: Ms): boolean {
    const isNew = progression !== null || this.#begun !== null
    this.#before = progression === null || this.#isWaiting ? null : this.#begun
    this.#begun = progression && begun(progression, 0)
    this.#isWaiting = progression !== null
    if (this.#pulse) this.#begin(this.#pulse, now)
    this.#found.length = 0
    return isNew
  }

  /** The beat of the song from now on; `now` is the plan time up to which everything has been sent. */
  follow(pulse: Pulse | null, now: Ms): void {
    const before = this.#pulse
    this.#pulse = pulse
    this.#plan()
    if (!pulse || !this.#begun) return
    if (this.#isWaiting) this.#begin(pulse, now)
    // A song that begins anew begins with its first chord.
    else if (!before || Math.abs(beatAt(pulse, now) - beatAt(before, now)) > JUMP) {
      this.#before = null
      this.#begun = { ...this.#begun, from: 0 }
    }
  }

  /** Notes are heard this much later than they are planned, so that a chord's notes are planned this much before it. */
  set lead(lead: Ms) {
    if (lead === this.#lead) return
    this.#lead = lead
    this.#plan()
  }

  /** The player has played a chord; null for none any more. @returns whether that is another than before */
  latch(chord: Chord | null): boolean {
    const before = this.#latched
    if (before?.tones === chord?.tones && before?.bass === chord?.bass) return false
    this.#latched = chord
    return true
  }

  /** The chord in force at step `clock`; null where none is, or all notes go. */
  at(clock: Steps): Chord | null {
    return this.#latched ?? this.placeAt(clock)?.span.chord ?? null
  }

  /** The step from which on the chord that is in force at step `clock` has been so; -Infinity for always. */
  since(clock: Steps): Steps {
    return this.#latched ? Number.NEGATIVE_INFINITY : (this.placeAt(clock)?.since ?? Number.NEGATIVE_INFINITY)
  }

  /** The next step after `clock` at which another chord may be in force; Infinity for none. */
  changeAfter(clock: Steps): Steps {
    if (this.#latched || !this.#begun || !this.#planned) return Number.POSITIVE_INFINITY
    return this.placeAt(clock)?.until ?? stepOf(this.#planned, this.#begun.from)
  }

  /** The place in the progression at step `clock`; null before it begins, and where there is none or no beat. */
  placeAt(clock: Steps): ChordAt | null {
    if (!this.#begun || !this.#planned) return null
    for (const found of this.#found) if (found.since <= clock && clock < found.until) return found
    const beat = beatAt(this.#planned, (clock + 0.5) * STEP_MS) + ROUNDING
    const isBegun = beat >= this.#begun.from
    const playing = isBegun ? this.#begun : this.#before
    if (!playing) return null
    const place = placeIn(playing, this.#planned, beat, isBegun ? Number.POSITIVE_INFINITY : this.#begun.from)
    if (this.#found.length === KEPT) this.#found.shift()
    this.#found.push(place)
    return place
  }

  /**
   * The chords as control surfaces show them at plan time `now`; null where there are none. Of two progressions the newer is
   * shown, even before it begins.
   */
  shown(now: Ms): ChordPlace | null {
    if (!this.isGiven) return null
    const latched = this.#latched?.symbol ?? null
    const place = { latched, chords: this.#begun?.shown ?? [], current: null, beatsLeft: null }
    if (!this.#begun || !this.#planned) return place
    const clock = Math.floor((now - this.#lead) / STEP_MS)
    const start = stepOf(this.#planned, this.#begun.from)
    const found = clock < start ? null : this.placeAt(clock)
    const beats = (((found?.until ?? start) - clock) * STEP_MS) / this.#planned.beatMs
    return { ...place, current: found?.index ?? null, beatsLeft: Math.ceil(beats) }
  }

  #plan(): void {
    this.#planned = this.#pulse && { ...this.#pulse, at: this.#pulse.at - this.#lead }
    this.#found.length = 0
  }

  /** Places the newest progression at the next bar after plan time `now`. */
  #begin(pulse: Pulse, now: Ms): void {
    if (!this.#begun) return
    const { progression } = this.#begun
    const bars = (beatAt(pulse, now) - LATE) / progression.beatsPerBar
    this.#begun = { ...this.#begun, from: Math.ceil(bars) * progression.beatsPerBar }
    this.#isWaiting = false
  }
}

function begun(progression: Progression, from: number): Begun {
  let end = 0
  const ends: number[] = []
  const shown: ShownChord[] = []
  for (const { chord, beats } of progression.spans) {
    const bar = Math.floor((end + ROUNDING) / progression.beatsPerBar) + 1
    shown.push({ symbol: chord?.symbol ?? 'N.C.', bar })
    end += beats
    ends.push(end)
  }
  return { progression, from, length: lengthOf(progression), ends, shown }
}

/** The place at `beat` of the song; the progression is in force up to beat `last`. */
function placeIn(
  { progression, from, length, ends }: Begun,
  pulse: Pulse,
  beat: number,
  last: number,
): ChordAt {
  const round = Math.floor((beat - from) / length)
  const start = from + round * length
  const found = ends.findIndex((end) => beat - start < end)
  const index = found < 0 ? ends.length - 1 : found
  const span = progression.spans[index]!
  const end = start + ends[index]!
  return {
    span,
    index,
    since: stepOf(pulse, end - span.beats),
    until: stepOf(pulse, Math.min(end, last)),
  }
}

/** The first step at which what begins at `beat` is in force. */
function stepOf(pulse: Pulse, beat: number): Steps {
  return Math.ceil(timeOf(pulse, beat - ROUNDING) / STEP_MS - 0.5)
}
