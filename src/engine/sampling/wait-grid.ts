import { EVENT_COUNT, MAX_SHIFT, NOTE_OFF, TIME_SHIFT, VELOCITY } from '../language/events.js'
import type { Steps } from '../units.js'

/** For each length of a wait at a moment, where on a grid it should end instead. A length of 0 is no wait at all. */
export interface WaitGrid {
  /** The share, 0-1, of each wait's probability that is moved. */
  readonly share: number
  /** The next shorter length that ends on the grid, by length, [101]; -1 where there is none. */
  readonly shorter: Int16Array
  /** The next longer one, [101]; the same as the length itself where a wait may stay as it is. */
  readonly longer: Int16Array
  /** The share of what is moved that goes to the longer one, by length, [101]. */
  readonly longerShare: Float64Array
  /** The wait to the next point of a grid from a moment beside it, where no note should be struck; 0 on the grid. */
  readonly postpone: Steps
  /** The share, 0-1, of the probability of those notes that goes to that wait. */
  readonly postponed: number
}

/**
 * What happens at a moment may become so many times likelier because a wait before it would have been too short for the grid: with
 * less, fast music loses notes to a coarse grid; with more, notes are struck together that the network finds unlikely.
 */
const MOST_JOINED = 8

/**
 * Moves the probabilities of waits to the ends that `grid` has for them, as far as `allowed` [388] has room, so that the mean
 * length stays as it was. What would be no wait makes all else likelier that may happen now. `probabilities` [388] keep their sum.
 * Allocates nothing.
 * @param shortest waits of fewer steps are impossible; above 0 nothing else than a wait is possible
 */
export function moveWaits(
  probabilities: Float64Array,
  allowed: Uint8Array,
  grid: WaitGrid,
  shortest: Steps,
): void {
  const { share, shorter, longer, longerShare } = grid
  const others = shortest > 0 ? 0 : massOfOthers(probabilities)
  const least = Math.max(1, shortest)
  const room = grid.postpone > 0 ? 0 : MOST_JOINED * others
  let joined = 0
  // From the longest on: a wait that was moved to a longer one isn't moved again.
  for (let length = MAX_SHIFT; length >= 1; length--) {
    const own = probabilities[waitOf(length)]!
    if (own === 0 || longer[length] === length) continue
    const more = Math.min(longer[length]!, MAX_SHIFT)
    const less = shorter[length]!
    const canMore = more > length && allowed[waitOf(more)] === 1
    const canLess = less === 0 ? joined < room : less >= least && allowed[waitOf(less)] === 1
    if (!canLess && !canMore) continue
    const moved = own * share
    const wanted = canMore ? moved * (1 - longerShare[length]!) : moved
    const toLess = !canLess ? 0 : less === 0 ? Math.min(wanted, room - joined) : wanted
    const toMore = canMore ? moved - toLess : 0
    probabilities[waitOf(length)] = Math.max(0, own - toLess - toMore)
    if (toMore > 0) probabilities[waitOf(more)]! += toMore
    if (less === 0) joined += toLess
    else if (toLess > 0) probabilities[waitOf(less)]! += toLess
  }
  if (joined > 0) scaleOthers(probabilities, 1 + joined / others)
  postpone(probabilities, allowed, grid)
}

/** Moves notes from beside the grid to a wait up to its next point. */
function postpone(probabilities: Float64Array, allowed: Uint8Array, grid: WaitGrid): void {
  if (grid.postpone === 0 || grid.postpone > MAX_SHIFT || allowed[waitOf(grid.postpone)] === 0) return
  let moved = 0
  for (let event = 0; event < EVENT_COUNT; event++) {
    if (event >= NOTE_OFF && event < VELOCITY) continue
    const mass = grid.postponed * probabilities[event]!
    probabilities[event]! -= mass
    moved += mass
  }
  probabilities[waitOf(grid.postpone)]! += moved
}

function waitOf(length: Steps): number {
  return TIME_SHIFT + length - 1
}

function massOfOthers(probabilities: Float64Array): number {
  let mass = 0
  for (let event = 0; event < TIME_SHIFT; event++) mass += probabilities[event]!
  for (let event = VELOCITY; event < EVENT_COUNT; event++) mass += probabilities[event]!
  return mass
}

function scaleOthers(probabilities: Float64Array, factor: number): void {
  for (let event = 0; event < TIME_SHIFT; event++) probabilities[event]! *= factor
  for (let event = VELOCITY; event < EVENT_COUNT; event++) probabilities[event]! *= factor
}
