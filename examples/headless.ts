/**
 * Ten seconds of piano as events, without a clock and without a port: `rubato/engine` alone.
 * Run it with `node build/examples/headless.js [SEED]`; the same seed prints the same lines.
 */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { openPianist, type TimedMessage } from 'rubato/engine'

/** A file that comes with the package. */
const bytesOf = (path: string) => readFileSync(fileURLToPath(import.meta.resolve(`rubato/${path}`)))

function describe(message: TimedMessage): string {
  const time = (message.due / 1000).toFixed(3).padStart(7)
  switch (message.kind) {
    case 'note-on':
      return `${time} s  note-on   pitch ${message.pitch}, velocity ${message.velocity}, id ${message.id}`
    case 'note-off':
      return `${time} s  note-off  id ${message.id}`
    case 'control-change':
      return `${time} s  control   ${message.controller} = ${message.value}`
  }
}

const pianist = openPianist({
  description: bytesOf('models/rubato-piano/model.json').toString(),
  weights: bytesOf('models/rubato-piano/weights.safetensors'),
  kernel: bytesOf('kernel.wasm'),
  seed: Number(process.argv[2] ?? 1),
  controls: { density: 4 },
})

// Five seconds of few notes, then five of many: a command acts from where the pianist is.
const sparse = pianist.playUntil(5000)
pianist.command({ type: 'set', control: 'density', value: 16 })
const dense = pianist.playUntil(10_000)

for (const message of [...sparse, ...dense]) process.stdout.write(`${describe(message)}\n`)
