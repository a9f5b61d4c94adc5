import { type EventIndex, isTimeShift, shiftSteps } from '../language/events.js'
import { copyMoment, firstMoment, type Moment } from '../sampling/moment.js'
import { STEP_MS, type Steps } from '../units.js'

/** A point of history to go on from, and the events that were played from there to the next checkpoint. */
interface Checkpoint {
  readonly moment: Moment
  /** The network's state before the step at `moment`. */
  readonly state: Float32Array
  /** The events from `moment` on. */
  readonly events: EventIndex[]
}

/** An event that has become history, with the moment and the network's state before it. */
interface RecordedEvent {
  readonly moment: Moment
  readonly event: EventIndex
  readonly state: Float32Array
}

/**
 * Steps from one checkpoint to the next. With a longer distance going back gets slow (2 s of events are fed in up to 0.1 s);
 * a shorter one costs 25 KB more for each checkpoint.
 */
const CHECKPOINT_EVERY: Steps = 2000 / STEP_MS

/** Number of checkpoints, which reach 5 minutes back: fewer limit how often *again* can be repeated, more cost 25 KB each. */
const CHECKPOINTS = 150

/** The last minutes of history: checkpoints, and the events between them. The event lists grow; all else is allocated at once. */
export class Checkpoints {
  readonly #spare: Checkpoint[]
  /** The checkpoints of history, oldest first. */
  readonly #points: Checkpoint[] = []

  /** No checkpoints yet, for a network with `stateSize` floats of state. */
  constructor(stateSize: number) {
    this.#spare = Array.from({ length: CHECKPOINTS }, () => ({
      moment: firstMoment(0),
      state: new Float32Array(stateSize),
      events: [],
    }))
  }

  /**
   * Records an event as it becomes history. `save` writes to its argument the network's state before the event's step; it
   * is called only for a checkpoint.
   */
  record(moment: Moment, event: EventIndex, save: (target: Float32Array) => void): void {
    const point = this.#pointDue(moment)
    if (point) save(point.state)
    this.#points.at(-1)?.events.push(event)
  }

  /** Records an event whose state is at hand, as it becomes history. */
  recordEntry({ moment, event, state }: RecordedEvent): void {
    this.#pointDue(moment)?.state.set(state)
    this.#points.at(-1)?.events.push(event)
  }

  /** Removes the last `count` events that were recorded, because others come in their place. */
  retract(count: number): void {
    let left = count
    for (let point = this.#points.at(-1); point && left > 0; point = this.#points.at(-1)) {
      if (point.events.length > left) {
        point.events.length -= left
        return
      }
      left -= point.events.length
      this.#points.pop()
      this.#spare.push(point)
    }
  }

  /**
   * Goes back `steps` in history and forgets all that came after. Goes back to the end of an event, at least as far as
   * asked.
   * @returns the checkpoint to start from, whose events lead up to that point, valid until the next call; undefined (and
   * nothing is forgotten) if the checkpoints don't reach so far back
   */
  goBack(steps: Steps): Checkpoint | undefined {
    let back = 0
    for (let index = this.#points.length - 1; index >= 0; index--) {
      const point = this.#points[index]
      if (!point) break
      for (let end = point.events.length - 1; end >= 0; end--) {
        const event = point.events[end] ?? 0
        if (isTimeShift(event)) back += shiftSteps(event)
        if (back < steps) continue
        point.events.length = end
        this.#spare.push(...this.#points.splice(index + 1))
        return point
      }
    }
    return undefined
  }

  /** Forgets everything, for a new performance. */
  clear(): void {
    this.#spare.push(...this.#points.splice(0))
  }

  /** A new checkpoint at `moment`, without its state, if it is time for one. */
  #pointDue(moment: Moment): Checkpoint | undefined {
    const last = this.#points.at(-1)
    const isDue =
      !last || moment.clock - last.moment.clock >= CHECKPOINT_EVERY || moment.clock < last.moment.clock
    // A note-on that waits for room belongs neither to the events before the moment nor to those after it.
    if (!isDue || moment.waiting >= 0) return undefined
    const point = this.#spare.pop() ?? this.#points.shift()
    if (!point) return undefined
    copyMoment(moment, point.moment)
    point.events.length = 0
    this.#points.push(point)
    return point
  }
}
