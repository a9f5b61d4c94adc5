import { type MidiEvent, writeMidi } from 'midi-file'

/**
 * A random performance as a Standard MIDI File: two tracks, changes of tempo, overlapping and repeated notes, notes of
 * no length, pedals of two channels up and down at any moment, strikes and releases at one tick.
 */
export function randomMidi(random: () => number, count: number): Uint8Array {
  const below = (limit: number) => Math.floor(limit * random())
  const track = (channel: number, hasTempo: boolean): MidiEvent[] => {
    const events: MidiEvent[] = []
    const wait = () => (random() < 0.4 ? 0 : below(random() < 0.05 ? 2500 : 90))
    for (let n = 0; n < count; n++) {
      const noteNumber = 36 + below(48)
      const chance = random()
      if (hasTempo && chance < 0.02)
        events.push({
          deltaTime: wait(),
          meta: true,
          type: 'setTempo',
          microsecondsPerBeat: 300_000 + below(500_000),
        })
      else if (chance < 0.12)
        events.push({ deltaTime: wait(), channel, type: 'controller', controllerType: 64, value: below(128) })
      else if (chance < 0.6)
        events.push({ deltaTime: wait(), channel, type: 'noteOn', noteNumber, velocity: 1 + below(127) })
      else events.push({ deltaTime: wait(), channel, type: 'noteOff', noteNumber, velocity: 0 })
    }
    return [...events, { deltaTime: below(500), meta: true, type: 'endOfTrack' }]
  }
  const header = { format: 1 as const, numTracks: 2, ticksPerBeat: 96 + below(400) }
  return Uint8Array.from(writeMidi({ header, tracks: [track(0, true), track(1, false)] }))
}
