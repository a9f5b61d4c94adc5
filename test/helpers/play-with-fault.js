// `rubato play` with something broken on request: node play-with-fault.js LOG ARGS...
// Reads words from stdin: a fault to inject, or a command. Writes what was really sent into LOG at the end.
import { writeFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { playCommand } from '../../dist/cli/commands/play.js'

const [log, ...args] = process.argv.slice(2)
const sent = []

const FAULTS = {
  'main throws': () => {
    throw new Error('a fault was injected')
  },
  'performer throws': (app) => app.workers.performer().postMessage({ kind: 'fault' }),
  'performer killed': (app) => app.workers.performer().terminate(),
  'stage killed': (app) => app.workers.stage.terminate(),
  panic: (app) => app.ask({ type: 'panic' }, 'keys'),
  play: (app) => app.ask({ type: 'play' }, 'keys'),
}

await playCommand(args, (app) => {
  app.onSent((message) => sent.push(message))
  process.on('exit', () => writeFileSync(log, JSON.stringify(sent)))
  createInterface({ input: process.stdin }).on('line', (word) => {
    FAULTS[word](app)
    // A fault order alone doesn't wake a sleeping performer; any command's bell does.
    if (word === 'performer throws') app.ask({ type: 'set', control: 'delay', value: 0 }, 'keys')
  })
  process.stderr.write('started\n')
})
