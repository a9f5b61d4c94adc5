import { MAX_SHIFT, NOTE_OFF, TIME_SHIFT, VELOCITY } from '../language/events.js'
import type { Steps } from '../units.js'

/** For each length of a wait at a moment, where on a grid it should end instead. Lengths of 0 are no wait at all. */
export interface WaitGrid {
  /** The share, 0-1, of each wait's probability that is moved. */
  readonly strength: number
  /** The next shorter length that ends on the grid, by length, [101]; -1 where there is none. */
  readonly shorter: Int16Array
  /** The next longer one, [101]; the same as the length itself where a wait may stay as it is. */
  readonly longer: Int16Array
  /** The share that goes to the longer one, by length, [101]. */
  readonly longerShare: Float64Array
  /** The wait to the next point of a grid from a moment beside it, where no note should be struck; 0 on the grid. */
  readonly postpone: Steps
}

/**
 * A note may become so many times likelier because a wait before it would have been too short for the grid: with less, fast music
 * loses notes to a coarse grid; with more, notes are struck together that the network finds unlikely.
 */
const MOST_JOINED = 8

/**
 * Moves the probabilities of waits to the ends that `grid` has for them, as far as `allowed` [388] has room, so that the mean
 * length stays as it was. What would be no wait becomes a note now. `probabilities` [388] keep their sum. Allocates nothing.
 * @param shortest waits of fewer steps are impossible; above 0 nothing else than a wait is possible
 */
export function moveWaits(
  probabilities: Float64Array,
  allowed: Uint8Array,
  grid: WaitGrid,
  shortest: Steps,
): void {
  const { strength, shorter, longer, longerShare } = grid
  const isOpen = (length: Steps) =>
    length >= shortest && length <= MAX_SHIFT && length > 0 && allowed[TIME_SHIFT + length - 1] === 1
  let room = shortest === 0 && grid.postpone === 0 ? MOST_JOINED * massOfNotes(probabilities) : 0
  const struck = room / MOST_JOINED
  let joined = 0
  for (let length = MAX_SHIFT; length >= 1; length--) {
    const own = probabilities[TIME_SHIFT + length - 1]!
    if (own === 0 || longer[length] === length) continue
    const [less, more] = [shorter[length]!, Math.min(longer[length]!, MAX_SHIFT)]
    const mayJoin = less === 0 && room > 0
    const canLess = mayJoin || isOpen(less)
    const canMore = isOpen(more)
    if (!canLess && !canMore) continue
    const moved = own * strength
    let toLess = canMore ? (canLess ? moved * (1 - longerShare[length]!) : 0) : moved
    if (mayJoin) {
      toLess = Math.min(toLess, room)
      room -= toLess
      joined += toLess
    } else if (toLess > 0) add(probabilities, less, toLess)
    const toMore = canMore ? moved - toLess : 0
    if (toMore > 0) add(probabilities, more, toMore)
    add(probabilities, length, -toLess - toMore)
  }
  if (joined > 0) scaleNotes(probabilities, 1 + joined / struck)
  if (grid.postpone > 0 && shortest === 0 && isOpen(grid.postpone)) {
    const moved = strength * massOfNotes(probabilities)
    scaleNotes(probabilities, 1 - strength)
    add(probabilities, grid.postpone, moved)
  }
}

function add(probabilities: Float64Array, length: Steps, mass: number): void {
  const shift = TIME_SHIFT + length - 1
  probabilities[shift] = Math.max(0, probabilities[shift]! + mass)
}

/** The mass of note-ons, and of the velocities before them. */
function massOfNotes(probabilities: Float64Array): number {
  let mass = 0
  for (let event = 0; event < NOTE_OFF; event++) mass += probabilities[event]!
  for (let event = VELOCITY; event < probabilities.length; event++) mass += probabilities[event]!
  return mass
}

function scaleNotes(probabilities: Float64Array, factor: number): void {
  for (let event = 0; event < NOTE_OFF; event++) probabilities[event] = probabilities[event]! * factor
  for (let event = VELOCITY; event < probabilities.length; event++)
    probabilities[event] = probabilities[event]! * factor
}
