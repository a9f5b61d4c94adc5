import type { EnsembleState } from '../ensemble/ensemble.js'
import { LONGEST_RELEASE_MS, type TurnEffect } from '../ensemble/turns.js'
import type { Plan } from '../plan/plan.js'
import type { Ms } from '../units.js'
import type { Sequencer } from './sequencer.js'
import type { FormSteering } from './steering/form-steering.js'

/** The parts of a pianist that a change of the turns acts on. */
interface TurnParts {
  readonly ensemble: EnsembleState
  readonly plan: Plan
  readonly form: FormSteering
  /** Plan time up to which everything has been sent. */
  readonly position: Ms
}

/** Carries out what follows from a change of the turns. @param replan draws everything after the position again */
export function carryOut(
  effect: TurnEffect['type'],
  { ensemble, plan, form, position }: TurnParts,
  sequencer: Sequencer,
  replan: () => void,
): void {
  switch (effect) {
    case 'hold':
      sequencer.release(LONGEST_RELEASE_MS)
      break
    case 'resume':
      if (plan.open().moment.sounding > 0) {
        plan.breathe(position)
        ensemble.notes.clear()
      }
      break
    case 'clear-phrase':
      ensemble.phrase.clear()
      break
    case 'give-floor':
      replan()
      break
    case 'take-floor':
      form.keepPhrase()
      sequencer.onMerged(plan.endWait(position))
      break
    case 'silence':
      ensemble.forget()
      sequencer.forgetNotes()
      plan.drop()
      break
  }
}
