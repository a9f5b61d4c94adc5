/** How a network multiplies: float32, or int16 with a scale a column (half the bytes, and so about half the time). */
export type Precision = 'f32' | 'int16'

/**
 * One engine for one network: a 3-layer LSTM with its state, ready to be stepped. All buffers are allocated
 * when the network is made; `step`, `condition`, `save` and `restore` allocate nothing and never throw.
 */
export interface Network {
  /** Which engine computes it, for display: `wasm`, `wasm int16`, `js`, ... */
  readonly backend: string
  /** Size of the conditioning vector. */
  readonly conditioningSize: number
  /** Floats in the state: (h, c) of each layer, layers * 2 * units. */
  readonly stateSize: number
  /** The logits that the last `step` made, [388]; overwritten by the next. */
  readonly logits: Float32Array
  /** Sets the conditioning vector [conditioningSize] used from the next step on (folded into layer 0's bias once). */
  condition(vector: Float32Array): void
  /** Feeds one event 0-387: the state moves on, `logits` are those of the event after it. */
  step(event: number): void
  /** Copies the state into `target` at `offset`, `stateSize` floats. */
  save(target: Float32Array, offset?: number): void
  /** Sets the state from `source` at `offset`. */
  restore(source: Float32Array, offset?: number): void
  /** h = c = 0, the state before the first event of a performance. */
  reset(): void
}
