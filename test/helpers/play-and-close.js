// Plays for a second with the compiled program, ends and closes it, and does nothing else to end this process:
// node play-and-close.js RECORDING. Writes what it saw to stdout, as JSON.
import { startApp } from '../../dist/app/app.js'
import { WITHOUT_SURFACES } from '../../dist/app/options.js'
import { defaultControls } from '../../dist/engine/controls/controls.js'
import { PLAIN_INPUT } from '../../dist/io/input/input-router.js'
import { modelFolder, readModel } from '../../dist/io/models/model-files.js'

const [record] = process.argv.slice(2)
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms))
const app = await startApp({
  model: readModel(modelFolder('rubato-piano')),
  backend: 'auto',
  precision: 'f32',
  seed: 1,
  controls: defaultControls(),
  horizon: 20,
  to: null,
  from: null,
  input: { ...PLAIN_INPUT, thru: 'same' },
  realtime: 'off',
  sync: 'off',
  ...WITHOUT_SURFACES,
  record,
  take: `${record}.json`,
  web: { host: '127.0.0.1', port: 0, token: null },
  showsAhead: true,
  port: { kind: 'capture' },
  onNotice: () => {},
  onLost: () => {},
})
app.ask({ type: 'play' }, 'keys')
app.ask({ type: 'set', control: 'density', value: 16 }, 'keys')
app.receive([0x90, 60, 80])
await sleep(1000)
while (app.meters().notes === 0) await sleep(10)
app.ask({ type: 'pause' }, 'keys')
const playing = process.getActiveResourcesInfo()
app.end()
await app.close()
// Closed handles are released at the end of an event loop iteration.
await new Promise((resolve) => setImmediate(() => setImmediate(resolve)))
process.stdout.write(JSON.stringify({ playing, after: process.getActiveResourcesInfo() }))
