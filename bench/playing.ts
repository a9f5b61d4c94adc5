import { setTimeout as sleep } from 'node:timers/promises'
import { type App, startApp } from '../src/app/app.js'
import { type AppOptions, WITHOUT_FACES } from '../src/app/options.js'
import { defaultControls } from '../src/engine/controls/controls.js'
import { DEFAULT_HORIZON_MS } from '../src/engine/performer/performer.js'
import type { Ms } from '../src/engine/units.js'
import { PLAIN_INPUT } from '../src/io/input/input-router.js'
import { modelFolder, readModel } from '../src/io/models/model-files.js'

/** Not measured: the first moments, in which every thread compiles its code. */
const SETTLING_MS: Ms = 1000

/** Dense enough that a knob always meets music. */
const DENSITY = 16

/**
 * The whole program with all its threads, playing the real model at 16 notes/s into nothing while `use` measures it.
 * It is ended however `use` ends. Throws what `use` throws, and if the program is lost meanwhile.
 */
export async function whilePlaying<Result>(
  options: Pick<AppOptions, 'realtime' | 'onApplied'> &
    Partial<Pick<AppOptions, 'web' | 'showsAhead' | 'input' | 'sync' | 'port'>>,
  use: (app: App) => Promise<Result>,
): Promise<Result> {
  const app = await startApp({
    model: readModel(modelFolder('rubato-piano')),
    backend: 'auto',
    precision: 'auto',
    seed: 1,
    controls: { ...defaultControls(), density: DENSITY },
    horizon: DEFAULT_HORIZON_MS,
    to: null,
    from: null,
    input: PLAIN_INPUT,
    sync: 'off',
    ...WITHOUT_FACES,
    port: { kind: 'null' },
    onNotice: (sentence) => {
      throw new Error(sentence)
    },
    onLost: (sentence) => {
      throw new Error(sentence)
    },
    ...options,
  })
  process.on('exit', app.end)
  try {
    app.ask({ type: 'play' }, 'keys')
    await sleep(SETTLING_MS)
    return await use(app)
  } finally {
    process.removeListener('exit', app.end)
    app.end()
    await app.close()
  }
}

/** Watches the share of one core that this process takes; the function returned gives percents since. */
export function watchCpu(): () => number {
  const before = process.cpuUsage()
  const since = performance.now()
  return () => {
    const { user, system } = process.cpuUsage(before)
    return (user + system) / 10 / (performance.now() - since)
  }
}
