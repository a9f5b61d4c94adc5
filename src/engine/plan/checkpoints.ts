import type { EventIndex } from '../language/events.js'
import { isTimeShift, shiftSteps } from '../language/events.js'
import { copyMoment, firstMoment, type Moment } from '../sampling/moment.js'
import { STEP_MS, type Steps } from '../units.js'

/** A state to go back to, and what was played from there to the next. */
export interface Checkpoint {
  readonly moment: Moment
  /** The network's state before the step at `moment`. */
  readonly state: Float32Array
  /** The events from `moment` on. */
  readonly events: EventIndex[]
}

/** The way back: states of the last minutes and the events between them. */
export interface Checkpoints {
  /** Notes an event as it becomes history; `save` writes the network's state before the event's step, when it is wanted. */
  record(moment: Moment, event: EventIndex, save: (target: Float32Array) => void): void
  /** Takes back the last `count` events noted: other ones come in their place. */
  retract(count: number): void
  /**
   * Goes back `steps` of what was played and forgets what came after. The point is the end of an event, not later than
   * asked; undefined when nothing is remembered that far back (then all is as before).
   * @returns the mark to start from, whose events lead up to the point; valid until the next call
   */
  goBack(steps: Steps): Checkpoint | undefined
  /** Forgets everything: a new performance. */
  clear(): void
}

/** A mark so often: rarer makes going back slow (2 s of events are fed in up to 0.1 s), denser costs 25 KB each. */
const MARK_EVERY: Steps = 2000 / STEP_MS
/** Marks kept: 5 minutes. */
const MARKS = 150

/** A memory of a network with `stateSize` floats of state. Allocates all marks now, only event lists grow later. */
export function createCheckpoints(stateSize: number): Checkpoints {
  const spare: Checkpoint[] = []
  const marks: Checkpoint[] = []
  for (let i = 0; i < MARKS; i++) {
    spare.push({ moment: firstMoment(0), state: new Float32Array(stateSize), events: [] })
  }

  function record(moment: Moment, event: EventIndex, save: (target: Float32Array) => void): void {
    const last = marks.at(-1)
    // A note that waits for room isn't in the moment's past nor future: no place to come back to.
    const due = !last || moment.clock - last.moment.clock >= MARK_EVERY || moment.clock < last.moment.clock
    if (due && moment.waiting < 0) {
      const mark = spare.pop() ?? marks.shift()
      if (!mark) return
      copyMoment(moment, mark.moment)
      save(mark.state)
      mark.events.length = 0
      marks.push(mark)
    }
    marks.at(-1)?.events.push(event)
  }

  function goBack(steps: Steps): Checkpoint | undefined {
    let back = 0
    for (let index = marks.length - 1; index >= 0; index--) {
      const mark = marks[index]
      if (!mark) break
      for (let end = mark.events.length - 1; end >= 0; end--) {
        const event = mark.events[end] ?? 0
        if (isTimeShift(event)) back += shiftSteps(event)
        if (back < steps) continue
        mark.events.length = end
        spare.push(...marks.splice(index + 1))
        return mark
      }
    }
    return undefined
  }

  function retract(count: number): void {
    let left = count
    for (let mark = marks.at(-1); mark && left > 0; mark = marks.at(-1)) {
      if (mark.events.length > left) {
        mark.events.length -= left
        return
      }
      left -= mark.events.length
      marks.pop()
      spare.push(mark)
    }
  }

  return {
    record,
    retract,
    goBack,
    clear: () => {
      spare.push(...marks.splice(0))
    },
  }
}
