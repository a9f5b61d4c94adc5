/**
 * The source of the music's time: none (`off`); incoming start and stop messages (`transport`); incoming start and stop
 * messages and MIDI clock (`clock`); the timeline of a Link session (`link`); or Rubato's own clock, which it sends to
 * others (`master`).
 */
export type Sync = 'off' | 'transport' | 'clock' | 'link' | 'master'
export const SYNCS = ['off', 'transport', 'clock', 'link', 'master'] as const satisfies readonly Sync[]

/** Whether the music begins when the band does. */
export function startsWithBand(sync: Sync): boolean {
  return followsTransport(sync) || sync === 'link'
}

/** Whether an incoming MIDI start or continue message starts the music, and an incoming stop message ends it. */
export function followsTransport(sync: Sync): boolean {
  return sync === 'transport' || sync === 'clock'
}
