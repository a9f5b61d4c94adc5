import { execFileSync } from 'node:child_process'
import { readlinkSync } from 'node:fs'
import { Refused } from '../../engine/refused.js'
import { codeOf } from '../error-text.js'

/** Whether to use real-time priority: `auto` where the system permits it; `on` refuses to play without it. */
export type RealtimeMode = 'auto' | 'on' | 'off'

export interface Realtime {
  readonly on: boolean
  /** A sentence for the user that says why real-time priority is on or off. */
  readonly reason: string
}

/**
 * The SCHED_FIFO priority. Any real-time priority is above all ordinary threads. From 50 on, this thread would hold up the
 * sound server and interrupt threads, which carry the sound that it only asks for.
 */
const PRIORITY = '20'

/**
 * Asks for real-time priority for the *calling thread* (Linux only). Blocks for some milliseconds. Throws Refused
 * when the mode is `on` and the system doesn't permit it.
 */
export function requestRealtime(mode: RealtimeMode, platform: NodeJS.Platform = process.platform): Realtime {
  if (mode === 'off') return { on: false, reason: 'Real-time priority is switched off.' }
  const problem = platform === 'linux' ? raisePriority() : `${platform} gives it only to native programs`
  if (problem === undefined) return { on: true, reason: `Real-time priority (SCHED_FIFO ${PRIORITY}).` }
  const reason = `No real-time priority: ${problem}.`
  if (mode === 'on') throw new Refused(reason)
  return { on: false, reason }
}

/** Raises the priority of the calling thread. @returns a clause that says why it can't be raised; undefined when it was. */
function raisePriority(): string | undefined {
  try {
    // The link reads "PID/task/TID". It is read synchronously, so that it names this thread and not one of Node's pool.
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
