import type { Beat } from '../surface/snapshot.js'
import { MINUTE_MS, type Ms } from '../units.js'

/** The length of a beat where no beat has been heard yet: 120 beats a minute, the tempo of a MIDI file that names none. */
const DEFAULT_BEAT_MS: Ms = 500

/** The beats of a bar where none are known. */
const DEFAULT_BAR = 4

/**
 * The map bends when it is off the band's beat by more than this, or its tempo by more than this share. Smaller limits fill
 * a file with tempo changes for the jitter of a clock; larger ones show in a DAW's grid, and lose part of the 2 ms within
 * which a band is together.
 */
const PLACE_TOLERANCE_MS: Ms = 0.3
const TEMPO_TOLERANCE = 1e-3

/** A larger deviation is made good at once. Less: the tempo leaps for jitter. More: notes are further off the grid than a band is apart. */
const LARGEST_OFF_MS: Ms = 1

/**
 * A tempo of Rubato's own changes a commit horizon, at most 100 ms, after the report that has the new tempo. With a shorter time a change of tempo that
 * is yet to come is taken for a leap; with a longer one a leap is taken for a change that is to come.
 */
const LATEST_TURN_MS: Ms = 100

/** The time in which a small deviation is made good. Shorter: jitter becomes tempo. Longer: the grid is off for as long. */
const CONVERGE_MS: Ms = 400

/**
 * A beat that is further ahead of where it was expected, or further behind, in beats, belongs to another song, or the song has jumped. Less takes
 * the correction of a clock that stumbled for a jump, which costs the file a bar of odd length; more bends the tempo over what is a jump. Behind,
 * it is less, because the tempo can't fall far without falling below what DAWs take.
 */
const JUMP_AHEAD_BEATS = 0.3
const JUMP_BEHIND_BEATS = 0.1

/**
 * A note this little before a song begins, in beats, is on its first beat: a slow machine may send the first stroke and then begin the song a
 * moment later. More would move notes that are an upbeat; less puts a leap of tempo before the first bar of such a file.
 */
const EARLY_BEATS = 0.05

/** Bars of odd length, where a song begins anew, last a whole number of sixteenths: finer values not every DAW can read. */
const SIXTEENTHS = 4

/** Times shorter than this don't count: they are what rounding leaves. */
const SLACK_MS: Ms = 0.01

/**
 * The least time in which the file gets to a song's place, and the longest beat on the way. With less time the tempo would leap beyond what DAWs
 * take (some 999 beats a minute); with a longer beat it would fall below what they take (20).
 */
const LEAST_JOIN_MS: Ms = 25
const SLOWEST_BEAT_MS: Ms = 3000

/** A stretch of one tempo: from process time `at`, place `beat` of the file, a beat lasts `beatMs`. */
export interface TempoStretch {
  readonly at: Ms
  readonly beat: number
  readonly beatMs: Ms
}

/** From place `beat` of the file on, a bar has `sixteenths`. */
export interface Meter {
  readonly beat: number
  readonly sixteenths: number
}

/** The band's beat as it was at process time `at`; a beat without a position, or null, is no song. */
export interface BeatReport {
  readonly at: Ms
  readonly beat: Pick<Beat, 'tempo' | 'position'> | null
  /** Quarter notes of a bar. */
  readonly beatsPerBar: number
}

/**
 * Where process times lie among the beats and bars of a file: tempo and bars are those of the band while its song runs.
 * Where there is no song, the last tempo goes on, or 120 beats a minute. Where a song begins after other music, the bar
 * before it is of odd length, so that the song's bars are bars of the file. Never throws.
 */
export interface TempoMap {
  /** Reports come in order of time. One without news takes constant time and no memory. */
  report(report: BeatReport): void
  /**
   * The file begins: at `at`, or where a song runs then, with the bar in which `at` lies. Do this once. A song that began between the
   * last report and `after`, the first one later than `at`, is known by that.
   */
  begin(at: Ms, after?: BeatReport): void
  /** Nothing up to `at` changes any more, whatever is reported later. */
  settle(at: Ms): void
  /** The time up to which places are final: that of the last report. */
  readonly settledTo: Ms
  /** The place of `at` in the file, in beats; 0 for times before its beginning. */
  beatAt(at: Ms): number
  readonly stretches: readonly TempoStretch[]
  readonly meters: readonly Meter[]
}

/** A line through a time and a place: the place of the band's song, or of the file. */
type Line = TempoStretch

function beatOn({ at, beat, beatMs }: Line, time: Ms): number {
  return beat + (time - at) / beatMs
}

/** When two lines meet; undefined if their tempo is the same. */
function meeting(a: Line, b: Line): Ms | undefined {
  const turn = 1 / a.beatMs - 1 / b.beatMs
  return Math.abs(turn * a.beatMs) < TEMPO_TOLERANCE / 2
    ? undefined
    : a.at + (beatOn(b, a.at) - a.beat) / turn
}

function songOf({ at, beat }: BeatReport): Line | null {
  if (beat === null || beat.position === null) return null
  return { at, beat: beat.position, beatMs: MINUTE_MS / beat.tempo }
}

function modulo(value: number, by: number): number {
  return value - by * Math.floor(value / by)
}

/** The beats from the beginning of a song's bar to `at`: what is a hair before a bar counts as the bar itself. */
function sinceBar(song: Line, at: Ms, beatsPerBar: number): number {
  const since = modulo(beatOn(song, at), beatsPerBar)
  return (beatsPerBar - since) * song.beatMs < SLACK_MS ? since - beatsPerBar : since
}

/** A map without a song, whose file hasn't begun. */
export function createTempoMap(): TempoMap {
  return new BandTempoMap()
}

class BandTempoMap implements TempoMap {
  readonly stretches: TempoStretch[] = []
  readonly meters: Meter[] = []
  settledTo: Ms = Number.NEGATIVE_INFINITY
  /** The song in its own beats as last reported; null while none runs. */
  #song: Line | null = null
  /** How many beats the file is ahead of the song. */
  #offset = 0
  #bar = DEFAULT_BAR
  #begun = false

  report(told: BeatReport): void {
    const { at, beatsPerBar } = told
    const last = this.#song
    const next = songOf(told)
    if (this.#begun && next !== null) {
      const jumped = last === null || beatsPerBar !== this.#bar ? undefined : this.#barsJumped(last, next)
      if (jumped === undefined) this.#join(next, beatsPerBar)
      else {
        this.#offset -= jumped * beatsPerBar
        this.#follow(next)
      }
    }
    this.#song = next
    this.#bar = beatsPerBar
    this.settle(at)
  }

  begin(at: Ms, after?: BeatReport): void {
    this.#begun = true
    const later = after === undefined || this.#song !== null ? null : songOf(after)
    if (after !== undefined && later !== null && beatOn(later, at) >= -EARLY_BEATS) {
      this.#song = later
      this.#bar = after.beatsPerBar
    }
    this.meters.push({ beat: 0, sixteenths: this.#bar * SIXTEENTHS })
    const song = this.#song
    const place = song === null ? -1 : beatOn(song, at)
    if (song !== null && place >= -EARLY_BEATS) {
      const since = place < 0 ? place : sinceBar(song, at, this.#bar)
      this.#offset = since - place
      this.stretches.push({ at: at - since * song.beatMs, beat: 0, beatMs: song.beatMs })
    } else {
      this.stretches.push({ at, beat: 0, beatMs: DEFAULT_BEAT_MS })
      const reported = this.settledTo
      this.settledTo = at
      if (song !== null) this.#join(song, this.#bar)
      this.settle(reported)
    }
    this.settle(at)
  }

  settle(at: Ms): void {
    this.settledTo = Math.max(this.settledTo, at)
  }

  beatAt(at: Ms): number {
    const on = this.stretches.findLast((stretch) => stretch.at <= at) ?? this.stretches[0]
    return on === undefined ? 0 : Math.max(0, beatOn(on, at))
  }

  get #line(): TempoStretch {
    return this.stretches.at(-1) ?? { at: 0, beat: 0, beatMs: DEFAULT_BEAT_MS }
  }

  #bend(at: Ms, beatMs: Ms): void {
    const next = { at, beat: beatOn(this.#line, at), beatMs }
    if (at - this.#line.at < SLACK_MS && this.stretches.length > 0) this.stretches.pop()
    this.stretches.push(next)
  }

  /** Bends the file's line to the song, which has gone on as expected but for its tempo. */
  #follow(next: Line): void {
    const wanted: Line = { ...next, beat: next.beat + this.#offset }
    const off = (wanted.beat - beatOn(this.#line, next.at)) * next.beatMs
    const isSame = Math.abs(next.beatMs / this.#line.beatMs - 1) <= TEMPO_TOLERANCE
    if (Math.abs(off) <= PLACE_TOLERANCE_MS && isSame) return
    const from = Math.max(this.settledTo, this.#line.at)
    const turn = meeting(this.#line, wanted)
    if (turn !== undefined && turn >= from && turn <= next.at + LATEST_TURN_MS) {
      this.#bend(turn, next.beatMs)
      return
    }
    const isFar = Math.abs(off) > LARGEST_OFF_MS && next.at > from
    const to = isFar ? next.at : Math.max(next.at, from) + CONVERGE_MS
    const beats = beatOn(wanted, to) - beatOn(this.#line, from)
    this.#bend(from, beats > 0 ? (to - from) / beats : next.beatMs)
    if (isFar) this.#bend(to, next.beatMs)
  }

  /**
   * A song runs that the file's bars don't fit yet: it has begun, or jumped, between the last report and this one. Its bar becomes a bar of
   * the file, and what is left of the bar before is a bar of odd length.
   */
  #join(next: Line, beatsPerBar: number): void {
    // The song began at its place 0, if that lies after the last report.
    const from = Math.max(this.settledTo, this.#line.at)
    const start = next.at - next.beat * next.beatMs
    const at = start <= next.at ? Math.max(start, from + LEAST_JOIN_MS) : from + LEAST_JOIN_MS
    const { beat: since, sixteenths } = this.meters.at(-1) ?? {
      beat: 0,
      sixteenths: DEFAULT_BAR * SIXTEENTHS,
    }
    const passed = sinceBar(next, at, beatsPerBar)
    // In a file younger than the song's bar the next bar is the first of the song.
    const isYoung = beatOn(this.#line, at) - passed < since - 0.5 / SIXTEENTHS
    const ahead = isYoung ? beatsPerBar - passed : -passed
    let count = Math.round((beatOn(this.#line, at) + ahead - since) * SIXTEENTHS)
    while (since + count / SIXTEENTHS - ahead < beatOn(this.#line, from) + (at - from) / SLOWEST_BEAT_MS)
      count++
    const barAt = since + count / SIXTEENTHS
    // Up to the song's beginning, the file's beats are stretched so that its place fits a sixteenth.
    this.#bend(from, (at - from) / (barAt - ahead - beatOn(this.#line, from)))
    this.stretches.push({ at, beat: barAt - ahead, beatMs: next.beatMs })
    const odd = count % sixteenths
    if (odd > 0) this.#setMeter(barAt - odd / SIXTEENTHS, odd)
    this.#setMeter(barAt, beatsPerBar * SIXTEENTHS)
    this.#offset = barAt - ahead - beatOn(next, at)
  }

  #setMeter(beat: number, sixteenths: number): void {
    if (this.meters.at(-1)?.beat === beat) this.meters.pop()
    if (this.meters.at(-1)?.sixteenths !== sixteenths) this.meters.push({ beat, sixteenths })
  }

  /** By how many whole bars the song has jumped from `last` to `next`, usually 0; undefined if by anything else. */
  #barsJumped(last: Line, next: Line): number | undefined {
    const passed = next.at - last.at
    const least = passed / Math.max(last.beatMs, next.beatMs)
    const most = passed / Math.min(last.beatMs, next.beatMs)
    const gone = next.beat - last.beat
    const isUsual = (beats: number) => beats >= least - JUMP_BEHIND_BEATS && beats <= most + JUMP_AHEAD_BEATS
    if (isUsual(gone)) return 0
    const bars = Math.round((gone - (least + most) / 2) / this.#bar)
    return isUsual(gone - bars * this.#bar) ? bars : undefined
  }
}

/** What a report says of a later time. */
function heldTo({ beat, ...told }: BeatReport, at: Ms): BeatReport {
  if (beat === null || beat.position === null) return { ...told, beat, at }
  const position = beat.position + ((at - told.at) * beat.tempo) / MINUTE_MS
  return { ...told, beat: { tempo: beat.tempo, position }, at }
}

/** The map of a file that begins at `from`, from all that was reported, in order of time: a report holds until the next. */
export function tempoMapOf(reports: readonly BeatReport[], from: Ms): TempoMap {
  const map = createTempoMap()
  let last: BeatReport | undefined
  let begun = false
  for (const told of reports) {
    if (!begun && told.at > from) {
      map.begin(from, told)
      begun = true
    }
    // A moment is left in which the file gets to the place of another song.
    const before = told.at - LEAST_JOIN_MS
    if (begun && last !== undefined && last.at < before && from < before) map.report(heldTo(last, before))
    map.report(told)
    last = told
  }
  if (!begun) map.begin(from)
  return map
}

/**
 * The whole bars between two times: from the first bar that begins at `since` or after it, where a song runs then, to the end of the last
 * bar that is over by `until`, where one runs then. Where no bar is whole, all of the time.
 * @param reports in order of time
 */
export function wholeBars(reports: readonly BeatReport[], since: Ms, until: Ms): readonly [from: Ms, to: Ms] {
  let from = since
  for (const [index, told] of reports.entries()) {
    const next = reports[index + 1]
    // The report that was in force at `since`, and those up to the bar that it foretells: the tempo may change before that.
    if (next !== undefined && next.at <= since) continue
    if (told.at > from) break
    const song = songOf(told)
    if (song === null) continue
    const inBar = modulo(beatOn(song, Math.max(since, told.at)), told.beatsPerBar)
    const left = inBar * song.beatMs < SLACK_MS ? 0 : told.beatsPerBar - inBar
    from = Math.max(since, told.at) + left * song.beatMs
  }
  const last = reports.findLast(({ at }) => at <= until)
  const song = last === undefined ? null : songOf(last)
  if (last === undefined || song === null) return [from, Math.max(from, until)]
  const to = until - modulo(beatOn(song, until), last.beatsPerBar) * song.beatMs
  return to > from ? [from, to] : [since, until]
}
