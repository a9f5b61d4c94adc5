import { defaultControls } from '../src/engine/controls/controls.js'
import { notesOfScore, type Score } from '../src/engine/form/score.js'
import { quantize, type StepNote } from '../src/engine/language/performance.js'
import { languageOf, type ModelSpec } from '../src/engine/model/model.js'
import type { Network } from '../src/engine/network/network.js'
import { createNoteCollector } from '../src/engine/offline/note-collector.js'
import { createPianist } from '../src/engine/pianist/pianist.js'
import { type Ms, STEP_MS } from '../src/engine/units.js'

/** How much slower than the score a performance may be before it is given up. */
const PATIENCE = 1.5

/** Plays a score as the live pianist does: each event drawn once, in its time. @returns the score's notes, from step 0 on */
export function performLive(spec: ModelSpec, network: Network, score: Score): StepNote[] {
  const collector = createNoteCollector()
  const pianist = createPianist({
    ...languageOf(spec),
    network,
    seed: 1,
    controls: defaultControls(),
    emit: collector.receive,
  })
  const notes = notesOfScore(score)
  pianist.apply({ kind: 'command', command: { type: 'give-score', notes, freedom: score.freedom } })
  pianist.apply({ kind: 'command', command: { type: 'play' } })
  const end: Ms = PATIENCE * (score.chords.at(-1)!.onset * STEP_MS) + 10_000
  for (let at = 1000; at < end && collector.notes(at).length < notes.length + 1; at += 1000)
    pianist.advance(at)
  const played = quantize(collector.notes(end)).slice(0, notes.length)
  const first = played[0]?.start ?? 0
  return played.map((note) => ({ ...note, start: note.start - first, end: note.end - first }))
}
