import { describe, expect, test } from 'vitest'
import { type Controls, defaultControls, MODES } from '../../../src/engine/controls/controls.js'
import type { TimedMessage } from '../../../src/engine/language/messages.js'
import { quantize, type StepNote } from '../../../src/engine/language/performance.js'
import { render } from '../../../src/engine/offline/rendering.js'
import { createPianist } from '../../../src/engine/pianist/pianist.js'
import { viewOf } from '../../../src/engine/pianist/pianist-view.js'
import { profileOf } from '../../../src/engine/style/measure.js'
import { checkProfile, type Style } from '../../../src/engine/style/profile.js'
import type { Command } from '../../../src/engine/surface/commands.js'
import type { LoggedInput } from '../../../src/engine/surface/inputs.js'
import { LAYOUT, shippedNetwork } from '../../helpers/networks.js'
import { startPerformance } from '../../helpers/performances.js'
import { keyDown, keyUp, randomPlaying } from '../../helpers/player.js'
import { randomNumbers } from '../../helpers/random-numbers.js'

/** 600 notes of a major scale within two octaves around `pitch`, a step of `wait` apart and three times as long. */
function manner(name: string, pitch: number, velocity: number, wait: number): Style {
  const random = randomNumbers(1)
  const scale = [-12, -10, -8, -7, -5, -3, -1, 0, 2, 4, 5, 7, 9, 11, 12]
  const notes = Array.from({ length: 600 }, (_, n) => ({
    pitch: pitch + scale[Math.floor(scale.length * random())]!,
    velocity: velocity + Math.floor(20 * random()) - 10,
    start: wait * n,
    end: wait * n + 3 * wait,
  }))
  return { name, profile: profileOf(notes) }
}

const LOW_AND_LOUD = manner('low.mid', 46, 85, 14)
const HIGH_AND_SOFT = manner('high.mid', 78, 35, 30)

const network = () => shippedNetwork('tiny')
const start = (seed: number, controls: Partial<Controls> = {}) => startPerformance(network(), seed, controls)

describe('a style', () => {
  test.each([1, 2, 3])('at strength 0, taken back or neutral, changes no note, seed %i', (seed) => {
    const plain = start(seed)
    const weak = start(seed, { styleStrength: 0 })
    const forgotten = start(seed)
    weak.command({ type: 'set-style', style: LOW_AND_LOUD })
    forgotten.command({ type: 'set-style', style: LOW_AND_LOUD })
    forgotten.command({ type: 'set-style', style: null })
    for (const performance of [plain, weak, forgotten]) performance.pianist.advance(30_000)
    expect(plain.messages.length).toBeGreaterThan(50)
    expect(weak.messages).toEqual(plain.messages)
    expect(forgotten.messages).toEqual(plain.messages)
  })

  test('changes the music at once, and by the strength', () => {
    const plain = start(4)
    const styled = start(4)
    const weaker = start(4)
    for (const performance of [plain, styled, weaker]) performance.pianist.advance(5000)
    for (const performance of [styled, weaker])
      performance.command({ type: 'set-style', style: LOW_AND_LOUD })
    weaker.set('styleStrength', 0.2)
    for (const performance of [plain, styled, weaker]) performance.pianist.advance(20_000)
    expect(styled.messages).not.toEqual(plain.messages)
    expect(weaker.messages).not.toEqual(styled.messages)
  })

  test.each([1, 2, 3])('does not depend on how far ahead the music was planned, seed %i', (seed) => {
    const playWith = (ahead: (random: number) => number) => {
      const performance = start(seed)
      const random = randomNumbers(seed)
      const pick = <T>(...choices: T[]): T => choices[Math.floor(random() * choices.length)]!
      for (let at = 0; at < 90_000; at += 3000 * random()) {
        performance.pianist.advance(at)
        performance.pianist.plan.sampleBeyond(at + ahead(random()))
        if (random() < 0.5) performance.hear(keyDown(at, 40 + Math.floor(40 * random())))
        performance.command(
          pick<Command>(
            { type: 'set-style', style: LOW_AND_LOUD },
            { type: 'set-style', style: HIGH_AND_SOFT },
            { type: 'set-style', style: null },
            { type: 'take-style' },
            { type: 'set', control: 'styleStrength', value: pick(0, 0.4, 1) },
            { type: 'set', control: 'transpose', value: pick(0, 12) },
            { type: 'set', control: 'density', value: pick(null, 5) },
            { type: 'set', control: 'key', value: pick('off', 'D') },
            { type: 'again' },
          ),
        )
      }
      return performance.messages
    }
    const near = playWith(() => 0)
    expect(near.length).toBeGreaterThan(200)
    expect(playWith((random) => 4000 * random)).toEqual(near)
  })

  test.each(MODES.filter((mode) => mode !== 'solo'))('is taken of what the player plays in %s', (mode) => {
    const performance = start(5, { mode })
    const { pianist } = performance
    const taken = () => viewOf(pianist).style
    let strikes = 0
    for (const message of randomPlaying(8, 30_000)) {
      pianist.advance(message.at)
      performance.hear(message)
      if (message.kind === 'note-on') strikes++
      expect(viewOf(pianist).canTakeStyle).toBe(strikes >= 20)
      if (strikes !== 19) continue
      performance.command({ type: 'take-style' })
      expect(taken()).toBeNull()
    }
    performance.command({ type: 'take-style' })
    expect(taken()).toBe('what you played')
    pianist.advance(40_000)
    const messages: TimedMessage[] = []
    const again = createPianist({
      ...{ network: network(), layout: LAYOUT, seed: 5, controls: { ...defaultControls(), mode } },
      emit: (message) => messages.push(message),
    })
    // The inputs as they are after they have been written to a file and read.
    for (const { horizon, input } of JSON.parse(JSON.stringify(performance.inputs)) as LoggedInput[]) {
      again.advance(horizon)
      again.apply(input)
    }
    again.advance(40_000)
    expect(messages).toEqual(performance.messages)
  })

  test('is not taken where the keyboard is not heard, nor of what is played in a pause', () => {
    const alone = start(6, { mode: 'solo' })
    const paused = start(6)
    paused.command({ type: 'pause' })
    for (const performance of [alone, paused]) {
      for (const message of randomPlaying(2, 20_000)) {
        performance.pianist.advance(message.at)
        performance.hear({ ...message, at: performance.pianist.position })
      }
      performance.command({ type: 'take-style' })
      expect(viewOf(performance.pianist)).toMatchObject({ style: null, canTakeStyle: false })
    }
  })

  test('is a profile that takes accept, of the notes as long as they sounded', () => {
    const performance = start(7, { mode: 'duet' })
    for (let n = 0; n < 200; n++) {
      performance.pianist.advance(100 * n + 60)
      performance.hear(keyDown(100 * n, 60 + (n % 3), 90))
      performance.hear(keyUp(100 * n + 50, 60 + (n % 3)))
    }
    const profile = profileOf(quantize(performance.pianist.ensemble.playing.notesUntil(20_000)))
    expect(checkProfile(profile, 'it')).toEqual(profile)
    expect(profile.density).toBeGreaterThan(9)
    expect(profile.noteLength).toBeLessThan(0.07)
    expect(profile.velocity).toBeGreaterThan(85)
  })

  test('leaves strokes as they are', () => {
    const options = { network: network(), layout: LAYOUT, seed: 3, controls: defaultControls() }
    const strokes = (style?: Style) => render({ ...options, hasEnds: false, ...(style && { style }) }, 20_000)
    expect(strokes(LOW_AND_LOUD)).toEqual(strokes())
  })
})

describe('the piano with a style', () => {
  /** The manner of a minute of the piano model. */
  const measured = (controls: Partial<Controls>, style?: Style) => {
    const options = {
      network: shippedNetwork('rubato-piano'),
      layout: LAYOUT,
      seed: 21,
      // Themes that return keep their own register and density, so the manner is measured without them.
      controls: { ...defaultControls(), memory: 0, ...controls },
      ...(style && { style }),
    }
    const notes: StepNote[] = quantize(render(options, 60_000))
    return profileOf(notes)
  }
  const plain = measured({})

  test.each([LOW_AND_LOUD, HIGH_AND_SOFT])('comes nearer to $name in density and velocity', (style) => {
    const styled = measured({}, style)
    for (const name of ['density', 'velocity'] as const) {
      const distance = (profile: typeof plain) => Math.abs(profile[name] - style.profile[name])
      expect(distance(styled), name).toBeLessThan(distance(plain))
    }
  })

  test('keeps to a density, a loudness and a key that are set by hand', () => {
    const byHand = { density: 6, dynamics: 60, key: 'D', tide: false } as const
    const [own, styled] = [measured(byHand), measured(byHand, LOW_AND_LOUD)]
    const isInD = (share: number, pc: number) => ([0, 2, 4, 5, 7, 9, 11].includes(pc) ? share : 0)
    const inKey = (profile: typeof plain) =>
      profile.degrees.slice(0, 12).reduce((sum, share, pc) => sum + isInD(share, pc), 0)
    expect(Math.abs(Math.log(styled.density / 6))).toBeLessThan(Math.abs(Math.log(own.density / 6)) + 0.15)
    expect(Math.abs(styled.velocity - 60)).toBeLessThan(Math.abs(own.velocity - 60) + 8)
    expect(inKey(styled)).toBeGreaterThan(inKey(own) - 0.1)
  })
})
