import { followsTransport } from '../engine/clock/sync.js'
import type { TakeHeader } from '../engine/offline/take.js'
import type { TakenInput } from '../engine/surface/inputs.js'
import type { Ms } from '../engine/units.js'
import { packageVersion } from '../io/package-root.js'
import { createTakeWriter, type TakeWriter } from '../io/recording/take-writer.js'
import type { AppOptions } from './options.js'

/**
 * The take of a performance. Its file begins with a header that isn't known before the performer is ready; inputs
 * that are applied earlier wait here.
 */
export class TakeLog {
  #writer: TakeWriter | undefined
  readonly #waiting: TakenInput[] = []

  /** Adds inputs as they were applied, and the plan time reached. */
  add(inputs: readonly TakenInput[], position: Ms): void {
    if (this.#writer) this.#writer.add(inputs, position)
    else this.#waiting.push(...inputs)
  }

  /**
   * Creates the file. `notice` gets one sentence if the file can't be written any more.
   * @throws Refused if the file can't be created
   */
  begin(path: string, header: TakeHeader, notice: (sentence: string) => void): void {
    this.#writer = createTakeWriter(path, header, notice)
    this.#writer.add(this.#waiting, 0)
  }

  /** Writes the inputs added since the last call. Blocks for less than a millisecond. */
  flush(): void {
    this.#writer?.flush()
  }

  /** Writes the remaining inputs and closes the file. */
  end(): void {
    this.#writer?.end()
  }
}

/**
 * The header of a take: everything that a performance is a function of, besides its inputs. `backend` names what
 * computes the network.
 */
export function takeHeader(options: AppOptions, backend: string): TakeHeader {
  return {
    program: packageVersion(),
    weights: options.model.sha256,
    backend,
    model: options.model.spec.name,
    seed: options.seed,
    controls: options.controls,
    prompt: options.prompt ?? [],
    followTransport: followsTransport(options.sync),
    horizon: options.horizon,
  }
}
