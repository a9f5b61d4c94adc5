import type * as ToneLibrary from 'tone'
import type { Pitch } from '../../engine/units.js'

declare const Tone: typeof ToneLibrary

/** The channel of percussion, counted from 0 (General MIDI 1). */
export const DRUM_CHANNEL = 9

/** A synthesised drum kit for the notes of channel 10. */
export interface DrumKit {
  /** `velocity` is 1-127, `at` in the audio context's time. */
  strike(pitch: Pitch, velocity: number, at: number): void
}

/** The General MIDI drums with a skin, each with its tone in Hz. */
const SKINS: ReadonlyMap<Pitch, number> = new Map([
  [35, 48],
  [36, 52],
  [41, 75],
  [43, 90],
  [45, 110],
  [47, 130],
  [48, 150],
  [50, 175],
])
/** Snares, sticks and claps: short pink noise. */
const SNARES: readonly Pitch[] = [37, 38, 39, 40]
/** Closed cymbals and other short metal; all other notes are open metal. */
const CLOSED: readonly Pitch[] = [42, 44, 54]
const SNARE_S = 0.13
const CLOSED_S = 0.04
const OPEN_S = 0.32

export function createDrumKit(output: ToneLibrary.InputNode): DrumKit {
  const skins = new Tone.PolySynth(Tone.MembraneSynth, {
    octaves: 4,
    pitchDecay: 0.03,
    envelope: { attack: 0.001, decay: 0.28, sustain: 0, release: 0.05 },
  }).connect(output)
  const envelope = { attack: 0.001, decay: 0.12, sustain: 0, release: 0.02 }
  const snare = new Tone.NoiseSynth({ noise: { type: 'pink' }, envelope, volume: -6 }).connect(output)
  const high = new Tone.Filter({ type: 'highpass', frequency: 6500 }).connect(output)
  const metal = new Tone.NoiseSynth({ noise: { type: 'white' }, envelope, volume: -14 }).connect(high)
  /** When each noise was struck last. A noise can't be struck twice at the same time. */
  const last = new Map<ToneLibrary.NoiseSynth, number>()

  function strikeNoise(noise: ToneLibrary.NoiseSynth, seconds: number, at: number, loudness: number): void {
    if (at <= (last.get(noise) ?? 0)) return
    last.set(noise, at)
    noise.envelope.decay = seconds
    noise.triggerAttackRelease(seconds, at, loudness)
  }

  return {
    strike: (pitch, velocity, at) => {
      const loudness = (velocity / 127) ** 1.25
      const skin = SKINS.get(pitch)
      if (skin !== undefined) skins.triggerAttackRelease(skin, 0.25, at, loudness)
      else if (SNARES.includes(pitch)) strikeNoise(snare, SNARE_S, at, loudness)
      else strikeNoise(metal, CLOSED.includes(pitch) ? CLOSED_S : OPEN_S, at, loudness)
    },
  }
}
