import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { Ms } from '../src/engine/units.js'
import { watchSteal } from './machine.js'
import type { Played } from './played-child.js'
import { printTable, type Row, round } from './table.js'

const CHILD = fileURLToPath(new URL('./played-child.js', import.meta.url))
const SEEDS = [1, 2, 3, 4, 5]
/** The first note is due within this, from the start of the process. */
const FIRST_NOTE_LIMIT_MS: Ms = 1500
/** Long enough for the first note of any seed to have been sent. */
const FIRST_NOTE_SECONDS = 3

/** What `rubato play` costs when nobody touches it, over `seconds`, and how soon after its start it is heard. */
export async function steady(seconds: number): Promise<readonly Row[]> {
  const stolen = watchSteal()
  const { played } = await playAlone(1, seconds)
  const cost = [
    {
      seconds,
      notes: played.notes,
      'CPU %': round(played.cpu, 1),
      'RSS MB': Math.round(played.rss / 2 ** 20),
      'host took %': stolen(),
    },
  ]
  printTable('Playing by itself, all controls as they come: share of one core, memory at the end', cost)
  const starts: Row[] = []
  for (const seed of SEEDS) {
    const { firstNote } = await playAlone(seed, FIRST_NOTE_SECONDS)
    const within = firstNote !== null && firstNote <= FIRST_NOTE_LIMIT_MS
    starts.push({
      seed,
      'first note s': firstNote === null ? 'none' : round(firstNote / 1000, 2),
      within: within ? 'yes' : 'no',
    })
  }
  printTable(
    `From the start of the process to its first note, at most ${FIRST_NOTE_LIMIT_MS / 1000} s`,
    starts,
  )
  return [...cost, ...starts]
}

/** A process of its own, as a user would start it. `firstNote`: ms from asking for the process to the note. */
async function playAlone(seed: number, seconds: number): Promise<{ played: Played; firstNote: Ms | null }> {
  const asked = performance.timeOrigin + performance.now()
  const args = [CHILD, '--headless', '--seed', String(seed), '--for', String(seconds)]
  const { stdout } = await promisify(execFile)(process.execPath, args)
  const played = JSON.parse(stdout) as Played
  return { played, firstNote: played.firstDue === null ? null : played.firstDue - asked }
}
