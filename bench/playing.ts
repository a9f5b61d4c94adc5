import { setTimeout as sleep } from 'node:timers/promises'
import { type App, startApp } from '../src/app/app.js'
import { type AppOptions, WITHOUT_SURFACES } from '../src/app/options.js'
import { defaultControls } from '../src/engine/controls/controls.js'
import { DEFAULT_HORIZON_MS } from '../src/engine/performer/performer.js'
import type { Ms } from '../src/engine/units.js'
import { PLAIN_INPUT } from '../src/io/input/input-router.js'
import { modelFolder, readModel } from '../src/io/models/model-files.js'

/** Time before measuring begins, in which every thread compiles its code. */
const SETTLING_MS: Ms = 1000

/** Notes a second: dense enough that there is always music for a control to change. */
const DENSITY = 16

/**
 * Runs the whole program with all its threads, playing the real model at 16 notes a second without a port, while `use`
 * measures it. The program is ended however `use` ends. Throws what `use` throws, and if the program fails meanwhile.
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
    ...WITHOUT_SURFACES,
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

/** Starts to measure the load of this process. @returns a function that gives it since then, in percent of one core. */
export function watchCpu(): () => number {
  const before = process.cpuUsage()
  const since = performance.now()
  return () => {
    const { user, system } = process.cpuUsage(before)
    return (user + system) / 10 / (performance.now() - since)
  }
}
