import { readFileSync } from 'node:fs'
import { eventPitch, isNoteOn, PITCH_COUNT } from '../src/engine/language/events.js'
import { quantize } from '../src/engine/language/performance.js'
import { layoutOf } from '../src/engine/model/conditioning.js'
import { emptyRequest } from '../src/engine/model/conditioning-request.js'
import type { Network } from '../src/engine/network/network.js'
import { createPlan } from '../src/engine/plan/plan.js'
import { Refused } from '../src/engine/refused.js'
import { PLAIN_SETTINGS } from '../src/engine/sampling/distribution.js'
import type { DrawPolicy } from '../src/engine/sampling/draw-policy.js'
import { maskMoment } from '../src/engine/sampling/event-mask.js'
import { momentVelocity } from '../src/engine/sampling/moment.js'
import { STEP_MS, STEPS_PER_BEAT, type Steps } from '../src/engine/units.js'
import { listMidiFiles, readMidiFile } from '../src/io/recording/midi-file-reader.js'
import type { Onset } from './beat-measures.js'

/** A chord from a step on. */
interface Chord {
  readonly from: Steps
  /** Bit n is pitch class n. */
  readonly tones: number
  /** The pitch class of its lowest note. */
  readonly bass: number
}

/** A song in beats, or music over its chords. */
export interface Song {
  readonly notes: readonly Onset[]
  /** The chord at a step; null where there is none. */
  readonly chordAt: (at: Steps) => Chord | null
}

/** Reads the songs of `python3 training songs`. Throws Refused. */
export async function readSongs(folder: string): Promise<Song[]> {
  const songs: Song[] = []
  for (const path of await listMidiFiles([folder])) {
    const { notes } = await readMidiFile(path, 'beat')
    const onsets = quantize(notes, 0).map(({ start, pitch, velocity }) => ({ at: start, pitch, velocity }))
    songs.push({ notes: onsets, chordAt: chordsOf(readChords(path.replace(/\.mid$/, '.chords.json'))) })
  }
  return songs
}

function readChords(path: string): Chord[] {
  const rows: unknown = JSON.parse(readFileSync(path, 'utf8'))
  if (!Array.isArray(rows)) throw new Refused(`${path} isn't a list of chords.`)
  return rows.map((row: readonly number[]) => ({
    from: Math.round(Number(row[0]) * STEPS_PER_BEAT),
    tones: Number(row[1]),
    bass: Number(row[2]),
  }))
}

function chordsOf(chords: readonly Chord[]): Song['chordAt'] {
  return (at) => {
    const chord = chords.findLast(({ from }) => from <= at)
    return chord && chord.tones > 0 ? chord : null
  }
}

/** What a network plays from silence over the chords of `song`, that it is told or not, drawn as it is. */
export function playTold(
  network: Network,
  { chordAt }: Song,
  seed: number,
  bars: number,
  isTold: boolean,
): Onset[] {
  const { fill } = layoutOf('beat-chord-39')
  const request = emptyRequest()
  request.hasChord = isTold
  const all = new Uint8Array(PITCH_COUNT).fill(1)
  const none = new Uint8Array(PITCH_COUNT)
  const policy: DrawPolicy = {
    polyphony: 32,
    others: none,
    draw: () => PLAIN_SETTINGS,
    mustEnd: () => -1,
    condition: (target, { clock }) => {
      const chord = chordAt(clock)
      for (let pc = 0; pc < 12; pc++) request.chordTones[pc] = ((chord?.tones ?? 0) >> pc) & 1
      request.bass = chord?.bass ?? -1
      fill(target, request, clock)
      return 1
    },
    mask: (allowed, moment) => maskMoment(allowed, moment, all, 32, none),
    pass: () => {},
  }
  const plan = createPlan(network, policy, seed)
  const onsets: Onset[] = []
  const end = bars * 4 * STEPS_PER_BEAT * STEP_MS
  for (let next = plan.due(end); next; next = plan.due(end)) {
    const { event, moment } = next
    if (isNoteOn(event))
      onsets.push({ at: moment.clock, pitch: eventPitch(event), velocity: momentVelocity(moment) })
    plan.commit()
  }
  return onsets
}
