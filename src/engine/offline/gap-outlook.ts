import type { StepNote } from '../language/performance.js'
import { layoutOf } from '../model/conditioning.js'
import { STEP_MS, type Steps } from '../units.js'
import type { Gap } from './gap.js'
import { comingNotes } from './performance-conditioning.js'

/**
 * How much of either side the music in a gap is imagined after. Less makes single rests and runs the rule; more mixes in
 * passages that lie too far away.
 */
const PASSAGE: Steps = 8000 / STEP_MS

/** A shorter passage says too little to be an example. */
const SHORTEST_PASSAGE: Steps = 1000 / STEP_MS

/**
 * What the network is told at each step from 0 on, as conditioning vectors one after another: how dense, how loud and in which
 * pitch classes the music goes on. Outside the gap that is known; inside it is imagined to turn little by little from what was
 * before the gap to what is after it. Where neither side has a passage to go by, nothing is asked for (null).
 * Throws Refused for a layout that the program doesn't know. Allocates.
 */
export function gapOutlook(gap: Gap, layout: string): Float32Array | null {
  const { size, fill } = layoutOf(layout)
  const imagined = imagine(gap)
  if (imagined.length === 0) return null
  const coming = comingNotes([...gap.left, ...imagined, ...gap.right])
  const count = gap.right.at(-1)!.start + 1
  const table = new Float32Array(count * size)
  for (let at = 0; at < count; at++) fill(table.subarray(at * size, (at + 1) * size), coming(at), at)
  return table
}

/** Notes for the gap: those of the sides mirrored into it, the left ones ever fewer, the right ones ever more. */
function imagine({ left, right, from, until, joint }: Gap): StepNote[] {
  const before = left.map((note) => ({ note, apart: from - note.start }))
  const after = right.map((note) => ({ note, apart: note.start - joint }))
  const leftLength = Math.min(PASSAGE, from)
  const rightLength = Math.min(PASSAGE, after.at(-1)?.apart ?? 0)
  const hasLeft = leftLength >= SHORTEST_PASSAGE
  const hasRight = rightLength >= SHORTEST_PASSAGE
  const length = until - from
  const shareOfRight = (at: Steps) => (!hasRight ? 0 : hasLeft ? (at - from) / length : 1)
  return [
    ...thinned(hasLeft ? repeated(before, leftLength, length, (d) => from + d) : [], (at) =>
      hasLeft ? 1 - shareOfRight(at) : 0,
    ),
    ...thinned(hasRight ? repeated(after, rightLength, length, (d) => until - 1 - d) : [], shareOfRight),
  ].sort((a, b) => a.start - b.start)
}

/** The notes less than `passage` away from the gap's edge, as often as they fit into `length`. */
function repeated(
  notes: readonly { readonly note: StepNote; readonly apart: Steps }[],
  passage: Steps,
  length: Steps,
  place: (apart: Steps) => Steps,
): StepNote[] {
  const near = notes.filter(({ apart }) => apart < passage)
  const placed: StepNote[] = []
  for (let round = 0; round * passage < length; round++) {
    for (const { note, apart } of near) {
      const at = round * passage + apart
      if (at < length) placed.push({ ...note, start: place(at), end: place(at) + 1 })
    }
  }
  return placed.sort((a, b) => a.start - b.start)
}

/** Keeps `share` of the notes, evenly. */
function thinned(notes: readonly StepNote[], share: (at: Steps) => number): StepNote[] {
  let due = 0.5
  return notes.filter(({ start }) => {
    due += share(start)
    if (due < 1) return false
    due -= 1
    return true
  })
}
