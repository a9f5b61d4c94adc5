import { fileURLToPath, pathToFileURL } from 'node:url'
import type { App } from '../../src/app/app.js'
import { type AppOptions, WITHOUT_SURFACES } from '../../src/app/options.js'
import { defaultControls } from '../../src/engine/controls/controls.js'
import { PLAIN_INPUT } from '../../src/io/input/input-router.js'
import { modelFolder, readModel } from '../../src/io/models/model-files.js'

const built = fileURLToPath(new URL('../../dist/', import.meta.url))
export const BUILT_CLI = `${built}cli.js`

/** The app, with the notices and losses that it reported while it ran. */
export interface RunningApp {
  readonly app: App
  readonly notices: string[]
  readonly lost: string[]
}

/** Starts the compiled program in this process, with the tiny model and a port that leads nowhere; it doesn't play yet. */
export async function startBuiltApp(options: Partial<AppOptions> = {}): Promise<RunningApp> {
  const { startApp } = (await import(
    pathToFileURL(`${built}app/app.js`).href
  )) as typeof import('../../src/app/app.js')
  const notices: string[] = []
  const lost: string[] = []
  const app = await startApp({
    model: readModel(modelFolder('tiny')),
    backend: 'auto',
    precision: 'f32',
    seed: 1,
    controls: defaultControls(),
    horizon: 20,
    to: null,
    from: null,
    input: PLAIN_INPUT,
    realtime: 'off',
    // On a busy machine notes are late, and the stage would drop them. No test that uses this app is about lateness.
    tooLate: Number.POSITIVE_INFINITY,
    sync: 'off',
    ...WITHOUT_SURFACES,
    port: { kind: 'null' },
    onNotice: (sentence) => notices.push(sentence),
    onLost: (sentence) => lost.push(sentence),
    ...options,
  })
  return { app, notices, lost }
}
