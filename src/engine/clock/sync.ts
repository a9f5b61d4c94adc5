/**
 * Whose time the music follows: nobody's (`off`); the start and stop messages that come in (`transport`); those and the MIDI
 * clock that comes in (`clock`); or Rubato gives the clock itself (`master`).
 */
export type Sync = 'off' | 'transport' | 'clock' | 'master'
export const SYNCS = ['off', 'transport', 'clock', 'master'] as const satisfies readonly Sync[]

/** Whether a start or continue message that comes in plays, and a stop message ends. */
export function followsTransport(sync: Sync): boolean {
  return sync === 'transport' || sync === 'clock'
}
