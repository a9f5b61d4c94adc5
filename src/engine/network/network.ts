/** How a network multiplies: float32, or int16 with a scale a column (half the bytes, and so about half the time). */
export type Precision = 'f32' | 'int16'

/**
 * One engine for one network: a 3-layer LSTM with its state, ready to be stepped. All buffers are allocated
 * when the network is made; what it does afterwards allocates nothing and never throws.
 *
 * Its state has two lanes, for classifier-free guidance (Ho & Salimans 2022): lane 0 under the conditioning, lane 1 fed
 * the same events without any. A step at guidance 1 moves lane 0 alone and leaves lane 1 behind; after that, until
 * `reset` or `restore`, lane 1 is a copy of lane 0 as it is when it is next wanted.
 */
export interface Network {
  /** Which engine computes it, for display: `wasm`, `wasm int16`, `js`, ... */
  readonly backend: string
  /** Size of the conditioning vector. */
  readonly conditioningSize: number
  /** Floats in the state: of lane 0, then of lane 1, (h, c) of each layer; 2 * layers * 2 * units. */
  readonly stateSize: number
  /** The logits that the last `step` made, [388]; overwritten by the next `step`. */
  readonly logits: Float32Array
  /**
   * Sets the conditioning vector [conditioningSize] used from the next step on (folded into layer 0's bias once), and
   * how far its logits c are led away from those without conditioning, u: u + guidance * (c - u). At 1, the default,
   * they are c, and a step costs less: u isn't computed.
   */
  condition(vector: Float32Array, guidance?: number): void
  /** Feeds one event 0-387: the state moves on, `logits` are those of the event after it. */
  step(event: number): void
  /** As `step`, but cheaper by the logits, which stay as they were. */
  feed(event: number): void
  /** Copies the state into `target` at `offset`, `stateSize` floats. */
  save(target: Float32Array, offset?: number): void
  /** Sets the state from `source` at `offset`. */
  restore(source: Float32Array, offset?: number): void
  /** h = c = 0, the state before the first event of a performance. */
  reset(): void
}
