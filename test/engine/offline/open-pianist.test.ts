import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import {
  createNetwork,
  createNoteCollector,
  defaultControls,
  languageOf,
  openPianist,
  parseModelSpec,
  parseWeights,
  Refused,
  type TimedMessage,
} from '../../../src/engine/index.js'
import { render } from '../../../src/engine/offline/rendering.js'
import { modelFolder, readKernel } from '../../../src/io/models/model-files.js'

const folder = modelFolder('tiny')
const MODEL = {
  description: readFileSync(join(folder, 'model.json'), 'utf8'),
  weights: readFileSync(join(folder, 'weights.safetensors')),
  kernel: readKernel(),
}

function played(parts: readonly number[], seed = 5): TimedMessage[] {
  const pianist = openPianist({ ...MODEL, seed })
  return parts.flatMap((time) => pianist.playUntil(time))
}

describe('an open pianist', () => {
  test('plays the notes that a rendering with the same seed has', () => {
    const spec = parseModelSpec(MODEL.description)
    const network = createNetwork(parseWeights(spec, MODEL.weights), 'auto', MODEL.kernel, 'auto')
    const rendered = render({ network, ...languageOf(spec), seed: 5, controls: defaultControls() }, 8000)
    const collector = createNoteCollector()
    for (const message of played([8000])) collector.receive(message)
    expect(rendered.length).toBeGreaterThan(10)
    expect(collector.notes(8000)).toEqual(rendered)
  })

  test('plays the same music in one piece and in many', () => {
    const steps = Array.from({ length: 100 }, (_, n) => 80 * (n + 1))
    expect(played(steps)).toEqual(played([8000]))
  })

  test('returns messages in the order of their due times, none later than it was asked for and none twice', () => {
    const pianist = openPianist({ ...MODEL, seed: 5, controls: { delay: 150, articulation: 0.3 } })
    let last = 0
    const noteOns: number[] = []
    for (let time = 50; time <= 8000; time += 50) {
      for (const message of pianist.playUntil(time)) {
        expect(message.due).toBeGreaterThanOrEqual(last)
        expect(message.due).toBeLessThanOrEqual(time)
        last = message.due
        if (message.kind === 'note-on') noteOns.push(message.id)
      }
    }
    expect(noteOns.length).toBeGreaterThan(10)
    expect(new Set(noteOns).size).toBe(noteOns.length)
  })

  test('carries out a command at its position: what was played before is as it would have been without', () => {
    const pianist = openPianist({ ...MODEL, seed: 5 })
    const before = pianist.playUntil(4000)
    pianist.command({ type: 'set', control: 'velocityMax', value: 20 })
    const after = pianist.playUntil(8000)
    const unchanged = played([4000, 8000])
    expect(before).toEqual(unchanged.slice(0, before.length))
    expect(pianist.position).toBe(8000)
    const later = unchanged.slice(before.length)
    const softened = later.map((message) =>
      message.kind === 'note-on' ? { ...message, velocity: Math.min(20, message.velocity) } : message,
    )
    expect(softened).not.toEqual(later)
    expect(after).toEqual(softened)
  })

  test('is led by keys that it is played, in the mode follow', () => {
    const led = openPianist({ ...MODEL, seed: 5, controls: { mode: 'follow' } })
    const alone = openPianist({ ...MODEL, seed: 5, controls: { mode: 'follow' } })
    expect(led.playUntil(2000)).toEqual(alone.playUntil(2000))
    for (const pitch of [61, 66, 70])
      led.receive({ kind: 'note-on', at: 2000, channel: 0, pitch, velocity: 100 })
    expect(led.playUntil(8000)).not.toEqual(alone.playUntil(8000))
  })

  test('refuses a model that it cannot use with a sentence', () => {
    expect(() => openPianist({ ...MODEL, description: '{}', seed: 1 })).toThrow(Refused)
    expect(() => openPianist({ ...MODEL, weights: MODEL.weights.subarray(0, 99), seed: 1 })).toThrow(Refused)
  })
})
