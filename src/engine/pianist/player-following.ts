import type { EnsembleState } from '../ensemble/ensemble.js'
import { harmonyScale } from '../ensemble/harmony.js'
import { pressesSostenuto } from '../ensemble/player-tracker.js'
import { clockAfter, placesKeys, type TurnEvent } from '../ensemble/turns.js'
import type { HeardMessage } from '../language/messages.js'
import type { Ms } from '../units.js'
import type { Sequencer } from './sequencer.js'
import type { Steering } from './steering/steering.js'

/** The parts of a pianist that the player's keys and pedals act on. */
interface FollowingParts {
  readonly ensemble: EnsembleState
  /** Plan time up to which everything has been sent. */
  readonly position: Ms
}

/**
 * Carries out what follows from a message that has changed the player's keys or pedals.
 * @param hasChords whether the music can keep to a chord that is played
 * @param pass applies an event to the turns
 * @returns whether everything after the position has to be drawn again
 */
export function followPlayer(
  message: HeardMessage,
  { ensemble, position }: FollowingParts,
  steering: Steering,
  history: Sequencer,
  hasChords: boolean,
  pass: (event: TurnEvent) => void,
): boolean {
  const isLatched = hasChords && ensemble.latchChord(message)
  const isDown = ensemble.player.isSostenutoDown
  pass({ type: 'pedal', isDown, isPressed: pressesSostenuto(message) })
  const struck = message.kind === 'note-on' && placesKeys(ensemble.turns) ? message : undefined
  if (struck) {
    pass({ type: 'key', at: struck.at })
    ensemble.extendPhrase(struck)
  }
  const { mode } = ensemble.turns
  if (struck) {
    // A copy, since drawing the added notes overwrites the original.
    const noteOns = steering.noteOnsAt(clockAfter(position)).slice()
    const harmony = { noteOns, scale: harmonyScale(ensemble.controls, ensemble.playing) }
    ensemble.notes.strike(struck, history, mode.harmonizesKeys ? harmony : undefined)
  }
  const hasLifted = ensemble.notes.lift(ensemble.player.held(), message.at, history)
  return isLatched || (!struck && !hasLifted && mode.listens)
}
