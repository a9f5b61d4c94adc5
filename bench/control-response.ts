import { type Controls, defaultControls } from '../src/engine/controls.js'
import { createNetwork } from '../src/engine/networks.js'
import type { CollectedNote } from '../src/engine/note-collector.js'
import { render } from '../src/engine/rendering.js'
import { scaleMask } from '../src/engine/scales.js'
import { modelFolder, readKernel, readModel } from '../src/io/model-files.js'
import { printTable, type Row, round } from './table.js'

const SEEDS = [1, 2, 3]

const inCMajor = ({ pitch }: CollectedNote) => ((scaleMask('C', 'major') >> (pitch % 12)) & 1) === 1

type Measure = (notes: readonly CollectedNote[], seconds: number) => number
const density: Measure = (notes, seconds) => notes.length / seconds
const meanVelocity: Measure = (notes) => notes.reduce((sum, { velocity }) => sum + velocity, 0) / notes.length
const shareInKey: Measure = (notes) => (100 * notes.filter(inCMajor).length) / notes.length

/** What is asked of the network, how it is measured, and what the model's card says that it did. */
const ASKED: readonly {
  readonly controls: Partial<Controls>
  readonly what: string
  readonly asked: number
  readonly card: number
  readonly measure: Measure
}[] = [
  { what: 'density, notes/s', asked: 3, card: 3.2, controls: { density: 3 }, measure: density },
  { what: 'density, notes/s', asked: 8, card: 8.9, controls: { density: 8 }, measure: density },
  { what: 'density, notes/s', asked: 16, card: 17.1, controls: { density: 16 }, measure: density },
  { what: 'dynamics, velocity', asked: 40, card: 38, controls: { dynamics: 40 }, measure: meanVelocity },
  { what: 'dynamics, velocity', asked: 64, card: 62, controls: { dynamics: 64 }, measure: meanVelocity },
  { what: 'dynamics, velocity', asked: 90, card: 86, controls: { dynamics: 90 }, measure: meanVelocity },
  { what: 'key C major, % in it', asked: 100, card: 95, controls: { key: 'C' }, measure: shareInKey },
]

/** What must hold for every note; `breaks` counts those for which it doesn't. */
const EXACT: readonly {
  readonly what: string
  readonly controls: Partial<Controls>
  readonly breaks: (notes: readonly CollectedNote[]) => number
}[] = [
  {
    what: 'key C major, locked',
    controls: { key: 'C', keyLock: true },
    breaks: (notes) => notes.filter((note) => !inCMajor(note)).length,
  },
  {
    what: 'register 48-72',
    controls: { register: [48, 72] },
    breaks: (notes) => notes.filter(({ pitch }) => pitch < 48 || pitch > 72).length,
  },
  {
    what: 'polyphony 1',
    controls: { polyphony: 1 },
    // Ordered by start: the note before ends no later than the next begins.
    breaks: (notes) => notes.filter(({ start }, n) => n > 0 && notes[n - 1]!.end > start).length,
  },
  {
    what: 'articulation 0.3 s',
    controls: { articulation: 0.3 },
    breaks: (notes) => notes.filter(({ start, end }) => end - start > 300 + 1e-6).length,
  },
]

/** How far a response may miss what was asked, beyond the card's own miss, as a share of the card's figure. */
const TOLERANCE = 0.1

/**
 * Whether the controls are obeyed: the learnt ones as the model's card says (median of three seeds, no further from
 * what was asked than the card's figure by more than a tenth of it), the exact ones by every note.
 */
export async function controlResponse(seconds: number): Promise<readonly Row[]> {
  const { weights, spec } = readModel(modelFolder('rubato-piano'))
  const network = createNetwork(weights, 'auto', readKernel())
  const play = (controls: Partial<Controls>) =>
    SEEDS.map((seed) =>
      render(
        { network, layout: spec.conditioning, seed, controls: { ...defaultControls(), ...controls } },
        1000 * seconds,
      ),
    )
  const learnt = ASKED.map(({ what, asked, card, controls, measure }) => {
    const realised = play(controls)
      .map((notes) => measure(notes, seconds))
      .sort((a, b) => a - b)[SEEDS.length >> 1]!
    const within = Math.abs(realised - asked) <= Math.abs(card - asked) + TOLERANCE * card
    return { control: what, asked, realised: round(realised, 1), card, 'as the card': within ? 'yes' : 'no' }
  })
  printTable(`Learnt controls, medians of ${SEEDS.length} seeds, ${seconds} s each`, learnt)
  const exact = EXACT.map(({ what, controls, breaks }) => {
    const renderings = play(controls)
    return {
      control: what,
      notes: renderings.reduce((sum, notes) => sum + notes.length, 0),
      violations: renderings.reduce((sum, notes) => sum + breaks(notes), 0),
    }
  })
  printTable(`Exact controls, ${SEEDS.length} seeds, ${seconds} s each`, exact)
  return [...learnt, ...exact]
}
