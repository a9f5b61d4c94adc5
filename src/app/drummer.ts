import { readKernel } from '../io/models/model-files.js'
import { drummersMemory, FIRST_DRUM_ID, HAS_DRUMMER, type SharedMemory } from '../io/shared/shared-memory.js'
import { hostPerformer, type PerformerHost, type PerformerListeners } from '../threads/performer-host.js'
import type { AppOptions } from './options.js'

/** Starts the drummer, a second performer with a model, controls and note ids of his own. Stage and panic are shared. */
export function hostDrummer(
  { model, controls }: NonNullable<AppOptions['drummer']>,
  memory: SharedMemory,
  { seed, horizon, sync, onLost }: AppOptions,
  { onNotice, onReplaced }: Pick<PerformerListeners, 'onNotice' | 'onReplaced'>,
): PerformerHost {
  Atomics.store(memory.control, HAS_DRUMMER, 1)
  return hostPerformer(
    {
      memory: drummersMemory(memory),
      model: { spec: model.spec, bytes: model.bytes },
      kernel: readKernel(),
      backend: 'auto',
      precision: 'auto',
      seed,
      firstId: FIRST_DRUM_ID,
      firstClickId: null,
      givesClock: true,
      controls,
      horizon,
      sync,
      showsAhead: false,
      prompt: [],
    },
    { onNotice, onReplaced, onLost },
  )
}
