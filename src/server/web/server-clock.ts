import type { Ms } from '../../engine/units.js'

/** The server's clock as it can be known from here, in ms. */
export interface ServerClock {
  /** Takes in a round trip: asked at `sent` and answered at `received` (our time) by the server at `now` (its own). */
  sample(sent: Ms, now: Ms, received: Ms): void
  /** Its time at ours. */
  toServer(local: Ms): Ms
  /** Our time at its. */
  toLocal(server: Ms): Ms
  /** The shortest round trip of the last ones; undefined before the first. */
  readonly roundTrip: Ms | undefined
}

/** Round trips looked back on: fewer follow every hiccup, more follow a drifting clock late. */
const KEPT = 16

/**
 * The offset is taken from the shortest of the last round trips, half way through it: whatever makes one longer (a queue,
 * a busy page) makes it worse (Cristian 1989, "Probabilistic clock synchronization").
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
