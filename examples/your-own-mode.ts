/**
 * A mode of your own: when you pause, the pianist repeats your phrase an octave higher, then listens again.
 * Run it with `node build/examples/your-own-mode.js [SEED]`; it plays a phrase to the pianist and prints what comes back.
 *
 * A mode is a constant that says who plays when, and which events the network may choose from. This one leaves it only how loud
 * each note of the echo is, and when it ends.
 */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import {
  clockAfter,
  type Ensemble,
  isVelocity,
  MAX_SHIFT,
  MODE_OF,
  type Mode,
  type Moment,
  noteOff,
  noteOn,
  openPianist,
  PITCH_COUNT,
  SILENT,
  STEP_MS,
  timeShift,
  velocityEvent,
} from 'rubato/engine'

const OCTAVE = 12

/** Steps of 10 ms that a note lasts at least: fewer are a click, and a note struck just now has to sound to count as struck. */
const SHORTEST_NOTE = 15

export const ECHO: Mode = {
  firstFloor: 'player', // It begins by listening.
  listens: true,
  sharesHistory: true, // The network reads your notes as music that has just been played; only so is there a phrase to repeat.
  passesTurns: true,
  answersPhrases: true, // It takes the floor when you pause, and gives it back after about as long as you played.
  harmonizesKeys: false,
  keysAreUrgent: false,
  // As in the mode answer, the network is asked to be about as loud as you were.
  createLead: MODE_OF.answer.createLead,
  mask: allowOnlyEcho,
}

/**
 * `allowed` has a 1 for each of the 388 events that may come next; a mask clears the others. It is called before each event that
 * is drawn, and again where events are drawn again. So it keeps nothing, and the moment alone tells it where in the echo it is.
 */
function allowOnlyEcho(allowed: Uint8Array, moment: Moment, ensemble: Ensemble): void {
  if (!moment.hasEnds) return // Percussion knows no octaves.
  const { player, phrase, tookAt, controls } = ensemble
  // Keys are remembered for 8 s: of a longer phrase the end is echoed.
  const start = Math.max(phrase.start, player.strikes[0]?.at ?? 0)
  let nextClock = Number.POSITIVE_INFINITY
  let nextPitch = -1
  for (const { at, pitch } of player.strikes) {
    const clock = clockAfter(tookAt) + Math.round((at - start) / STEP_MS)
    // The pianist's notes are transposed on their way out; taking that off here leaves the echo an octave above the keys.
    const echo = pitch + OCTAVE - controls.transpose
    const isOfPhrase = at >= start && echo >= 0 && echo < PITCH_COUNT
    const isToCome = clock > moment.clock || (clock === moment.clock && moment.struckAt[echo] !== clock)
    if (!isOfPhrase || !isToCome || clock >= nextClock) continue
    nextClock = clock
    nextPitch = echo
  }

  allowed.fill(0, noteOn(0), noteOff(0))
  if (nextClock === moment.clock) {
    // A note is due: allow it and nothing else, but let the network say first how loud it is.
    allowed.fill(0)
    allowed[noteOn(nextPitch)] = 1
    if (!isVelocity(moment.previous)) allowed.fill(1, velocityEvent(1))
    return
  }
  // No note is due: allow waits up to the next one, and the ends of notes. Events of loudness have the numbers after the waits.
  allowed.fill(0, timeShift(1) + Math.min(MAX_SHIFT, nextClock - moment.clock))
  for (let pitch = 0; pitch < PITCH_COUNT; pitch++) {
    const struckAt = moment.struckAt[pitch]!
    if (struckAt === SILENT || moment.clock - struckAt < SHORTEST_NOTE) allowed[noteOff(pitch)] = 0
  }
}

/** A file that comes with the package. */
const bytesOf = (path: string) => readFileSync(fileURLToPath(import.meta.resolve(`rubato/${path}`)))

const pianist = openPianist({
  description: bytesOf('models/rubato-piano/model.json').toString(),
  weights: bytesOf('models/rubato-piano/weights.safetensors'),
  kernel: bytesOf('kernel.wasm'),
  seed: Number(process.argv[2] ?? 1),
  // The names of modes are fixed, so one of them gives its place to the echo. The control `pause` is in seconds.
  modes: { ...MODE_OF, answer: ECHO },
  controls: { mode: 'answer', pause: 0.5 },
})

const print = (what: string, pitch: number, ms: number) =>
  process.stdout.write(`${what} ${Math.round(ms)} ms: pitch ${pitch}\n`)

/** When each key goes down, in ms, and its pitch; it is held for 200 ms. */
const PHRASE = [
  [1000, 60],
  [1333, 64],
  [1333, 67],
  [1667, 72],
  [2250, 67],
] as const

const keys = PHRASE.flatMap(([at, pitch]) => [
  { kind: 'note-on', at, channel: 0, pitch, velocity: 90 } as const,
  { kind: 'note-off', at: at + 200, channel: 0, pitch, velocity: 0 } as const,
]).toSorted((a, b) => a.at - b.at)
for (const key of keys) {
  pianist.playUntil(key.at) // Time passes only here, so go on to the time of a key, then play it.
  pianist.receive(key)
  if (key.kind === 'note-on') print('phrase', key.pitch, key.at)
}
for (const message of pianist.playUntil(8000))
  if (message.kind === 'note-on') print('echo', message.pitch, message.due)
