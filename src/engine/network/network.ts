/**
 * The arithmetic of a network: float32, or int16 with one scale for each column (half the bytes, and so about half the
 * time).
 */
export type Precision = 'f32' | 'int16'

/**
 * An LSTM with its state, ready to be stepped. All buffers are allocated when the network is made; its methods allocate
 * nothing and never throw.
 *
 * The state has two lanes, for classifier-free guidance (Ho & Salimans 2022): lane 0 is stepped with the conditioning, lane 1
 * gets the same events without any. A step at guidance 1 moves lane 0 alone and leaves lane 1 behind. When lane 1 is next
 * needed after that, it begins as a copy of lane 0, unless `reset` or `restore` has set both before.
 */
export interface Network {
  /** Name of the backend that computes it, for display: `wasm`, `wasm int16`, `js`, ... */
  readonly backend: string
  /** Size of the conditioning vector. */
  readonly conditioningSize: number
  /** Floats in the state: (h, c) of each layer, for lane 0 and then for lane 1; 2 * layers * 2 * units. */
  readonly stateSize: number
  /** The logits that the last `step` made, [388]; overwritten by the next `step`. */
  readonly logits: Float32Array
  /**
   * Sets the conditioning vector [conditioningSize] and the guidance from the next step on. With c for the conditioned and
   * u for the unconditioned logits, `logits` become u + guidance * (c - u). At guidance 1, the default, `logits` are c, and
   * a step takes less time because u isn't computed.
   */
  condition(vector: Float32Array, guidance?: number): void
  /** Feeds one event 0-387: moves the state past it, and makes `logits` those of the event after it. */
  step(event: number): void
  /** Moves the state past one event like `step`, but leaves `logits` as they are, which takes less time. */
  feed(event: number): void
  /** Copies the state, `stateSize` floats, to `target` at `offset`. */
  save(target: Float32Array, offset?: number): void
  /** Sets the state to the `stateSize` floats of `source` at `offset`. */
  restore(source: Float32Array, offset?: number): void
  /** Sets the blank state, h = c = 0, of before the first event of a performance. */
  reset(): void
}
