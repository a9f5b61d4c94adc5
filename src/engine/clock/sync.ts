/** Whose time it is: nobody's; start and stop that come in are heeded; the clock that comes in counts too; or we give it. */
export type Sync = 'off' | 'transport' | 'clock' | 'master'
export const SYNCS = ['off', 'transport', 'clock', 'master'] as const satisfies readonly Sync[]

/** Whether start and continue that come in play, and stop ends. */
export function followsTransport(sync: Sync): boolean {
  return sync === 'transport' || sync === 'clock'
}
