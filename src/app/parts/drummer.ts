import { type ControlChanges, pickControls } from '../../engine/controls/controls.js'
import { SHARED_CONTROLS } from '../../engine/controls/parts.js'
import { readKernel } from '../../io/models/model-files.js'
import {
  drummersMemory,
  FIRST_DRUM_ID,
  HAS_DRUMMER,
  type SharedMemory,
} from '../../io/shared/shared-memory.js'
import { hostPerformer, type PerformerHost, type PerformerListeners } from '../../threads/performer-host.js'
import type { AppOptions } from '../options.js'

/** The model of the drummer. */
export const DRUMMERS_MODEL = 'rubato-drums'

/**
 * The place of a drummer beside the pianist: a second performer with a model, controls and note ids of his own, whose thread is
 * started when he is first asked for. Stage and panic are shared.
 */
export class DrummerSeat {
  readonly #app: AppOptions
  readonly #memory: SharedMemory
  readonly #listeners: Pick<PerformerListeners, 'onNotice' | 'onReplaced'>
  #host: PerformerHost | null = null

  constructor(
    app: AppOptions,
    memory: SharedMemory,
    listeners: Pick<PerformerListeners, 'onNotice' | 'onReplaced'>,
  ) {
    this.#app = app
    this.#memory = memory
    this.#listeners = listeners
  }

  /** Whether a drummer can play along at all. */
  get canSit(): boolean {
    return this.#app.drummer !== null
  }

  /** His performer; null where he wasn't asked for yet. */
  get host(): PerformerHost | null {
    return this.#host
  }

  /**
   * Has him sit down, paused, with the time of `pianists`; the thread of one who sat here before is there already.
   * @throws Refused if his model can't be read
   */
  sit(pianists: ControlChanges): PerformerHost {
    this.#host ??= this.#start(pianists)
    return this.#host
  }

  /** Leaves the place empty, because the thread could not start. */
  leave(): void {
    this.#host = null
  }

  #start(pianists: ControlChanges): PerformerHost {
    const { drummer, seed, horizon, sync, onLost } = this.#app
    if (!drummer) throw new Error('no drummer can sit here')
    const model = drummer.model()
    Atomics.store(this.#memory.control, HAS_DRUMMER, 1)
    return hostPerformer(
      {
        memory: drummersMemory(this.#memory),
        model: { spec: model.spec, bytes: model.bytes },
        kernel: readKernel(),
        backend: 'auto',
        precision: 'auto',
        seed,
        firstId: FIRST_DRUM_ID,
        firstClickId: null,
        // The pianist gives the clock, whether a drummer is there or not.
        givesClock: false,
        controls: { ...drummer.controls, ...pickControls(pianists, SHARED_CONTROLS) },
        horizon,
        sync,
        showsAhead: false,
        prompt: [],
      },
      { ...this.#listeners, onLost },
    )
  }
}
