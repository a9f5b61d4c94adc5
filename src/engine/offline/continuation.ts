import type { EventIndex } from '../language/events.js'
import type { Idiom } from '../language/idiom.js'
import type { Network } from '../network/network.js'
import type { DrawPolicy } from '../sampling/draw-policy.js'
import { createDraw, createEventSampler, type Draw, type EventSampler } from '../sampling/event-sampler.js'
import { copyMoment, firstMoment, type Moment, passEvent } from '../sampling/moment.js'
import { negativeLogLikelihood } from './evaluate.js'

/** An event of a continuation, with those before it: a list whose older part forks share. */
export interface PassedEvent {
  readonly event: EventIndex
  /**
   * -ln p(event | all before it) in nats, under the network's own distribution: temperature 1, no mask, no weights, but with the
   * conditioning and guidance of the policy.
   */
  readonly nats: number
  readonly before: PassedEvent | null
}

/** What the continuations of one music share. Only one of them has its state in the network at a time. */
interface Shared {
  readonly network: Network
  readonly policy: DrawPolicy
  readonly sampler: EventSampler
  readonly draw: Draw
  /** The conditioning vector that the policy wants for the event at work. */
  readonly wanted: Float32Array
  /** The continuation whose state is in the network. */
  inNetwork: Continuation | null
}

/**
 * A performance as far as it has come, and the way on from there: the network's state with the moment, the events so far and how
 * likely they were. It can be forked, so that several ways on are tried and the best is kept. A step of the network is made only
 * when its logits are first asked for.
 */
export class Continuation {
  /** The moment after the last event. What is changed in it (what it expects, say) holds from the next event on. */
  readonly moment: Moment
  /** The run of its random numbers. Forks of other runs draw other events; a run of its own is chosen with {@link fork}. */
  readonly run: number
  /** The last event; null before the first. */
  last: PassedEvent | null = null
  /** Number of events so far. */
  count = 0
  /** Sum of the nats of all scored events. */
  nats = 0
  readonly #shared: Shared
  /** The network's state, before the step of `moment.previous` or, if `#isStepped`, after it; out of date while in the network. */
  readonly #state: Float32Array
  readonly #logits: Float32Array
  #isStepped = false

  /** For {@link beginContinuation} and {@link fork}. */
  constructor(shared: Shared, moment: Moment, run: number) {
    const { network } = shared
    this.#shared = shared
    this.moment = moment
    this.run = run
    this.#state = new Float32Array(network.stateSize)
    this.#logits = new Float32Array(network.logits.length)
  }

  /**
   * The network's logits for the next event, [388], under the policy's conditioning at `moment`. Valid until the continuation
   * passes an event. Steps the network if no one has asked before.
   */
  get logits(): Float32Array {
    if (this.#isStepped) return this.#logits
    const { network } = this.#shared
    this.#enterNetwork()
    this.#condition()
    network.step(this.moment.previous)
    this.#logits.set(network.logits)
    this.#isStepped = true
    return this.#logits
  }

  /**
   * Draws the next event under the policy, with its rules (polyphony, notes that must end), and passes it.
   * @returns the event
   */
  sample(): EventIndex {
    const { sampler, draw } = this.#shared
    copyMoment(this.moment, draw.moment)
    draw.logits.set(this.logits)
    sampler.drawWhole(draw, this.run)
    this.#pass(draw.event, negativeLogLikelihood(this.logits, draw.event))
    if (!draw.fed) this.moment.draws++
    if (draw.waiting >= 0) this.moment.waiting = draw.waiting
    return draw.event
  }

  /** Passes a known event, and scores it. */
  feed(event: EventIndex): void {
    this.#pass(event, negativeLogLikelihood(this.logits, event))
  }

  /** Passes a known event without a score (0 nats), which takes less time than {@link feed}. */
  hear(event: EventIndex): void {
    if (!this.#isStepped) {
      this.#enterNetwork()
      this.#condition()
      this.#shared.network.feed(this.moment.previous)
    }
    this.#pass(event, 0)
  }

  /** A continuation from the same point, that draws with the random numbers of `run`. Allocates a state and a moment. */
  fork(run: number): Continuation {
    const { clock, hasEnds } = this.moment
    const forked = new Continuation(this.#shared, firstMoment(clock, 0, { hasEnds }), run)
    forked.become(this)
    return forked
  }

  /** Goes on from where `other` of the same music is, with the random numbers of its own run as before. Allocates nothing. */
  become(other: Continuation): void {
    if (other === this) return
    if (this.#shared.inNetwork === this) this.#shared.inNetwork = null
    other.#saveState(this.#state)
    this.#logits.set(other.#logits)
    this.#isStepped = other.#isStepped
    copyMoment(other.moment, this.moment)
    this.last = other.last
    this.count = other.count
    this.nats = other.nats
  }

  /** The events so far after the first `from`, in order. Allocates. */
  events(from = 0): EventIndex[] {
    const events: EventIndex[] = []
    let at = this.last
    for (let n = this.count; n > from && at !== null; n--) {
      events.push(at.event)
      at = at.before
    }
    return events.reverse()
  }

  #pass(event: EventIndex, nats: number): void {
    const { policy } = this.#shared
    passEvent(this.moment, event)
    policy.pass(this.moment, event)
    this.last = { event, nats, before: this.last }
    this.count++
    this.nats += nats
    this.#isStepped = false
  }

  #condition(): void {
    const { network, policy, wanted } = this.#shared
    network.condition(wanted, policy.condition(wanted, this.moment))
  }

  #saveState(target: Float32Array): void {
    if (this.#shared.inNetwork === this) this.#shared.network.save(target)
    else target.set(this.#state)
  }

  #enterNetwork(): void {
    const { network, inNetwork } = this.#shared
    if (inNetwork === this) return
    if (inNetwork) network.save(inNetwork.#state)
    network.restore(this.#state)
    this.#shared.inNetwork = this
  }
}

/** What a music is a function of, for {@link beginContinuation}. */
interface ContinuationOptions {
  /** Moved from state to state; nobody else may use it while continuations do. */
  readonly network: Network
  readonly policy: DrawPolicy
  /** 0 to 2^32 - 1. */
  readonly seed: number
  readonly idiom?: Idiom
  /** The run of the first continuation's random numbers. Default 0. */
  readonly run?: number
}

/** The beginning of a performance: the blank state, step 0 and no event. All forks of it share the network. */
export function beginContinuation({
  network,
  policy,
  seed,
  idiom,
  run = 0,
}: ContinuationOptions): Continuation {
  const shared: Shared = {
    network,
    policy,
    sampler: createEventSampler(policy, seed),
    draw: createDraw(),
    wanted: new Float32Array(network.conditioningSize),
    inNetwork: null,
  }
  return new Continuation(shared, firstMoment(0, seed, idiom), run)
}
