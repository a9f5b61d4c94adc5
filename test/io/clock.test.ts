import { describe, expect, it } from 'vitest'
import { measureSpinMargin, now, sleepUntil, wake } from '../../src/io/clock.js'
import {
  allocateSharedMemory,
  awaitSilence,
  endStage,
  STAGE_SILENT,
  STAGE_STATE,
} from '../../src/io/shared/shared-memory.js'

describe('the clock', () => {
  it('never goes back and agrees with hrtime to a millisecond', () => {
    let last = now()
    for (let n = 0; n < 10_000; n++) {
      const time = now()
      expect(time >= last).toBe(true)
      last = time
    }
    const before = now()
    const shared = Number(process.hrtime.bigint()) / 1e6
    const after = now()
    expect(shared).toBeGreaterThan(before - 1)
    expect(shared).toBeLessThan(after + 1)
  })

  it('never wakes before the deadline', () => {
    const word = new Int32Array(new SharedArrayBuffer(4))
    for (const spin of [0, 0.5, 20]) {
      const deadline = now() + 5
      expect(sleepUntil(word, 0, 0, deadline, spin)).toBe(false)
      expect(now()).toBeGreaterThanOrEqual(deadline)
    }
  })

  it('returns from a sleep at once when the bell was rung before', () => {
    const word = new Int32Array(new SharedArrayBuffer(4))
    wake(word, 0)
    expect(sleepUntil(word, 0, 0, Number.POSITIVE_INFINITY, 0)).toBe(true)
    expect(sleepUntil(word, 0, 0, now() - 1, 0)).toBe(true)
  })

  it('ends its waits 0.2 to 3 ms early, on Windows a whole tick of the timer', () => {
    const margin = measureSpinMargin('linux')
    expect(margin).toBeGreaterThanOrEqual(0.2)
    expect(margin).toBeLessThanOrEqual(3)
    expect(measureSpinMargin('win32')).toBe(16)
  })
})

describe('waiting for the stage', () => {
  it('gives up at the limit when no stage answers, and returns at once when the stage is silent already', () => {
    const memory = allocateSharedMemory()
    expect(awaitSilence(memory, 1, 10)).toBe(false)
    expect(endStage(memory, 10)).toBe(false)
    memory.control[STAGE_STATE] = STAGE_SILENT
    expect(endStage(memory, 10)).toBe(true)
    expect(awaitSilence(memory, 1, 10)).toBe(true)
  })
})
