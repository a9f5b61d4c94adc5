import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseMidi } from 'midi-file'
import { defaultControls } from '../src/engine/controls/controls.js'
import type { SentMessage, TimedMessage } from '../src/engine/language/messages.js'
import { languageOf } from '../src/engine/model/model.js'
import { createNetwork } from '../src/engine/network/create-network.js'
import { createPerformer, type Performer } from '../src/engine/performer/performer.js'
import type { Ms } from '../src/engine/units.js'
import { percentile } from '../src/io/meters/lateness.js'
import { modelFolder, readKernel, readModel } from '../src/io/models/model-files.js'
import { createPerformanceTracks } from '../src/io/recording/performance-tracks.js'
import { printTable, type Row, round } from './table.js'

/** How the tempo of a session goes: quarter notes a minute, by seconds from its start. */
interface Course {
  readonly title: string
  readonly tempo: (seconds: number) => number
}

const COURSES: readonly Course[] = [
  ...[60, 96, 140].map((tempo) => ({ title: `${tempo} BPM`, tempo: () => tempo })),
  { title: '96 to 140 BPM in 30 s', tempo: (at) => 96 + (44 * Math.min(30, at)) / 30 },
  { title: '96, then 140 from 15 s on', tempo: (at) => (at < 15 ? 96 : 140) },
]

/** A folder for the recordings, so that they can be opened in another program; undefined to keep none. */
const FOLDER = process.env.RUBATO_TAPES

/** How long a session lasts; time is simulated. */
const SESSION_MS: Ms = 60_000
/** How often the beat is reported to a recording: as often as the program gets snapshots. */
const REPORT_MS: Ms = 66
/** How often the tempo is set in a ramp. */
const SET_MS: Ms = 250
/** Standard deviation of the times at which the ticks of a band's clock arrive. */
const JITTER_MS: Ms = 1
/** The song begins here, and the recording a moment before it, with a note of the player. */
const START_MS: Ms = 2345.6
const BAR = 4

/** A stroke as it was played, and its place in the band's song at that time; null before the band's clock was known. */
interface Stroke {
  readonly due: Ms
  readonly place: { readonly beat: number; readonly tempo: number } | null
}

/** The pulse of the band's clock: the times of its ticks, by integrating its tempo. */
function clockTicks(course: Course): Ms[] {
  const ticks: Ms[] = []
  for (let at = START_MS; at < START_MS + SESSION_MS; at += 2500 / course.tempo((at - START_MS) / 1000))
    ticks.push(at)
  return ticks
}

/** A random number from the standard normal distribution (Box and Muller 1958), by a random number generator with a seed. */
function normalNumbers(): () => number {
  let state = 12_345
  const uniform = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return (state + 0.5) / 2 ** 32
  }
  return () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform())
}

/** Plays a session of drums and records it. @returns the file, and each stroke with its place in the song as it ran */
function playSession(course: Course, source: 'own' | 'clock'): { file: Uint8Array; strokes: Stroke[] } {
  const { spec, weights } = readModel(modelFolder('rubato-drums'))
  const emitted: TimedMessage[] = []
  const performer = createPerformer({
    ...languageOf(spec),
    network: createNetwork(weights, 'auto', readKernel()),
    seed: 3,
    controls: { ...defaultControls(), tempo: course.tempo(0), channel: 10, density: 8 },
    sync: source === 'own' ? 'off' : 'clock',
    emit: (message) => emitted.push(message),
  })
  const tracks = createPerformanceTracks()
  const normal = normalNumbers()
  const ticks = source === 'own' ? [] : clockTicks(course).map((at) => at + JITTER_MS * normal())
  const strokes: Stroke[] = []
  let waiting: TimedMessage[] = []
  let tick = 0
  let lastReport: Ms = 0
  let lastSet: Ms = 0
  tracks.receiveBeat({ at: 0, beat: null, beatsPerBar: BAR })
  tracks.receiveHeard({ kind: 'note-on', at: START_MS - 700, channel: 0, pitch: 60, velocity: 80 })
  tracks.receiveHeard({ kind: 'note-off', at: START_MS - 500, channel: 0, pitch: 60, velocity: 0 })
  if (source === 'clock')
    performer.receive({ kind: 'heard', message: { kind: 'transport', at: 0, action: 'start' }, at: 0 })
  for (let now: Ms = 1000; now < START_MS + SESSION_MS; now += 1) {
    if (source === 'own' && now - 1 < START_MS - 20 && now >= START_MS - 20)
      performer.receive({ kind: 'command', command: { type: 'play' }, at: now })
    for (; tick < ticks.length && (ticks[tick] ?? 0) <= now; tick++)
      performer.receiveClock({ kind: 'clock', at: ticks[tick] ?? 0 })
    if (source === 'own' && now - lastSet >= SET_MS && now > START_MS) {
      const tempo = course.tempo((now - START_MS) / 1000)
      performer.receive({
        kind: 'command',
        command: { type: 'set', control: 'tempo', value: tempo },
        at: now,
      })
      lastSet = now
    }
    work(performer, now)
    waiting.push(...emitted.splice(0))
    waiting = waiting.filter((message) => {
      if (message.due > now) return true
      if (message.kind === 'note-on') {
        const beat = performer.snapshot(message.due).beat
        const isKnown = beat !== null && beat.position !== null
        const place = isKnown ? { beat: beat.position, tempo: beat.tempo } : null
        strokes.push({ due: message.due, place })
      }
      if (message.kind !== 'control-change' && message.kind !== 'note-off') tracks.receiveSent(sent(message))
      return false
    })
    if (now - lastReport >= REPORT_MS) {
      tracks.receiveBeat({ at: now, beat: performer.snapshot(now).beat, beatsPerBar: BAR })
      lastReport = now
    }
  }
  tracks.settle(START_MS + SESSION_MS)
  return { file: tracks.file(START_MS + SESSION_MS), strokes }
}

function work(performer: Performer, now: Ms): void {
  for (let steps = 0; steps < 50 && performer.tick(now) <= now; steps++);
}

function sent(message: Extract<TimedMessage, { kind: 'note-on' }>): SentMessage {
  const { id, due, channel, pitch, velocity } = message
  return {
    kind: 'note-on',
    id,
    due,
    sentAt: due,
    source: 'performer',
    fate: 'sent',
    channel,
    pitch,
    velocity,
  }
}

/** A note-on as another program reads it: its beats since the beginning of its bar, and its time. */
interface ReadStroke {
  readonly inBar: number
  readonly at: Ms
}

/** Reads the strokes of a file as a DAW does: bars by time signatures, times by tempos. */
function readStrokes(file: Uint8Array, channel: number): { strokes: ReadStroke[]; tempos: number } {
  const { header, tracks } = parseMidi(file)
  const perBeat = header.ticksPerBeat ?? 480
  const tempos: { tick: number; at: Ms; msPerTick: number }[] = [{ tick: 0, at: 0, msPerTick: 500 / perBeat }]
  const bars: { tick: number; ticks: number }[] = []
  let tick = 0
  for (const event of tracks[0] ?? []) {
    tick += event.deltaTime
    const last = tempos.at(-1)
    if (event.type === 'setTempo' && last)
      tempos.push({
        tick,
        at: last.at + (tick - last.tick) * last.msPerTick,
        msPerTick: event.microsecondsPerBeat / 1000 / perBeat,
      })
    if (event.type === 'timeSignature')
      bars.push({ tick, ticks: (event.numerator * 4 * perBeat) / event.denominator })
  }
  const strokes: ReadStroke[] = []
  for (const track of tracks.slice(1)) {
    let place = 0
    for (const event of track) {
      place += event.deltaTime
      if (event.type !== 'noteOn' || event.channel !== channel) continue
      const bar = bars.findLast((known) => known.tick <= place) ?? { tick: 0, ticks: 4 * perBeat }
      const tempo = tempos.findLast((known) => known.tick <= place)
      strokes.push({
        inBar: ((place - bar.tick) % bar.ticks) / perBeat,
        at: tempo === undefined ? 0 : tempo.at + (place - tempo.tick) * tempo.msPerTick,
      })
    }
  }
  return { strokes, tempos: tempos.length - 1 }
}

function measure(course: Course, source: 'own' | 'clock'): Row {
  const { file, strokes } = playSession(course, source)
  if (FOLDER !== undefined)
    writeFileSync(join(FOLDER, `${source}-${course.title.replaceAll(/[, ]+/g, '-')}.mid`), file)
  const read = readStrokes(file, 9)
  const first = strokes[0]
  const origin = (read.strokes[0]?.at ?? 0) - (first?.due ?? 0)
  const off: Ms[] = []
  const moved: Ms[] = []
  for (const [index, stroke] of strokes.entries()) {
    const found = read.strokes[index]
    if (found === undefined) continue
    moved.push(Math.abs(found.at - origin - stroke.due))
    if (stroke.place === null) continue
    const apart = found.inBar - stroke.place.beat
    off.push((Math.abs(apart - BAR * Math.round(apart / BAR)) * 60_000) / stroke.place.tempo)
  }
  off.sort((a, b) => a - b)
  moved.sort((a, b) => a - b)
  return {
    session: course.title,
    beat: source === 'own' ? "Rubato's own" : `MIDI clock, jitter ${JITTER_MS} ms`,
    strokes: read.strokes.length,
    lost: strokes.length - read.strokes.length,
    'tempo events': read.tempos,
    'off grid p50 ms': round(percentile(off, 0.5), 2),
    'p99 ms': round(percentile(off, 0.99), 2),
    'max ms': round(percentile(off, 1), 2),
    'moved in time, max ms': round(percentile(moved, 1), 2),
  }
}

/**
 * Measures how far drums lie off the bars and beats of a recording, against the band's beat while they were played; and how far the
 * recording's times differ from those played. Time is simulated; the files are read by the library `midi-file`, and written into the folder
 * that RUBATO_TAPES names.
 */
export async function tape(): Promise<readonly Row[]> {
  const rows = (['own', 'clock'] as const).flatMap((source) =>
    COURSES.map((course) => measure(course, source)),
  )
  printTable('Drums in a recording, against the beat as it was played', rows)
  return rows
}
