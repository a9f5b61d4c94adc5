import { openMidiLibrary } from '../io/midi/midi-library.js'
import { readKeptNotes } from '../io/output/kept-notes.js'
import { endNotes, type RescueTarget } from '../io/output/rescue.js'
import { allocateLedger, Ledger } from '../io/shared/ledger.js'
import { KEPT_FILE } from './messages.js'

/**
 * A process of its own that outlives Rubato for a moment. When Rubato's end of the pipe closes, however Rubato ended, it ends the
 * notes that are left in the kept file at the receivers that it was told of last. After an ordinary end none is left.
 */
let target: RescueTarget | null = null
let unread = ''

process.stdin.setEncoding('utf8')
process.stdin.on('data', (text: string) => {
  const lines = (unread + text).split('\n')
  unread = lines.pop() ?? ''
  for (const line of lines) target = JSON.parse(line) as RescueTarget | null
})
process.stdin.on('close', () => void endWhatSounds())
// What ends Rubato must not end its keeper before.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const) process.on(signal, () => {})

async function endWhatSounds(): Promise<void> {
  const { slots, channels } = readKeptNotes(KEPT_FILE)
  if (target === null || (slots.length === 0 && channels.length === 0)) return
  const ledger = new Ledger(allocateLedger())
  for (const slot of slots) ledger.begin(slot, 1)
  for (const channel of channels) ledger.use(channel)
  // A named receiver that is gone has no note left to end.
  await endNotes(await openMidiLibrary(), ledger, target).catch(() => {})
}
