import { Worker } from 'node:worker_threads'
import type { Origin } from '../engine/controls/origin.js'
import type { EventIndex } from '../engine/language/events.js'
import type { ClockMessage } from '../engine/language/messages.js'
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

/** The settings of every performer: of the first one, and of those that replace it. */
type PerformerSettings = Omit<
  PerformerData,
  'past' | 'history' | 'epoch' | 'playing' | 'muted' | 'reportInputs' | 'reportApplied'
> & {
  /** Events that the first performer goes on from; empty where there is no prompt. */
  readonly prompt: readonly EventIndex[]
}

export interface PerformerListeners {
  /** Called with each input as it was applied, for measuring. */
  readonly onApplied?: ((applied: Extract<PerformerMessage, { kind: 'applied' }>) => void) | undefined
  /** Called with the inputs as the first performer applies them, and the plan time reached: a take is made of these. */
  readonly onInputs?: ((inputs: readonly TakenInput[], position: Ms) => void) | undefined
  /**
   * Called when the performer died and is being started again. A panic has ended all notes, those of the other performer
   * too.
   */
  readonly onReplaced: () => void
  /** Called with sentences for the player, for example that the performer died and was started again. */
  readonly onNotice: (sentence: string) => void
  /** Called with a sentence for the player when the performer dies again and again, and isn't started any more. */
  readonly onLost: (sentence: string) => void
}

/** The performer as main sees it: always the one that lives, should one die and be replaced. */
export interface PerformerHost {
  /** The worker of the performer that lives now. */
  worker(): Worker
  /**
   * Resolves when the first performer can play, with what computes its network. Rejects with the error if it ends before.
   */
  readonly ready: Promise<string>
  /** Sends the performer a command that came in at process time `at`, to act at `due` where that is given. */
  send(command: Command, by: Origin | undefined, at: Ms, due?: Ms): void
  /** Tells the performer about the band's beat. */
  tellBeat(message: ClockMessage): void
  /** The last snapshot, up to 100 ms old; undefined before the first. */
  snapshot(): Snapshot | undefined
  /** How many times a performer died and was replaced. */
  restarts(): number
  /** Declares that the performer's end is no failure from now on: it isn't replaced. */
  letGo(): void
}

/**
 * Deaths a minute after which no performer is started any more. A lower limit gives up after a short disturbance; a higher
 * one only repeats the failure.
 */
const MOST_RESTARTS = 5
const MINUTE_MS: Ms = 60_000

/** Starts the performer, paused, and watches over it: if it dies its notes are ended, and another one goes on. */
export function hostPerformer(
  { prompt, ...settings }: PerformerSettings,
  { onApplied, onInputs, onReplaced, onNotice, onLost }: PerformerListeners,
): PerformerHost {
  const { memory } = settings
  const history = allocateRecentEvents()
  const past = new RecentEvents(history)
  // The prompt is written as past events, so that a performer that replaces this one early has something to go on from.
  for (const event of prompt) past.write(event)
  let snapshot: Snapshot | undefined
  /** The chords given last, which a performer that replaces this one keeps to as well. */
  let chords: Command | null = null
  let restarts = 0
  /** The process times of the deaths in the last minute. */
  let deaths: Ms[] = []
  let wasReady = false
  let isLetGo = false
  let isReady: (backend: string) => void
  let hasFailed: (error: Error) => void
  const ready = new Promise<string>((resolve, reject) => {
    isReady = resolve
    hasFailed = reject
  })
  // `ready` may reject before main waits for it, which would count as an unhandled rejection.
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
        muted: snapshot?.muted === true,
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

  /** Ends the notes of a dead performer, and starts another that goes on from the last events. */
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
    if (chords) post({ kind: 'command', command: chords, by: undefined, at: now(), epoch: epochNow() })
    onReplaced()
  }

  function post(request: PerformerRequest): void {
    worker.postMessage(request)
    wake(memory.control, PERFORMER_BELL)
  }

  return {
    worker: () => worker,
    ready,
    send: (command, by, at, due) => {
      if (command.type === 'set-progression') chords = command
      post({ kind: 'command', command, by, at, due, epoch: epochNow() })
    },
    tellBeat: (message) => post({ kind: 'clock', message }),
    snapshot: () => snapshot,
    restarts: () => restarts,
    letGo: () => {
      isLetGo = true
    },
  }
}
