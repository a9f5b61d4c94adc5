import { encodeSteps, type Note, quantize } from '../src/engine/language/performance.js'
import { excerptsOf } from './excerpts.js'
import { type KeyStability, keyStability } from './key-stability.js'
import { longestRepeat } from './longest-repeat.js'
import { mean } from './minute-measures.js'
import { countReturns, type FigureKind, type Returns } from './returning-figures.js'
import { topVoice } from './top-voice.js'

/** The figures whose returns are counted: the usual ones, and longer ones further apart, which chance hardly brings back. */
export const FIGURE_KINDS: readonly FigureKind[] = [
  { notes: 7, apart: 10_000 },
  { notes: 9, apart: 20_000 },
]

/** The form of a performance, measured. */
export interface PerformanceForm {
  readonly excerpts: readonly ExcerptForm[]
  /** Events of the longest stretch that occurs twice in the whole performance. */
  readonly longestRepeat: number
}

interface ExcerptForm {
  /** One for each of {@link FIGURE_KINDS}. */
  readonly returns: readonly Returns[]
  readonly key: KeyStability | null
}

/** Measures the form of a performance's `notes`, ordered by start. */
export function measureForm(notes: readonly Note[]): PerformanceForm {
  return {
    excerpts: excerptsOf(notes).map((excerpt) => {
      const voice = topVoice(excerpt)
      return { returns: FIGURE_KINDS.map((kind) => countReturns(voice, kind)), key: keyStability(excerpt) }
    }),
    longestRepeat: longestRepeat(encodeSteps(quantize(notes))),
  }
}

/** What is shown of one or several performances; null where there is nothing to measure, as in less than two minutes. */
export interface FormSummary {
  readonly excerpts: number
  /** For each of {@link FIGURE_KINDS}: of all figures of all excerpts, the share that is heard again. */
  readonly returning: readonly (number | null)[]
  /** The greatest of the performances. */
  readonly longestRepeat: number
  /** Means over the excerpts. */
  readonly inMainKey: number | null
  readonly keys: number | null
  readonly correlation: number | null
}

/** Sums up performances: in shares every figure counts alike, in means every excerpt. */
export function summarize(forms: readonly PerformanceForm[]): FormSummary {
  const excerpts = forms.flatMap((form) => form.excerpts)
  const keys = excerpts.flatMap(({ key }) => key ?? [])
  return {
    excerpts: excerpts.length,
    returning: FIGURE_KINDS.map((_, kind) => {
      const counts = excerpts.map(({ returns }) => returns[kind]!)
      const figures = counts.reduce((sum, count) => sum + count.figures, 0)
      return figures === 0 ? null : counts.reduce((sum, count) => sum + count.returning, 0) / figures
    }),
    longestRepeat: forms.reduce((most, form) => Math.max(most, form.longestRepeat), 0),
    inMainKey: mean(keys.map((key) => key.inMainKey)),
    keys: mean(keys.map((key) => key.keys)),
    correlation: mean(keys.map((key) => key.correlation)),
  }
}
