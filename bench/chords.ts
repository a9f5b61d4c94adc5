import { type Controls, defaultControls } from '../src/engine/controls/controls.js'
import type { Progression } from '../src/engine/language/chords.js'
import { encodeSteps, quantize } from '../src/engine/language/performance.js'
import { languageOf } from '../src/engine/model/model.js'
import { createNetwork } from '../src/engine/network/create-network.js'
import type { Network } from '../src/engine/network/network.js'
import { evaluate } from '../src/engine/offline/evaluate.js'
import { type CollectedNote, createNoteCollector } from '../src/engine/offline/note-collector.js'
import { beginMusic } from '../src/engine/offline/rendering.js'
import { createPianist, type Pianist } from '../src/engine/pianist/pianist.js'
import { MINUTE_MS, type Ms, STEP_MS } from '../src/engine/units.js'
import { parseLeadSheet } from '../src/io/lead-sheet/lead-sheet.js'
import { percentile } from '../src/io/meters/lateness.js'
import { modelFolder, readKernel, readModel } from '../src/io/models/model-files.js'
import { type ChordStretch, shareInChord } from './chord-share.js'
import { printTable, type Row, round } from './table.js'

const SEEDS = [1, 2, 3, 4]

const PROGRESSIONS = {
  pop: 'Am7 F | C G/B',
  jazz: 'Dm7 | G7b9 | Cmaj7 | A7#5',
  chromatic: 'Ebmaj7 Abm6 | Gb7 B | E7sus4 E7 | Cm7b5 F7',
} as const

/** A player of bars holds a chord for as long as this, in `latched`. */
const LATCH_MS: Ms = 2500

/** Whose beat the chords follow, and how they come. */
const WAYS = ['own beat', 'heard beat', 'latched'] as const
type Way = (typeof WAYS)[number]

/** Without chords first: the others are compared with that. */
const LOCKS = [null, 'soft', 'locked'] as const

/** The music that was played, with the chords that were in force in it. */
interface Played {
  readonly notes: readonly CollectedNote[]
  readonly stretches: readonly ChordStretch[]
  /** Processor time for each step of the network, in us. */
  readonly cost: number
}

/** Measures how much of the music lies in the chord in force, and what that costs it. */
export async function chords(seconds: number): Promise<readonly Row[]> {
  return [
    ...(await measure('rubato-piano', WAYS, seconds)),
    ...(await measure('rubato-pop', ['own beat'], seconds)),
  ]
}

async function measure(model: string, ways: readonly Way[], seconds: number): Promise<readonly Row[]> {
  const { weights, spec } = readModel(modelFolder(model))
  const network = createNetwork(weights, 'auto', readKernel(), 'auto')
  const rows: Row[] = []
  for (const [name, text] of Object.entries(PROGRESSIONS)) {
    const progression = parseLeadSheet(text)
    for (const way of ways) {
      // The three are played by turns, so that a busy machine slows them alike.
      const rounds = SEEDS.map((seed) =>
        LOCKS.map((lock) => play(network, languageOf(spec), seed, progression, way, lock, 1000 * seconds)),
      )
      for (const [n, lock] of LOCKS.entries()) {
        const all = rounds.map((round) => round[n]!)
        const costs = rounds.map((round) => round[n]!.cost / round[0]!.cost).sort((a, b) => a - b)
        const figures = figuresOf(network, all, seconds)
        rows.push({
          chords: name,
          way,
          lock: lock ?? 'off',
          ...figures,
          cost: round(percentile(costs, 0.5), 2),
        })
      }
    }
  }
  printTable(`${model}: note-on time in the chord in force, ${SEEDS.length} seeds of ${seconds} s each`, rows)
  return rows
}

function figuresOf(network: Network, all: readonly Played[], seconds: number) {
  const shares = all.map(({ notes, stretches }) => 100 * shareInChord(notes, stretches))
  let nats = 0
  let events = 0
  for (const { notes } of all) {
    const found = evaluate(network, encodeSteps(quantize(notes)))
    nats += found.nats
    events += found.events
  }
  const count = all.reduce((sum, { notes }) => sum + notes.length, 0)
  const mean = shares.reduce((sum, share) => sum + share, 0) / shares.length
  return {
    'in chord %': round(mean, 2),
    'least %': round(Math.min(...shares), 2),
    'notes/s': round(count / all.length / seconds, 2),
    'nats/event': round(nats / events, 3),
  }
}

function play(
  network: Network,
  language: ReturnType<typeof languageOf>,
  seed: number,
  progression: Progression,
  way: Way,
  lock: Controls['chordLock'] | null,
  duration: Ms,
): Played {
  const collector = createNoteCollector()
  const controls = {
    ...defaultControls(),
    chordLock: lock ?? 'soft',
    chordLatch: lock !== null && way === 'latched',
  }
  const before = process.cpuUsage()
  const pianist = createPianist({ ...language, network, seed, controls, emit: collector.receive })
  if (lock !== null && way !== 'latched')
    pianist.apply({ kind: 'command', command: { type: 'set-progression', progression } })
  const start = beginMusic(pianist, language.step)
  const end = start + duration
  const stretches =
    way === 'latched'
      ? latch(pianist, progression, start, end)
      : follow(pianist, progression, way, start, end)
  pianist.advance(end)
  const { user } = process.cpuUsage(before)
  return { notes: collector.notes(end), stretches: stretches.map(onSteps), cost: user / pianist.plan.steps }
}

/** The stretch on the steps of the event clock, on which alone notes begin and end. */
function onSteps({ chord, from, until }: ChordStretch): ChordStretch {
  const onStep = (at: Ms) => STEP_MS * Math.ceil(at / STEP_MS - 0.5)
  return { chord, from: onStep(from), until: onStep(until) }
}

/** Plays on a beat: Rubato's own, or one whose tempo and place waver as a band's do. @returns the chords that the beat puts in force */
function follow(pianist: Pianist, progression: Progression, way: Way, start: Ms, end: Ms): ChordStretch[] {
  const stretches: ChordStretch[] = []
  let beatMs = pianist.ensemble.pulse?.beatMs ?? MINUTE_MS / pianist.controls.tempo
  let at = start
  let beat = 0
  for (let index = 0; at < end; index++) {
    const { chord, beats } = progression.spans[index % progression.spans.length]!
    const until = at + beats * beatMs
    stretches.push({ chord, from: at, until })
    if (way === 'heard beat') {
      // Told in the middle of a chord, so that what is planned beyond it moves with the beat.
      const middle = at + (beats * beatMs) / 2
      pianist.advance(middle)
      pianist.plan.sampleBeyond(middle + 1000)
      const next = beatMs * (1 + 0.03 * Math.sin(index))
      const moved = middle + (beats / 2) * next
      stretches[stretches.length - 1] = { chord, from: at, until: moved }
      beatMs = next
      beat += beats
      pianist.apply({ kind: 'pulse', pulse: { at: moved - beat * beatMs, beatMs } })
      at = moved
    } else at = until
  }
  return stretches
}

/** Plays the chords with three keys and more, one after another. @returns the chords that are latched by that */
function latch(pianist: Pianist, progression: Progression, start: Ms, end: Ms): ChordStretch[] {
  const stretches: ChordStretch[] = []
  for (let index = 0, at = start + 200; at < end; index++, at += LATCH_MS) {
    const { chord } = progression.spans[index % progression.spans.length]!
    pianist.advance(at)
    pianist.plan.sampleBeyond(at + 1000)
    if (!chord) continue
    const pitches = [...Array(12).keys()].filter((pc) => ((chord.tones >> pc) & 1) === 1).map((pc) => 36 + pc)
    for (const pitch of pitches)
      pianist.apply({ kind: 'heard', message: { kind: 'note-on', at, channel: 0, pitch, velocity: 64 } })
    pianist.advance(at + 400)
    for (const pitch of pitches)
      pianist.apply({
        kind: 'heard',
        message: { kind: 'note-off', at: at + 400, channel: 0, pitch, velocity: 0 },
      })
    // What is played takes effect with the step after it.
    stretches.push({ chord, from: at + STEP_MS, until: at + LATCH_MS + STEP_MS })
  }
  return stretches
}
