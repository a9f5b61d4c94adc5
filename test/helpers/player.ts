import type { HeardMessage } from '../../src/engine/language/messages.js'
import type { Ms, Pitch } from '../../src/engine/units.js'
import { randomNumbers } from './random-numbers.js'

type Strike = Extract<HeardMessage, { kind: 'note-on' }>
type Lift = Extract<HeardMessage, { kind: 'note-off' }>

/** A key that goes down, as the ear reports it. */
export function keyDown(at: Ms, pitch: Pitch, velocity = 80): Strike {
  return { kind: 'note-on', at, channel: 0, pitch, velocity }
}

/** A key that comes up. */
export function keyUp(at: Ms, pitch: Pitch): Lift {
  return { kind: 'note-off', at, channel: 0, pitch, velocity: 0 }
}

/** The sustain pedal. */
export function pedal(at: Ms, isDown: boolean): HeardMessage {
  return { kind: 'control-change', at, channel: 0, controller: 64, value: isDown ? 127 : 0 }
}

/** Random playing of `duration` ms: some six notes a second of 20 to 900 ms, ordered by time. */
export function randomPlaying(seed: number, duration: Ms, low = 48, high = 84): (Strike | Lift)[] {
  const random = randomNumbers(seed)
  const messages: (Strike | Lift)[] = []
  const freeAt = new Map<Pitch, Ms>()
  for (let at = 300 * random(); at < duration; at += 330 * random()) {
    const pitch = low + Math.floor((high - low) * random())
    if ((freeAt.get(pitch) ?? 0) > at) continue
    const end = at + 20 + 880 * random()
    freeAt.set(pitch, end + 1)
    messages.push(keyDown(at, pitch, 1 + Math.floor(126 * random())), keyUp(end, pitch))
  }
  return messages.sort((a, b) => a.at - b.at)
}
