import { execFileSync } from 'node:child_process'
import { readlinkSync } from 'node:fs'
import { Refused } from '../../engine/refused.js'
import { codeOf } from '../error-text.js'

/** `auto` takes it where it may be had; `on` refuses to play without. */
export type RealtimeMode = 'auto' | 'on' | 'off'

export interface Realtime {
  readonly on: boolean
  /** A plain sentence, fit for the user. */
  readonly reason: string
}

/**
 * SCHED_FIFO priority. Lower than the sound server's and interrupt threads' (50 and up), which carry the sound this
 * thread only asks for; any real-time priority is above all ordinary threads.
 */
const PRIORITY = '20'

/**
 * Asks for real-time priority for the *calling thread* (Linux only). Blocks for some milliseconds. Throws Refused
 * when the mode is `on` and it can't be had.
 */
export function requestRealtime(mode: RealtimeMode, platform: NodeJS.Platform = process.platform): Realtime {
  if (mode === 'off') return { on: false, reason: 'Real-time priority is switched off.' }
  const problem = platform === 'linux' ? raisePriority() : `${platform} gives it only to native programs`
  if (problem === undefined) return { on: true, reason: `Real-time priority (SCHED_FIFO ${PRIORITY}).` }
  const reason = `No real-time priority: ${problem}.`
  if (mode === 'on') throw new Refused(reason)
  return { on: false, reason }
}

/** @returns what stands in the way, undefined when nothing did. */
function raisePriority(): string | undefined {
  try {
    // "PID/task/TID"; read synchronously, hence by this very thread. process.pid would name the main thread.
    const thread = readlinkSync('/proc/thread-self').split('/').at(-1) ?? ''
    execFileSync('chrt', ['-f', '-p', PRIORITY, thread], { stdio: ['ignore', 'ignore', 'pipe'] })
    return undefined
  } catch (error) {
    if (codeOf(error) === 'ENOENT') {
      return 'chrt is missing (it comes with util-linux)'
    }
    return 'the system does not permit it (to allow it, put "@audio - rtprio 95" in /etc/security/limits.d/audio.conf, join the group audio and log in again)'
  }
}
