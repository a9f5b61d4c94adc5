import type { Command, Origin } from './commands.js'
import type { HeardMessage } from './notes.js'
import type { Ms } from './units.js'

/** What reaches a performer, with its moment of arrival in process time. */
export type Arrival =
  | {
      readonly kind: 'command'
      readonly command: Command
      readonly by?: Origin | undefined
      readonly at: Ms
    }
  | { readonly kind: 'heard'; readonly message: HeardMessage; readonly at: Ms }
