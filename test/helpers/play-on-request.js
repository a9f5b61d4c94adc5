// `rubato play`, led by lines: node play-on-request.js ARGS...
// Each line of stdin is a request as JSON. Writes a line of JSON to stdout ten times a second: what is shown and what was sent.
import { createInterface } from 'node:readline'
import { playCommand } from '../../dist/cli/commands/play.js'

const REPORT_MS = 100

await playCommand(process.argv.slice(2), (app) => {
  let strikes = []
  app.onSent(({ kind, due, fate, source, channel }) => {
    if (kind === 'note-on' && fate === 'sent' && source === 'performer') strikes.push({ due, channel })
  })
  createInterface({ input: process.stdin }).on('line', (line) => app.ask(JSON.parse(line), 'keys'))
  setInterval(() => {
    const snapshot = app.snapshot()
    if (!snapshot) return
    const { paused, beat, controls, setBy } = snapshot
    const drums = app.snapshot('drums')?.beat ?? null
    const { linkPeers } = app.meters()
    const told = {
      paused,
      beat,
      drums,
      tempo: controls.tempo,
      setBy: setBy.tempo,
      linkPeers,
      strikes,
    }
    process.stdout.write(`${JSON.stringify(told)}\n`)
    strikes = []
  }, REPORT_MS)
})
