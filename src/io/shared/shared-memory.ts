import type { Ms } from '../../engine/units.js'
import { now, sleepUntil, wake } from '../clock.js'
import { allocateLastSent } from './last-sent.js'
import { allocateLedger } from './ledger.js'
import { allocateRing, Ring } from './rings.js'

/**
 * All memory the threads share: main allocates it and hands the same object to every worker (structured cloning
 * shares the buffers). Open a `Ring`, `Ledger` or `LastSent` over a buffer where it is used.
 */
export interface SharedMemory {
  /** Control words, by the indices below; Atomics only. */
  readonly control: Int32Array
  readonly performerToStage: SharedArrayBuffer
  /** Of the second performer, where one plays along. */
  readonly drummerToStage: SharedArrayBuffer
  readonly earToStage: SharedArrayBuffer
  readonly earToPerformer: SharedArrayBuffer
  /** The clock and transport, where a second performer plays along. */
  readonly earToDrummer: SharedArrayBuffer
  /** Everything the player does, for whoever shows or records it. */
  readonly earToMain: SharedArrayBuffer
  /** What was really sent. */
  readonly stageToMain: SharedArrayBuffer
  readonly ledger: SharedArrayBuffer
  readonly lastSent: SharedArrayBuffer
}

/** Panics so far: messages of older epochs are dropped. */
export const EPOCH = 0
/** The epoch whose silence the stage has made. */
export const SILENCED_EPOCH = 1
/** What is asked of the stage: nothing (0), {@link REQUEST_END}, {@link REQUEST_REOPEN} or, in tests, {@link REQUEST_FAULT}. */
export const STAGE_REQUEST = 2
/** How far the stage is: starting (0), {@link STAGE_PLAYING}, {@link STAGE_SILENT}. */
export const STAGE_STATE = 3
/** Bells, one a thread that sleeps. */
export const STAGE_BELL = 4
export const PERFORMER_BELL = 5
/** How far the ear is: listening (0), {@link EAR_CLOSED}. */
export const EAR_STATE = 6
/** Counts. Note-ons dropped because they were too late. */
export const DROPPED = 7
/** Messages the port threw at, or that were malformed. */
export const LOST = 8
/** Heard notes and controls taken for echoes of our own. */
export const ECHOES = 9
/** Input messages ignored by rule. */
export const IGNORED = 10
/** 1 where a second performer plays along: the ear tells it of the clock. */
export const HAS_DRUMMER = 11
const CONTROL_WORDS = 16

export const REQUEST_END = 1
/** Fault injection: the stage's loop throws. Only tests ask for it. */
export const REQUEST_FAULT = 2
/** The named port is there again: open it anew. */
export const REQUEST_REOPEN = 3

export const STAGE_PLAYING = 1
/** Nothing sounds and the port is closed. */
export const STAGE_SILENT = 2

/** Its ports are closed, and no native callback is under way. */
export const EAR_CLOSED = 1

/** Ids of notes that the ear passes through begin here; the performer's lie below, from 1, so that the two never meet. */
export const FIRST_THRU_ID = 0x4000_0000
/** And the second performer's between them. */
export const FIRST_DRUM_ID = 0x2000_0000

/** Capacities in records. Too small loses messages while a thread is stalled (main may be, for a second); 32 bytes each. */
const PERFORMER_TO_STAGE = 4096
const INPUT = 1024
const STAGE_TO_MAIN = 8192

/** Allocates everything, silent and empty. */
export function allocateSharedMemory(): SharedMemory {
  return {
    control: new Int32Array(new SharedArrayBuffer(CONTROL_WORDS * 4)),
    performerToStage: allocateRing(PERFORMER_TO_STAGE),
    drummerToStage: allocateRing(PERFORMER_TO_STAGE),
    earToStage: allocateRing(INPUT),
    earToPerformer: allocateRing(INPUT),
    earToDrummer: allocateRing(INPUT),
    earToMain: allocateRing(INPUT),
    stageToMain: allocateRing(STAGE_TO_MAIN),
    ledger: allocateLedger(),
    lastSent: allocateLastSent(),
  }
}

/**
 * The memory as the second performer has it: its own rings where the first has its. They share bells, epoch and the rest.
 */
export function drummersMemory(memory: SharedMemory): SharedMemory {
  return { ...memory, performerToStage: memory.drummerToStage, earToPerformer: memory.earToDrummer }
}

/** Messages so far that found a ring full, and were lost. */
export function countOverflows(memory: SharedMemory): number {
  const { performerToStage, drummerToStage, earToStage } = memory
  const { earToPerformer, earToDrummer, earToMain, stageToMain } = memory
  return [performerToStage, drummerToStage, earToStage, earToPerformer, earToDrummer, earToMain, stageToMain]
    .map((ring) => new Ring(ring).overflows)
    .reduce((sum, count) => sum + count, 0)
}

/** Panic: everything sounding ends now, everything handed over before is dropped. Doesn't block. @returns the epoch. */
export function panic(memory: SharedMemory): number {
  const epoch = Atomics.add(memory.control, EPOCH, 1) + 1
  wake(memory.control, STAGE_BELL)
  wake(memory.control, PERFORMER_BELL)
  return epoch
}

/** Blocks until the stage has silenced `epoch` (or is gone silent for good), at most `limit` ms. @returns whether it has. */
export function awaitSilence(memory: SharedMemory, epoch: number, limit: Ms): boolean {
  const deadline = now() + limit
  for (;;) {
    const silenced = Atomics.load(memory.control, SILENCED_EPOCH)
    if (silenced >= epoch || Atomics.load(memory.control, STAGE_STATE) === STAGE_SILENT) return true
    if (now() >= deadline) return false
    sleepUntil(memory.control, SILENCED_EPOCH, silenced, deadline, 0)
  }
}

/** Asks the stage to open its named port anew. Doesn't block; an END that was asked for stays asked for. */
export function reopenStage(memory: SharedMemory): void {
  Atomics.compareExchange(memory.control, STAGE_REQUEST, 0, REQUEST_REOPEN)
  wake(memory.control, STAGE_BELL)
}

/** The one road out, fit for `process.on('exit')`: asks the stage to end and blocks until it is silent, at most `limit` ms. */
export function endStage(memory: SharedMemory, limit: Ms): boolean {
  Atomics.store(memory.control, STAGE_REQUEST, REQUEST_END)
  wake(memory.control, STAGE_BELL)
  return awaitState(memory, STAGE_STATE, STAGE_SILENT, limit)
}

/** Blocks until a thread's word of state is `wanted`, at most `limit` ms. @returns whether it is. */
export function awaitState(memory: SharedMemory, word: number, wanted: number, limit: Ms): boolean {
  const deadline = now() + limit
  for (;;) {
    const state = Atomics.load(memory.control, word)
    if (state === wanted) return true
    if (now() >= deadline) return false
    sleepUntil(memory.control, word, state, deadline, 0)
  }
}
