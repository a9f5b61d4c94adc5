import type { Ms } from '../../engine/units.js'

/** An estimate of the server's clock, in ms. */
export interface ServerClock {
  /**
   * Adds a round trip: a ping was sent at `sent` and its answer received at `received` (our time); the server wrote the
   * answer at `now` (its own time).
   */
  sample(sent: Ms, now: Ms, received: Ms): void
  /** The server's time at a time of ours. */
  toServer(local: Ms): Ms
  /** Our time at a time of the server's. */
  toLocal(server: Ms): Ms
  /** The shortest of the remembered round trips: it was delayed least, so the estimate rests on it. Undefined before the first. */
  readonly roundTrip: Ms | undefined
}

/**
 * How many round trips are remembered: with fewer the estimate follows every hiccup, with more it follows a drifting
 * clock late.
 */
const KEPT = 16

/**
 * An estimate from the shortest of the last round trips, as if the answer was written half way through it. Whatever
 * makes a round trip longer (a queue, a busy page) makes its estimate worse (Cristian 1989, "Probabilistic clock
 * synchronization").
 */
export function createServerClock(): ServerClock {
  let samples: readonly { readonly offset: Ms; readonly roundTrip: Ms }[] = []

  const best = () => samples.reduce((a, b) => (b.roundTrip < a.roundTrip ? b : a))
  const offset = () => (samples.length === 0 ? 0 : best().offset)

  return {
    sample: (sent, now, received) => {
      const roundTrip = received - sent
      samples = [...samples, { offset: now - (sent + received) / 2, roundTrip }].slice(-KEPT)
    },
    toServer: (local) => local + offset(),
    toLocal: (server) => server - offset(),
    get roundTrip() {
      return samples.length === 0 ? undefined : best().roundTrip
    },
  }
}
