// `rubato play`, broken on request: node play-with-fault.js LOG ARGS...
// Each line of stdin names a fault to inject or a command. What was really sent is written into LOG at the end.
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
    // Posting a fault doesn't wake a sleeping performer; the bell of any command does.
    if (word === 'performer throws') app.ask({ type: 'set', control: 'delay', value: 0 }, 'keys')
  })
  process.stderr.write('started\n')
})
