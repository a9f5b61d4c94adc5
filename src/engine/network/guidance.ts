import type { Network } from './network.js'

/**
 * The interface that a backend provides to make a {@link Network}: two states of one LSTM, the *lanes*. Lane 0 is
 * conditioned, lane 1 never is. The methods allocate nothing and never throw.
 */
interface TwoLanes {
  readonly backend: string
  readonly conditioningSize: number
  /** For lane 0 and lane 1, h and c of each layer in order, [units] each; all 0 at first. */
  readonly states: readonly [readonly Float32Array[], readonly Float32Array[]]
  /** The logits of each lane, [388]. */
  readonly logits: readonly [Float32Array, Float32Array]
  /** Sets the conditioning of lane 0, which is all 0 at first. */
  condition(vector: Float32Array): void
  /** Moves lane 0, or both lanes, past one event. */
  advance(event: number, both: boolean): void
  /** Computes the logits of the state of lane 0, or of both lanes. */
  computeLogits(both: boolean): void
}

/**
 * A network with classifier-free guidance (Ho & Salimans 2022) on the two lanes of a backend, as {@link Network} describes.
 * Lane 1 takes time, so it isn't stepped while the guidance is 1.
 */
export function guidedNetwork(lanes: TwoLanes): Network {
  const [first, second] = lanes.states
  const [logits, unconditioned] = lanes.logits
  const laneSize = first.reduce((sum, part) => sum + part.length, 0)
  let guidance = 1
  /** Whether lane 1 has made every step since its state was last set. If not, the state of lane 0 is used for lane 1. */
  let follows = true

  function feed(event: number): void {
    const both = guidance !== 1
    if (both && !follows) for (let i = 0; i < first.length; i++) second[i]!.set(first[i]!)
    follows = both
    lanes.advance(event, both)
  }

  return {
    backend: lanes.backend,
    conditioningSize: lanes.conditioningSize,
    stateSize: 2 * laneSize,
    logits,
    condition(vector, wanted = 1) {
      lanes.condition(vector)
      guidance = wanted
    },
    feed,
    step(event) {
      feed(event)
      lanes.computeLogits(guidance !== 1)
      if (guidance === 1) return
      for (let i = 0; i < logits.length; i++) {
        logits[i] = unconditioned[i]! + guidance * (logits[i]! - unconditioned[i]!)
      }
    },
    save(target, offset = 0) {
      writeParts(first, target, offset)
      writeParts(follows ? second : first, target, offset + laneSize)
    },
    restore(source, offset = 0) {
      readParts(first, source, offset)
      readParts(second, source, offset + laneSize)
      follows = true
    },
    reset() {
      for (const part of first) part.fill(0)
      for (const part of second) part.fill(0)
      follows = true
    },
  }
}

/** Writes the parts of a lane to `target`, end to end from `offset` on. */
function writeParts(parts: readonly Float32Array[], target: Float32Array, offset: number): void {
  let at = offset
  for (const part of parts) {
    target.set(part, at)
    at += part.length
  }
}

/** Sets the parts of a lane from `source`, as `writeParts` has written them. */
function readParts(parts: readonly Float32Array[], source: Float32Array, offset: number): void {
  let from = offset
  for (const part of parts) for (let i = 0; i < part.length; i++) part[i] = source[from++]!
}
