import { foretellLoudness } from '../../engine/expression/expression-network.js'
import { notesOfScore, type Score, type ScoreNote, scoreOf, USUAL_FREEDOM } from '../../engine/form/score.js'
import { quantize } from '../../engine/language/performance.js'
import { languageOf } from '../../engine/model/model.js'
import { Refused } from '../../engine/refused.js'
import { type Command, MOST_SCORE_NOTES } from '../../engine/surface/commands.js'
import { readExpression } from '../../io/models/expression-files.js'
import type { ModelFiles } from '../../io/models/model-files.js'
import { readMidiFile } from '../../io/recording/midi-file-reader.js'
import { type Flag, type Given, numberFrom, textFrom } from './flags.js'

export const FREEDOM_FLAG: Flag = {
  name: 'freedom',
  value: 'N',
  help: `how freely the score's tempo is taken: 0 strictly, 1 up to 35 % faster or slower (0 to 1; ${USUAL_FREEDOM})`,
}

export const EXPRESSION_FLAG: Flag = {
  name: 'no-expression',
  help: "foretell no loudness: the model's own is then all (for paid work with a model of your own)",
}

/** Whether {@link EXPRESSION_FLAG} is given: `parseArgs` reads it as an `expression` that is false. */
export function isExpressionOff({ values }: Given): boolean {
  return values.expression === false
}

/** The freedom that {@link FREEDOM_FLAG} asks for. Throws Refused outside 0 to 1. */
export function freedomFrom(given: Given): number {
  return numberFrom(given, 'freedom', { min: 0, max: 1 }, USUAL_FREEDOM)
}

/** The notes of a score in a MIDI file. */
interface ScoreFile {
  /** Of all tracks and channels together, by onset and then pitch. */
  readonly notes: readonly ScoreNote[]
  /** Number of notes left out, because their pitch is struck by another at the same time. */
  readonly doubled: number
}

/** Reads a score. Its loudness is of no account; the sustain pedal lengthens notes. Throws Refused for a file without notes. */
export async function readScore(path: string): Promise<ScoreFile> {
  const { notes } = await readMidiFile(path)
  if (notes.length === 0) throw new Refused(`${path} has no notes to play.`)
  const steps = quantize(notes)
  return {
    notes: steps.map(({ start, end, pitch }) => ({ onset: start, pitch, length: end - start })),
    doubled: notes.length - steps.length,
  }
}

/**
 * `score` with how loud a pianist is expected to play each of its notes, unless {@link EXPRESSION_FLAG} says otherwise. Where the
 * network that foretells it can't be read, the score as it is, and a sentence on stderr.
 */
export function withLoudness(score: Score, given: Given): Score {
  if (isExpressionOff(given)) return score
  try {
    return foretellLoudness(readExpression(), score)
  } catch (error) {
    if (!(error instanceof Refused)) throw error
    process.stderr.write(
      `The loudness of the score is not foretold, so it is less like a pianist's: ${error.message} Install Rubato again to have it.\n`,
    )
    return score
  }
}

/** Throws Refused for a model that plays no piano in its own time. */
export function requirePianist({ spec }: ModelFiles): void {
  const { hasEnds, step } = languageOf(spec)
  if (!hasEnds || step === 'beat')
    throw new Refused(
      hasEnds
        ? `The model ${spec.name} plays in strict beats; leave --model out to perform a score.`
        : `The model ${spec.name} plays no piano; leave --model out to perform a score.`,
    )
}

/** A score for the live pianist. */
export interface GivenScore {
  readonly command: Extract<Command, { type: 'give-score' }>
  /** What is told of it. */
  readonly sentence: string
}

/** The score that `--perform` names, or null. Throws Refused for one that can't be played live. */
export async function scoreFrom(given: Given, model: ModelFiles): Promise<GivenScore | null> {
  const path = textFrom(given, 'perform')
  const freedom = freedomFrom(given)
  if (path === null) {
    if (given.values.freedom !== undefined) throw new Refused('--freedom needs --perform FILE.')
    if (isExpressionOff(given)) throw new Refused('--no-expression needs --perform FILE.')
    return null
  }
  requirePianist(model)
  const { notes } = await readScore(path)
  if (notes.length > MOST_SCORE_NOTES)
    throw new Refused(`${path} has more than ${MOST_SCORE_NOTES} notes; rubato perform plays it into a file.`)
  const score = withLoudness(scoreOf(notes, freedom), given)
  return {
    command: { type: 'give-score', notes: notesOfScore(score), freedom },
    sentence: `Plays the ${notes.length} notes of ${path}, and then goes on from there.`,
  }
}
