import type { HeardMessage } from '../language/messages.js'
import type { Ms } from '../units.js'
import type { Command, Origin } from './commands.js'

/** What reaches a performer, with its moment of arrival in process time. */
export type Arrival =
  | {
      readonly kind: 'command'
      readonly command: Command
      readonly by?: Origin | undefined
      readonly at: Ms
    }
  | { readonly kind: 'heard'; readonly message: HeardMessage; readonly at: Ms }
