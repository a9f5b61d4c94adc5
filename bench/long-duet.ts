import { defaultControls } from '../src/engine/controls/controls.js'
import type { HeardMessage, TimedMessage } from '../src/engine/language/messages.js'
import { createNetwork } from '../src/engine/network/create-network.js'
import { createPianist } from '../src/engine/pianist/pianist.js'
import type { Ms } from '../src/engine/units.js'
import { modelFolder, readKernel, readModel } from '../src/io/models/model-files.js'
import { printTable, type Row, round } from './table.js'

/** How long the player plays and rests by turns. */
const PLAYS_MS: Ms = 40_000
const RESTS_MS: Ms = 25_000
const HORIZON_MS: Ms = 20
/** Hours of music for each of the bench's `seconds`: the default of 60 makes two hours. */
const HOURS_PER_SECOND = 2 / 60
const HOUR_MS: Ms = 3_600_000

/** A player who plays at random: a note every 50 to 400 ms, held for 50 to 900 ms. */
function* playing(from: Ms, to: Ms): Generator<HeardMessage> {
  const lifts: { readonly at: Ms; readonly pitch: number }[] = []
  for (let at = from; at < to; at += 50 + 350 * Math.random()) {
    for (const lift of lifts.splice(0).sort((a, b) => a.at - b.at)) {
      if (lift.at <= at) yield { kind: 'note-off', at: lift.at, channel: 0, pitch: lift.pitch, velocity: 64 }
      else lifts.push(lift)
    }
    const pitch = 36 + Math.floor(60 * Math.random())
    if (lifts.some((lift) => lift.pitch === pitch)) continue
    yield { kind: 'note-on', at, channel: 0, pitch, velocity: 20 + Math.floor(100 * Math.random()) }
    lifts.push({ at: at + 50 + 850 * Math.random(), pitch })
  }
  for (const { at, pitch } of lifts.sort((a, b) => a.at - b.at)) {
    yield { kind: 'note-off', at: Math.max(at, to), channel: 0, pitch, velocity: 64 }
  }
}

/**
 * Plays a duet in simulated time, two hours for `seconds` of 60. Measures whether all notes end, how long the pianist is silent
 * while the player rests, and whether memory grows.
 */
export async function longDuet(seconds: number): Promise<readonly Row[]> {
  const { spec, weights } = readModel(modelFolder('rubato-piano'))
  const end = seconds * HOURS_PER_SECOND * HOUR_MS
  const sounding = new Map<number, Ms>()
  let notes = 0
  let lastEnd: Ms = 0
  let longestNote: Ms = 0
  let silence: Ms = 0
  let restsFrom: Ms = 0
  const receive = (message: TimedMessage) => {
    if (message.kind === 'note-on') {
      notes++
      if (sounding.size === 0 && restsFrom > 0)
        silence = Math.max(silence, message.due - Math.max(lastEnd, restsFrom))
      sounding.set(message.id, message.due)
    } else if (message.kind === 'note-off') {
      longestNote = Math.max(longestNote, message.due - (sounding.get(message.id) ?? message.due))
      sounding.delete(message.id)
      lastEnd = message.due
    }
  }
  const network = createNetwork(weights, 'auto', readKernel(), 'int16')
  const pianist = createPianist({
    network,
    layout: spec.conditioning,
    seed: 5,
    controls: { ...defaultControls(), mode: 'duet' },
    emit: receive,
  })
  pianist.apply({ kind: 'command', command: { type: 'play' } })
  const memory: number[] = []
  let heard = 0
  for (let at = 0; at < end; at += PLAYS_MS + RESTS_MS) {
    restsFrom = 0
    for (const message of playing(at, at + PLAYS_MS)) {
      pianist.advance(message.at + HORIZON_MS)
      pianist.apply({ kind: 'heard', message })
      if (message.kind === 'note-on') heard++
    }
    restsFrom = at + PLAYS_MS
    pianist.advance(at + PLAYS_MS + RESTS_MS)
    memory.push(process.memoryUsage().heapUsed)
  }
  pianist.apply({ kind: 'command', command: { type: 'pause' } })
  const megabytes = (share: number) =>
    round((memory[Math.floor(share * (memory.length - 1))] ?? 0) / 2 ** 20, 1)
  const rows = [
    {
      hours: round(end / HOUR_MS, 2),
      notes,
      "player's": heard,
      'left sounding': sounding.size,
      'longest note s': round(longestNote / 1000, 1),
      'longest silence in rests s': round(silence / 1000, 1),
      'held in history': pianist.ensemble.notes.others.reduce((sum, held) => sum + held, 0),
      'heap MB by thirds': [0, 1 / 3, 2 / 3, 1].map(megabytes).join(' '),
    },
  ]
  printTable('A duet, in simulated time', rows)
  return rows
}
