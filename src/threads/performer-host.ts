import { Worker } from 'node:worker_threads'
import type { Origin } from '../engine/controls/origin.js'
import type { EventIndex } from '../engine/language/events.js'
import { Refused } from '../engine/refused.js'
import type { Command } from '../engine/surface/commands.js'
import type { TakenInput } from '../engine/surface/inputs.js'
import type { Snapshot } from '../engine/surface/snapshot.js'
import type { Ms } from '../engine/units.js'
import { now, wake } from '../io/clock.js'
import { allocateRecentEvents, RecentEvents } from '../io/shared/recent-events.js'
import { EPOCH, PERFORMER_BELL, panic } from '../io/shared/shared-memory.js'
import {
  type PerformerData,
  type PerformerMessage,
  type PerformerRequest,
  WORKER_LIMITS,
} from './messages.js'

/** What every performer is started with, the first and those after it. */
export type PerformerSettings = Omit<
  PerformerData,
  'past' | 'history' | 'epoch' | 'playing' | 'reportInputs' | 'reportApplied'
> & {
  /** The end of a performance for the first one to go on from; empty where there is none. */
  readonly prompt: readonly EventIndex[]
}

export interface PerformerListeners {
  /** Is told of each input applied, for measuring. */
  readonly onApplied?: ((applied: Extract<PerformerMessage, { kind: 'applied' }>) => void) | undefined
  /** Is given each input as the first performer applies it, and the plan time reached: what a take is made of. */
  readonly onInputs?: ((inputs: readonly TakenInput[], position: Ms) => void) | undefined
  /** It died and is being started again; all that sounded has been ended by a panic, which everybody obeys. */
  readonly onReplaced: () => void
  /** The same as a sentence for the player. */
  readonly onNotice: (sentence: string) => void
  /** It can't be kept alive. A sentence for the player. */
  readonly onLost: (sentence: string) => void
}

/** The performer as main sees it: one after the other, should they die. */
export interface PerformerHost {
  /** The one that lives now. */
  worker(): Worker
  /** When the first one can play: which engine computes its network. Rejects, with the error, if it ends before. */
  readonly ready: Promise<string>
  /** Sends it a command that came in at process time `at`. */
  send(command: Command, by: Origin | undefined, at: Ms): void
  /** How the pianist stood a moment ago; undefined until it has said so. */
  snapshot(): Snapshot | undefined
  /** Times that it died and was started again. */
  restarts(): number
  /** From now on its end is no failure, and no other is started. */
  letGo(): void
}

/** A performer that dies more often than this in a minute will not live: say so instead of trying on. */
const MOST_RESTARTS = 5
const MINUTE_MS: Ms = 60_000

/** Starts the performer, paused, and watches over it: if it dies its notes are ended, and another goes on from there. */
export function hostPerformer(
  { prompt, ...settings }: PerformerSettings,
  { onApplied, onInputs, onReplaced, onNotice, onLost }: PerformerListeners,
): PerformerHost {
  const { memory } = settings
  const history = allocateRecentEvents()
  const past = new RecentEvents(history)
  // A performer that dies before it has played much leaves the next one something to go on from.
  for (const event of prompt) past.write(event)
  let snapshot: Snapshot | undefined
  let restarts = 0
  /** When performers died in the last minute. */
  let deaths: Ms[] = []
  let wasReady = false
  let isLetGo = false
  let isReady: (backend: string) => void
  let hasFailed: (error: Error) => void
  const ready = new Promise<string>((resolve, reject) => {
    isReady = resolve
    hasFailed = reject
  })
  // Main may still be waiting for something else when it fails.
  ready.catch(() => {})
  let worker = start(false, prompt)

  function epochNow(): number {
    return Atomics.load(memory.control, EPOCH)
  }

  function start(playing: boolean, goOnFrom: readonly EventIndex[]): Worker {
    const started = new Worker(new URL('./performer.js', import.meta.url), {
      workerData: {
        ...settings,
        controls: snapshot?.controls ?? settings.controls,
        past: goOnFrom,
        history,
        epoch: epochNow(),
        playing,
        reportInputs: onInputs !== undefined && restarts === 0,
        reportApplied: onApplied !== undefined,
      } satisfies PerformerData,
      resourceLimits: WORKER_LIMITS,
    })
    let failure: Error = new Error('it ended')
    started.on('message', (message: PerformerMessage) => {
      switch (message.kind) {
        case 'ready':
          wasReady = true
          return isReady(message.backend)
        case 'refused':
          failure = new Refused(message.reason)
          return
        case 'snapshot':
          snapshot = message.snapshot
          return
        case 'inputs':
          return onInputs?.(message.inputs, message.position)
        case 'applied':
          return onApplied?.(message)
      }
    })
    started.on('error', (error) => {
      if (!(failure instanceof Refused)) failure = error
    })
    started.on('exit', () => {
      if (!wasReady) hasFailed(failure)
      else if (!isLetGo) replace(failure.message)
    })
    return started
  }

  /** A dead performer leaves nothing sounding and is started again from the last events. */
  function replace(failure: string): void {
    panic(memory)
    restarts++
    deaths = [...deaths.filter((at) => at > now() - MINUTE_MS), now()]
    if (deaths.length > MOST_RESTARTS) {
      onLost(`The performer failed ${deaths.length} times in a minute, the last time because ${failure}.`)
      return
    }
    onNotice(`The performer failed (${failure}) and was started again.`)
    worker = start(snapshot?.paused === false, past.read())
    onReplaced()
  }

  return {
    worker: () => worker,
    ready,
    send: (command, by, at) => {
      const request: PerformerRequest = { kind: 'command', command, by, at, epoch: epochNow() }
      worker.postMessage(request)
      wake(memory.control, PERFORMER_BELL)
    },
    snapshot: () => snapshot,
    restarts: () => restarts,
    letGo: () => {
      isLetGo = true
    },
  }
}
