import type * as ToneLibrary from 'tone'
import { type SentMessage, SUSTAIN, SWITCH_ON } from '../../engine/language/messages.js'
import type { Ms, Pitch } from '../../engine/units.js'
import { createDrumKit, DRUM_CHANNEL, type DrumKit } from './drum-kit.js'

/** Tone.js, which is loaded as a classic script and defines this global. */
declare const Tone: typeof ToneLibrary

/** The synthesiser in the browser. Times are the browser's (performance.now). */
export interface Sound {
  /** Turns the sound on. Must be called while handling a click or a key: browsers start sound only then. */
  on(): Promise<void>
  off(): void
  /**
   * Plays a message that left for the port at `local`, in the browser's time; every note sounds later by the same
   * delay.
   */
  play(message: SentMessage, local: Ms): void
  /** Ends every note now. */
  silence(): void
  /** Sets the volume, 0-1. */
  volume(level: number): void
  /** The present level of the sound, 0-1. */
  level(): number
}

/**
 * Every note sounds this long after it left for the port; notes that arrive sooner wait. Less makes a busy network
 * audible as unevenness, more lets the keys played on the page lag.
 */
export const SOUND_DELAY_MS: Ms = 120
/** Voices of the synthesiser: enough for ten fingers and a pedal; each costs the browser time. */
const VOICES = 64
const SHORTEST_S = 0.03

/** A piano-like synthesiser: in each voice one sine modulates another, most at the onset (FM; Chowning 1973). */
export function createSound(): Sound {
  let instrument: ToneLibrary.PolySynth<ToneLibrary.FMSynth> | undefined
  let drums: DrumKit | undefined
  let output: ToneLibrary.Volume | undefined
  let meter: ToneLibrary.Meter | undefined
  let isOn = false
  let loudness = 0.8
  /** When each sounding note was struck, in the audio context's time. */
  const struck = new Map<Pitch, number>()
  /** Who has the sustain pedal down: the pianist, or the player whose notes are passed on. */
  const feet = new Set<SentMessage['source']>()
  /** Pitches whose keys are up, but which the pedal carries on. */
  const carried = new Set<Pitch>()

  function build(): void {
    meter = new Tone.Meter({ normalRange: true, smoothing: 0.8 })
    const limiter = new Tone.Limiter(-3).toDestination()
    output = new Tone.Volume(0).connect(limiter)
    output.connect(meter)
    const room = new Tone.Reverb({ decay: 2.2, preDelay: 0.01, wet: 0.2 }).connect(output)
    drums = createDrumKit(room)
    const warmth = new Tone.Filter({ type: 'lowpass', frequency: 5200, rolloff: -12 }).connect(room)
    instrument = new Tone.PolySynth({
      voice: Tone.FMSynth,
      maxPolyphony: VOICES,
      options: {
        harmonicity: 2,
        modulationIndex: 3.2,
        oscillator: { type: 'sine' },
        envelope: { attack: 0.003, decay: 2.6, sustain: 0.1, release: 0.35, decayCurve: 'exponential' },
        modulation: { type: 'sine' },
        modulationEnvelope: { attack: 0.002, decay: 0.45, sustain: 0.05, release: 0.25 },
        volume: 4,
      },
    }).connect(warmth)
  }

  function strike(pitch: Pitch, velocity: number, at: number): void {
    release(pitch, at)
    carried.delete(pitch)
    struck.set(pitch, at)
    // The exponent makes soft notes softer than a linear scale would.
    instrument?.triggerAttack(Tone.Midi(pitch).toFrequency(), at, (velocity / 127) ** 1.25)
  }

  function release(pitch: Pitch, at: number): void {
    const since = struck.get(pitch)
    if (since === undefined) return
    struck.delete(pitch)
    instrument?.triggerRelease(Tone.Midi(pitch).toFrequency(), Math.max(at, since + SHORTEST_S))
  }

  function liftKey(pitch: Pitch, at: number): void {
    if (feet.size > 0) carried.add(pitch)
    else release(pitch, at)
  }

  function movePedal({ source }: SentMessage, isDown: boolean, at: number): void {
    if (isDown) feet.add(source)
    // The stage lifts the pedal for everybody.
    else if (source === 'stage') feet.clear()
    else feet.delete(source)
    if (feet.size > 0) return
    for (const pitch of carried) release(pitch, at)
    carried.clear()
  }

  /** Forgets all keys and pedals, whose notes have ended. */
  function forget(): void {
    struck.clear()
    feet.clear()
    carried.clear()
  }

  function setVolume(): void {
    if (output) output.volume.value = loudness === 0 ? Number.NEGATIVE_INFINITY : 40 * Math.log10(loudness)
  }

  return {
    on: async () => {
      await Tone.start()
      if (!instrument) build()
      setVolume()
      isOn = true
    },
    off: () => {
      isOn = false
      instrument?.releaseAll()
      forget()
    },
    play: (message, local) => {
      if (!isOn || message.fate !== 'sent') return
      const now = Tone.immediate()
      const at = Math.max(now, now + (local + SOUND_DELAY_MS - performance.now()) / 1000)
      if (message.kind === 'control-change') {
        if (message.controller === SUSTAIN) movePedal(message, message.value >= SWITCH_ON, at)
      } else if (message.channel === DRUM_CHANNEL) {
        if (message.kind === 'note-on') drums?.strike(message.pitch, message.velocity, at)
      } else if (message.kind === 'note-on') strike(message.pitch, message.velocity, at)
      else liftKey(message.pitch, at)
    },
    silence: () => {
      instrument?.releaseAll()
      forget()
    },
    volume: (level) => {
      loudness = level
      setVolume()
    },
    level: () => {
      const value = isOn ? (meter?.getValue() ?? 0) : 0
      return Array.isArray(value) ? Math.max(...value) : value
    },
  }
}
