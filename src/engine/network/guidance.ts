import type { Network } from './network.js'

/**
 * What an engine makes a {@link Network} of: two states of it, the *lanes*. Lane 0 is conditioned, lane 1 never is.
 * Nothing here allocates when called, or throws.
 */
export interface TwoLanes {
  readonly backend: string
  readonly conditioningSize: number
  /** (h, c) of each layer in order, [units] each, of lane 0 and of lane 1; all 0 at first. */
  readonly states: readonly [readonly Float32Array[], readonly Float32Array[]]
  /** Each lane's logits [388]. */
  readonly logits: readonly [Float32Array, Float32Array]
  /** Sets lane 0's conditioning, which is 0 at first. */
  condition(vector: Float32Array): void
  /** Moves lane 0 on by one event, or both. */
  advance(event: number, both: boolean): void
  /** Makes the logits of lane 0's state, or of both. */
  judge(both: boolean): void
}

/**
 * The network on two lanes, with classifier-free guidance (Ho & Salimans 2022): `Network` says what it does. Lane 1
 * costs time, so it is left behind while the guidance is 1.
 */
export function guidedNetwork(engine: TwoLanes): Network {
  const [first, second] = engine.states
  const [logits, unconditioned] = engine.logits
  const laneSize = first.reduce((sum, part) => sum + part.length, 0)
  let guidance = 1
  /** Whether lane 1 was in every step since a state was set or lane 0 copied to it; where not, lane 0 stands for it. */
  let follows = true

  function feed(event: number): void {
    const both = guidance !== 1
    if (both && !follows) for (let i = 0; i < first.length; i++) second[i]!.set(first[i]!)
    follows = both
    engine.advance(event, both)
  }

  return {
    backend: engine.backend,
    conditioningSize: engine.conditioningSize,
    stateSize: 2 * laneSize,
    logits,
    condition(vector, wanted = 1) {
      engine.condition(vector)
      guidance = wanted
    },
    feed,
    step(event) {
      feed(event)
      engine.judge(guidance !== 1)
      if (guidance === 1) return
      for (let i = 0; i < logits.length; i++) {
        logits[i] = unconditioned[i]! + guidance * (logits[i]! - unconditioned[i]!)
      }
    },
    save(target, offset = 0) {
      write(first, target, offset)
      write(follows ? second : first, target, offset + laneSize)
    },
    restore(source, offset = 0) {
      read(first, source, offset)
      read(second, source, offset + laneSize)
      follows = true
    },
    reset() {
      for (const part of first) part.fill(0)
      for (const part of second) part.fill(0)
      follows = true
    },
  }
}

/** Writes a lane's parts one after the other. */
function write(parts: readonly Float32Array[], target: Float32Array, offset: number): void {
  let at = offset
  for (const part of parts) {
    target.set(part, at)
    at += part.length
  }
}

/** Reads what `write` wrote. */
function read(parts: readonly Float32Array[], source: Float32Array, offset: number): void {
  let from = offset
  for (const part of parts) for (let i = 0; i < part.length; i++) part[i] = source[from++]!
}
