import { balanced } from '../src/engine/ensemble/modes/duet-listening.js'
import type { Note } from '../src/engine/language/performance.js'
import type { Ms } from '../src/engine/units.js'

/** A note of the pianist's. */
export interface Struck {
  readonly at: Ms
  readonly pitch: number
  readonly velocity: number
}

/** Windows in which density and loudness are compared, and how much later the pianist's are than the player's. */
const WINDOW_MS: Ms = 4000
const LAG_MS: Ms = 2000

/** A window in which the player strikes nothing for this long is left out: there the pianist fills a pause. */
const PAUSE_MS: Ms = 2000

/** The steering may take so long: a note may be in the chord that sounded so long before it. */
const STEERING_MS: Ms = 40

/** Where one pitch class sounds by itself, those struck in this time are the chord. */
const BROKEN_MS: Ms = 2000

/** A note steps into the chord if the next one is in it, a step away, and comes within this time. */
const STEP_MS: Ms = 600

/** How far the pianist keeps to the player, over a stretch. */
export interface Following {
  readonly asked: number
  readonly played: number
  /** Share of the windows in which the density is within a factor of 1.5 of what balance asks for, and the middle ratio. */
  readonly withinShare: number
  readonly medianRatio: number
  readonly loudness: number
  readonly playerLoudness: number
  /** Mean distance of the loudness in windows. */
  readonly loudnessOff: number
  /** Shares of notes in the chord, and in it or a step before it. */
  readonly inChord: number
  readonly inOrStepping: number
  /** Mean number of pitch classes of the chords. */
  readonly chordSize: number
}

const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / Math.max(1, values.length)
const median = (values: readonly number[]) =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN

/**
 * Compares the notes that a pianist `played` in a duet with those of the `player`, from `from` to `to` ms. The density that
 * `balance` asks for is worked out from the player's notes in each window of 4 s, and what was played is counted 2 s later.
 */
export function following(
  player: readonly Note[],
  played: readonly Struck[],
  balance: number,
  from: Ms,
  to: Ms,
): Following {
  const ratios: number[] = []
  const loudnessOff: number[] = []
  const sums = { asked: 0, played: 0, windows: 0 }
  for (let at = from; at + LAG_MS + WINDOW_MS <= to; at += LAG_MS) {
    const heard = player.filter(({ start }) => start >= at && start < at + WINDOW_MS)
    const own = played.filter((note) => note.at >= at + LAG_MS && note.at < at + LAG_MS + WINDOW_MS)
    if (pauses([at, ...heard.map(({ start }) => start), at + WINDOW_MS])) continue
    const asked = balanced((1000 * heard.length) / WINDOW_MS, balance)
    const density = (1000 * own.length) / WINDOW_MS
    sums.asked += asked
    sums.played += density
    sums.windows++
    ratios.push(density / asked)
    if (own.length > 0) loudnessOff.push(Math.abs(velocityOf(own) - velocityOf(heard)))
  }
  // Where nothing sounds and nothing was struck lately, there is no chord to be in.
  const notes = played.filter(({ at }) => at >= from && at < to && chordAt(player, at).size > 0)
  const inChord = notes.map(({ at, pitch }) => isInChord(player, at, pitch))
  const stepping = notes.map((note, n) => {
    const next = notes.findIndex(({ at }, m) => m > n && at > note.at)
    return notes.some(
      ({ at, pitch }, m) =>
        m >= next &&
        next >= 0 &&
        at === notes[next]?.at &&
        at - note.at <= STEP_MS &&
        inChord[m] &&
        Math.abs(pitch - note.pitch) <= 2,
    )
  })
  const share = (values: readonly boolean[]) =>
    (100 * values.filter(Boolean).length) / Math.max(1, values.length)
  return {
    asked: sums.asked / sums.windows,
    played: sums.played / sums.windows,
    withinShare: share(ratios.map((ratio) => ratio <= 1.5 && ratio >= 1 / 1.5)),
    medianRatio: median(ratios),
    loudness: velocityOf(notes),
    playerLoudness: velocityOf(player.filter(({ start }) => start >= from && start < to)),
    loudnessOff: mean(loudnessOff),
    inChord: share(inChord),
    inOrStepping: share(inChord.map((isIn, n) => isIn || stepping[n] === true)),
    chordSize: mean(notes.map(({ at }) => chordAt(player, at).size)),
  }
}

function velocityOf(notes: readonly { readonly velocity: number }[]): number {
  return mean(notes.map(({ velocity }) => velocity))
}

function pauses(times: readonly Ms[]): boolean {
  return times.some((at, n) => n > 0 && at - (times[n - 1] ?? at) >= PAUSE_MS)
}

function isInChord(player: readonly Note[], at: Ms, pitch: number): boolean {
  return chordAt(player, at).has(pitch % 12) || chordAt(player, at - STEERING_MS).has(pitch % 12)
}

/** The pitch classes of the player's that sound at `at`; where there is only one, with those struck in the 2 s before. */
function chordAt(player: readonly Note[], at: Ms): Set<number> {
  const sounding = player.filter(({ start, end }) => start <= at && end > at)
  const chord = new Set(sounding.map(({ pitch }) => pitch % 12))
  if (chord.size > 1) return chord
  const lately = player.filter(({ start }) => start <= at && start > at - BROKEN_MS)
  return new Set([...chord, ...lately.map(({ pitch }) => pitch % 12)])
}
