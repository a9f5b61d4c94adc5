import type { Moment } from '../sampling/moment.js'
import type { Command } from '../surface/commands.js'
import type { Ms } from '../units.js'
import type { Steering } from './steering/steering.js'

/** A command that gives the pianist music to play from: a theme, a score, a manner, or chords. */
type MaterialCommand = Extract<
  Command,
  { type: 'mark-theme' | 'give-theme' | 'give-score' | 'set-style' | 'take-style' | 'set-progression' }
>

/**
 * Takes over the material of `command`, given at `position`; `moment` is that of the open event.
 * @returns whether the music changes with it, so that the plan must be drawn again
 */
export function takeMaterial(
  command: MaterialCommand,
  { form, style, chords }: Steering,
  moment: Moment,
  position: Ms,
): boolean {
  switch (command.type) {
    case 'mark-theme':
    case 'give-theme':
      return form.learn(command, moment)
    case 'give-score':
      return form.giveScore(command)
    case 'set-progression':
      return moment.hasEnds && chords.give(command.progression, position)
    default:
      return style.learn(command, position)
  }
}
