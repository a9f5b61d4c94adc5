import type { SentMessage } from '../../engine/language/messages.js'
import type { Ms } from '../../engine/units.js'
import { now, sleepUntil, wake } from '../clock.js'
import { allocateLastSent } from './last-sent.js'
import { allocateLedger } from './ledger.js'
import { allocateRing, Ring } from './rings.js'

/**
 * All memory that the threads share. Main allocates it and hands this object to every worker; structured cloning shares
 * the buffers. Open a `Ring`, `Ledger` or `LastSent` over a buffer where it is used.
 */
export interface SharedMemory {
  /** Control words, by the indices below. Read and write them with Atomics only. */
  readonly control: Int32Array
  readonly performerToStage: SharedArrayBuffer
  /** Messages of the drummer, where one plays along. */
  readonly drummerToStage: SharedArrayBuffer
  readonly earToStage: SharedArrayBuffer
  readonly earToPerformer: SharedArrayBuffer
  /** The clock and transport messages for the drummer, where one plays along. */
  readonly earToDrummer: SharedArrayBuffer
  /** All messages of the player, to be shown and recorded. */
  readonly earToMain: SharedArrayBuffer
  /** The messages that the stage really sent, and those that it dropped. */
  readonly stageToMain: SharedArrayBuffer
  readonly ledger: SharedArrayBuffer
  readonly lastSent: SharedArrayBuffer
}

/** How many panics there were so far. Messages of older epochs are dropped. */
export const EPOCH = 0
/** The epoch of the panic that the stage has carried out last. */
export const SILENCED_EPOCH = 1
/** The request to the stage: none (0), {@link REQUEST_END}, {@link REQUEST_REOPEN} or, in tests, {@link REQUEST_FAULT}. */
export const STAGE_REQUEST = 2
/** State of the stage: starting (0), {@link STAGE_PLAYING} or {@link STAGE_SILENT}. */
export const STAGE_STATE = 3
/** Bells: a sleeping thread wakes when the word of its bell changes. */
export const STAGE_BELL = 4
export const PERFORMER_BELL = 5
/** State of the ear: listening (0) or {@link EAR_CLOSED}. */
export const EAR_STATE = 6
/** Count of note-ons that were dropped because they were too late. */
export const DROPPED = 7
/** Count of messages that were malformed or at which the port threw an error. */
export const LOST = 8
/** Count of note-ons and control changes that were taken for echoes of our own output. */
export const ECHOES = 9
/** Count of input messages that aren't used. */
export const IGNORED = 10
/** 1 where a drummer plays along, so that the ear sends it the clock. */
export const HAS_DRUMMER = 11
const CONTROL_WORDS = 16

export const REQUEST_END = 1
/** Makes the stage's loop throw. Only tests request it. */
export const REQUEST_FAULT = 2
/** Makes the stage open its port anew, because the port that was lost is back. */
export const REQUEST_REOPEN = 3

export const STAGE_PLAYING = 1
/** Nothing sounds and the port is closed. */
export const STAGE_SILENT = 2

/** The ear's ports are closed, and no native callback is running. */
export const EAR_CLOSED = 1

/** Ids of notes that the ear passes on begin here; the pianist's begin at 1, and the two ranges never meet. */
export const FIRST_THRU_ID = 0x4000_0000
/** Ids of the clicks of a count-in begin here, between those of the drummer and of the ear. */
export const FIRST_CLICK_ID = 0x3000_0000
/** Ids of the drummer's notes begin here, between those of the pianist and of the clicks. */
export const FIRST_DRUM_ID = 0x2000_0000

/** Whether a message is a click of a count-in: part of no recording. */
export function isClick(message: SentMessage): boolean {
  return message.kind !== 'control-change' && message.id >= FIRST_CLICK_ID && message.id < FIRST_THRU_ID
}

/** Capacities of the rings, in records of 32 bytes. Smaller loses messages while the reader stalls, as main may for a second. */
const PERFORMER_TO_STAGE = 4096
const INPUT = 1024
const STAGE_TO_MAIN = 8192

/** Allocates the shared memory of a program in which nothing sounds and all rings are empty. */
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
 * The memory for the drummer's thread: the drummer's rings in the places of the pianist's, all else shared with the pianist.
 */
export function drummersMemory(memory: SharedMemory): SharedMemory {
  return { ...memory, performerToStage: memory.drummerToStage, earToPerformer: memory.earToDrummer }
}

/** How many messages were lost so far because a ring was full. */
export function countOverflows(memory: SharedMemory): number {
  const { performerToStage, drummerToStage, earToStage } = memory
  const { earToPerformer, earToDrummer, earToMain, stageToMain } = memory
  return [performerToStage, drummerToStage, earToStage, earToPerformer, earToDrummer, earToMain, stageToMain]
    .map((ring) => new Ring(ring).overflows)
    .reduce((sum, count) => sum + count, 0)
}

/** Ends everything that sounds and drops everything handed over before. Doesn't block. @returns the new epoch. */
export function panic(memory: SharedMemory): number {
  const epoch = Atomics.add(memory.control, EPOCH, 1) + 1
  wake(memory.control, STAGE_BELL)
  wake(memory.control, PERFORMER_BELL)
  return epoch
}

/** Blocks until the stage has carried out the panic of `epoch` or has ended, at most `limit` ms. @returns whether it has. */
export function awaitSilence(memory: SharedMemory, epoch: number, limit: Ms): boolean {
  const deadline = now() + limit
  for (;;) {
    const silenced = Atomics.load(memory.control, SILENCED_EPOCH)
    if (silenced >= epoch || Atomics.load(memory.control, STAGE_STATE) === STAGE_SILENT) return true
    if (now() >= deadline) return false
    sleepUntil(memory.control, SILENCED_EPOCH, silenced, deadline, 0)
  }
}

/** Asks the stage to open its port anew. Doesn't block. An earlier request to end stays in force. */
export function reopenStage(memory: SharedMemory): void {
  Atomics.compareExchange(memory.control, STAGE_REQUEST, 0, REQUEST_REOPEN)
  wake(memory.control, STAGE_BELL)
}

/** Asks the stage to end and blocks until all is silent, at most `limit` ms; may be called from `process.on('exit')`. */
export function endStage(memory: SharedMemory, limit: Ms): boolean {
  Atomics.store(memory.control, STAGE_REQUEST, REQUEST_END)
  wake(memory.control, STAGE_BELL)
  return awaitState(memory, STAGE_STATE, STAGE_SILENT, limit)
}

/** Blocks until the control word of a thread's state is `wanted`, at most `limit` ms. @returns whether it is. */
export function awaitState(memory: SharedMemory, word: number, wanted: number, limit: Ms): boolean {
  const deadline = now() + limit
  for (;;) {
    const state = Atomics.load(memory.control, word)
    if (state === wanted) return true
    if (now() >= deadline) return false
    sleepUntil(memory.control, word, state, deadline, 0)
  }
}
