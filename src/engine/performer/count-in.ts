import type { Controls } from '../controls/controls.js'
import { DRUM_CHANNEL } from '../controls/parts.js'
import type { TimedMessage } from '../language/messages.js'
import type { Arrival } from '../surface/inputs.js'
import { MINUTE_MS, type Ms, type NoteId, type Pitch, type Velocity } from '../units.js'

/** The woodblocks of General MIDI: the high one on the first beat of a bar, the low one on the others. */
const BAR_CLICK: Pitch = 76
const BEAT_CLICK: Pitch = 77
const BAR_VELOCITY: Velocity = 110
const BEAT_VELOCITY: Velocity = 85

/** How long a click's key is down. Shorter, some samplers leave it out; longer, it runs into the next of a fast count. */
const CLICK_MS: Ms = 50

/**
 * The first click comes so long after the command. Less: a drummer who plays along may learn of it too late to begin with the pianist.
 * More: it seems not to have been heard.
 */
const LEAD_MS: Ms = 100

/** The clicks before the music: a *play* waits for as many bars as the control `countIn` says. Times are process time. Never throws. */
export interface CountIn {
  /**
   * Receives what comes in. A *play* of a player begins the count; while it lasts, *pause*, *end*, a panic and the band's own start end it,
   * and another *play* changes nothing.
   * @returns whether `arrival` was for the count alone, so that nothing else is to be done with it
   */
  take(arrival: Arrival): boolean
  /** Emits the clicks due up to `limit`. @returns the *play* and its exact time, once that is due by `limit` */
  advance(limit: Ms): { readonly arrival: Arrival; readonly at: Ms } | undefined
  /** When the next click, or the music, is due; Infinity where none is counted. */
  readonly next: Ms
  /** The beats that are left at `now`, the current one included; null where none is counted. */
  left(now: Ms): number | null
}

export interface CountInOptions {
  /** The controls in force, for tempo, bars and beats of a bar. */
  readonly controls: () => Controls
  /** Whether a *play* now begins music that stands still, on a beat of Rubato's own. */
  readonly mayCount: () => boolean
  /** Receives the clicks; without it the count is silent, because another performer clicks. */
  readonly emit?: ((message: TimedMessage) => void) | undefined
  /** The id of the first click; the next ones count up. */
  readonly firstId: NoteId
}

/** A count under way. */
interface Count {
  readonly arrival: Arrival
  readonly first: Ms
  readonly beatMs: Ms
  readonly beats: number
  readonly beatsPerBar: number
  /** How many clicks were emitted. */
  clicked: number
}

/** A count-in of which none is under way. */
export function createCountIn({ controls, mayCount, emit, firstId }: CountInOptions): CountIn {
  let count: Count | null = null
  let id = firstId

  const clickAt = ({ first, beatMs }: Count, beat: number): Ms => first + beat * beatMs

  function begin(arrival: Arrival): void {
    const { countIn, beatsPerBar, tempo } = controls()
    const beats = countIn * beatsPerBar
    count = {
      arrival,
      first: arrival.at + LEAD_MS,
      beatMs: MINUTE_MS / tempo,
      beats,
      beatsPerBar,
      clicked: 0,
    }
  }

  function take(arrival: Arrival): boolean {
    if (arrival.kind === 'heard') {
      if (arrival.message.kind === 'transport') count = null
      return false
    }
    const { type } = arrival.command
    if (count !== null) {
      if (type === 'play') return true
      if (type !== 'pause' && type !== 'end' && type !== 'panic') return false
      count = null
      return type !== 'panic'
    }
    // A *play* that nobody asked for makes a performer go on that was replaced.
    if (type !== 'play' || arrival.by === undefined || controls().countIn === 0 || !mayCount()) return false
    begin(arrival)
    return true
  }

  function click(due: Ms, isBar: boolean): void {
    emit?.({
      kind: 'note-on',
      due,
      mustEnd: due + CLICK_MS,
      id: id++,
      channel: DRUM_CHANNEL - 1,
      pitch: isBar ? BAR_CLICK : BEAT_CLICK,
      velocity: isBar ? BAR_VELOCITY : BEAT_VELOCITY,
    })
  }

  function advance(limit: Ms): { arrival: Arrival; at: Ms } | undefined {
    if (count === null) return undefined
    for (; count.clicked < count.beats && clickAt(count, count.clicked) <= limit; count.clicked++)
      click(clickAt(count, count.clicked), count.clicked % count.beatsPerBar === 0)
    const at = clickAt(count, count.beats)
    if (at > limit) return undefined
    const { arrival } = count
    count = null
    return { arrival, at }
  }

  return {
    take,
    advance,
    get next() {
      return count === null ? Number.POSITIVE_INFINITY : clickAt(count, count.clicked)
    },
    left: (now) => {
      if (count === null) return null
      const passed = Math.floor((now - count.first) / count.beatMs)
      return count.beats - Math.min(count.beats - 1, Math.max(0, passed))
    },
  }
}
