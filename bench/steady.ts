import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { QUICK_PROMPT_NOTES } from '../src/cli/flags/play-options.js'
import { defaultControls } from '../src/engine/controls/controls.js'
import { quantize } from '../src/engine/language/performance.js'
import { createNetwork } from '../src/engine/network/create-network.js'
import { promptEvents } from '../src/engine/offline/prompt.js'
import { render } from '../src/engine/offline/rendering.js'
import { type Ms, STEP_MS } from '../src/engine/units.js'
import { modelFolder, readKernel, readModel } from '../src/io/models/model-files.js'
import { writeMidi } from '../src/io/recording/midi-file-writer.js'
import { watchSteal } from './machine.js'
import type { Played } from './played-child.js'
import { printTable, type Row, round } from './table.js'

const CHILD = fileURLToPath(new URL('./played-child.js', import.meta.url))
const SEEDS = [1, 2, 3, 4, 5]
/** The first note must be due within this time from the start of the process. */
const FIRST_NOTE_LIMIT_MS: Ms = 1500
/** The densities of the prompts in notes a second, and how long the performances are that they end. */
const PROMPT_DENSITIES = [4, 8, 16, 24]
const PROMPT_MS: Ms = 40_000
/** How long each run plays: long enough for the first note of any seed to be sent. */
const FIRST_NOTE_SECONDS = 3

/** Measures what `rubato play` costs over `seconds` without any input, and how soon after its start the first note is due. */
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
  const prompted = await startFromPrompts()
  printTable('The same, going on from the last 30 s of a performance', prompted)
  return [...cost, ...starts, ...prompted]
}

/** Measures the first note after prompts from sparse to dense: starting costs more, the more events the prompt has. */
async function startFromPrompts(): Promise<readonly Row[]> {
  const { weights, spec } = readModel(modelFolder('rubato-piano'))
  const network = createNetwork(weights, 'auto', readKernel(), 'auto')
  const folder = mkdtempSync(join(tmpdir(), 'rubato-prompt-'))
  const rows: Row[] = []
  try {
    for (const density of PROMPT_DENSITIES) {
      const controls = { ...defaultControls(), density }
      const notes = render({ network, layout: spec.conditioning, seed: 1, controls }, PROMPT_MS)
      const path = join(folder, `${density}.mid`)
      writeFileSync(path, writeMidi([{ name: 'prompt', channel: 0, notes }]))
      const events = promptEvents(quantize(notes), 30_000 / STEP_MS, QUICK_PROMPT_NOTES).length
      const { firstNote } = await playAlone(1, FIRST_NOTE_SECONDS, ['--prompt', path])
      rows.push({
        'notes/s': density,
        events,
        'first note s': firstNote === null ? 'none' : round(firstNote / 1000, 2),
      })
    }
  } finally {
    rmSync(folder, { recursive: true })
  }
  return rows
}

/** Runs Rubato as a process of its own, as a user does. `firstNote`: ms from starting the process to the first note. */
async function playAlone(
  seed: number,
  seconds: number,
  more: readonly string[] = [],
): Promise<{ played: Played; firstNote: Ms | null }> {
  const asked = performance.timeOrigin + performance.now()
  const args = [CHILD, '--headless', '--seed', String(seed), '--for', String(seconds), ...more]
  const { stdout } = await promisify(execFile)(process.execPath, args)
  const played = JSON.parse(stdout) as Played
  return { played, firstNote: played.firstDue === null ? null : played.firstDue - asked }
}
