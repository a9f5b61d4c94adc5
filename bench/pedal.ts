import { readFileSync } from 'node:fs'
import { parseMidi } from 'midi-file'
import { helpText, parseFlags } from '../src/cli/flags/flags.js'
import { HELP_FLAG, NETWORK_FLAGS, networkFrom } from '../src/cli/flags/music-flags.js'
import { defaultControls } from '../src/engine/controls/controls.js'
import { SUSTAIN, SWITCH_ON } from '../src/engine/language/messages.js'
import { applySustain, type KeyAction, type Note } from '../src/engine/language/performance.js'
import { languageOf } from '../src/engine/model/model.js'
import type { CollectedMusic } from '../src/engine/offline/note-collector.js'
import { renderMusic } from '../src/engine/offline/rendering.js'
import { isInReach } from '../src/engine/plan/reach.js'
import { Refused } from '../src/engine/refused.js'
import { MINUTE_MS, type Ms } from '../src/engine/units.js'
import { messageOf } from '../src/io/error-text.js'
import { percentile } from '../src/io/meters/lateness.js'
import { openNetwork } from '../src/io/models/open-network.js'
import { listMidiFiles } from '../src/io/recording/midi-file-reader.js'
import { printTable, type Row, round } from './table.js'

const HELP = helpText(
  'node build/bench/pedal.js [FOLDER...] [options]',
  'Measures the pedal (control pedal, auto) against notes held as long as they sound, beside the performances in the folders.',
  [['Options', [...NETWORK_FLAGS, HELP_FLAG]]],
)

const SEEDS = [1, 2, 3, 4, 5]
const DURATION: Ms = 180_000

/** Keys are looked at this long after each strike, when a chord is complete and the keys that it drives away are up. */
const SETTLED_MS: Ms = 60

/** A key that is held for longer doesn't count: only Rubato's notes of 8 s and people's few come near it. */
const LONGEST_KEY_MS: Ms = 15_000

/** The percentage of the notes, ordered by start, after whose strikes two hands couldn't hold all keys that are down. */
function beyondReach(keys: readonly Note[]): number {
  let beyond = 0
  for (let n = 0; n < keys.length; n++) {
    const at = keys[n]!.start + SETTLED_MS
    const down = new Set<number>()
    for (let i = n + 1; i < keys.length && keys[i]!.start <= at; i++)
      if (keys[i]!.end > at) down.add(keys[i]!.pitch)
    for (let i = n; i >= 0 && keys[i]!.start > at - LONGEST_KEY_MS; i--)
      if (keys[i]!.end > at) down.add(keys[i]!.pitch)
    if (!isInReach([...down])) beyond++
  }
  return (100 * beyond) / keys.length
}

/** What hands and foot do in a piece of music, by time. */
function actionsOf({ notes, controlChanges }: CollectedMusic): KeyAction[] {
  const channel = 0
  return [
    ...notes.flatMap(({ start, end, pitch, velocity }): KeyAction[] => [
      { kind: 'note-on', at: start, channel, pitch, velocity },
      { kind: 'note-off', at: end, channel, pitch },
    ]),
    ...controlChanges.map(
      ({ at, value }): KeyAction => ({ kind: 'pedal', at, channel, down: value >= SWITCH_ON }),
    ),
  ].toSorted((a, b) => a.at - b.at)
}

/** What hands and foot did in a MIDI file with one tempo, by time. */
function readActions(path: string): KeyAction[] {
  const { header, tracks } = parseMidi(readFileSync(path))
  const tempo = tracks.flat().find((event) => event.type === 'setTempo')
  const msPerTick =
    (tempo?.type === 'setTempo' ? tempo.microsecondsPerBeat : 500_000) / 1000 / (header.ticksPerBeat ?? 1)
  return tracks
    .flatMap((track) => {
      let tick = 0
      return track.flatMap((event): KeyAction[] => {
        tick += event.deltaTime
        const at = tick * msPerTick
        if (event.type === 'noteOn' || event.type === 'noteOff') {
          const { channel, noteNumber: pitch, velocity } = event
          return [{ kind: event.type === 'noteOn' ? 'note-on' : 'note-off', at, channel, pitch, velocity }]
        }
        if (event.type !== 'controller' || event.controllerType !== SUSTAIN) return []
        return [{ kind: 'pedal', at, channel: event.channel, down: event.value >= SWITCH_ON }]
      })
    })
    .toSorted((a, b) => a.at - b.at)
}

interface Playing {
  /** Percentage of the notes, see {@link beyondReach}. */
  readonly beyond: number
  /** Presses of the pedal a minute. */
  readonly presses: number
}

function playingOf(actions: readonly KeyAction[]): Playing {
  const end = actions.at(-1)?.at ?? 0
  const keys = applySustain(
    actions.filter(({ kind }) => kind !== 'pedal'),
    end,
  )
  let presses = 0
  let isDown = false
  for (const action of actions) {
    if (action.kind !== 'pedal') continue
    if (action.down && !isDown) presses++
    isDown = action.down
  }
  return { beyond: beyondReach(keys), presses: (presses * MINUTE_MS) / end }
}

/** How much longer each note sounds in `actions` than in `held`, in ms. */
function differences(actions: readonly KeyAction[], held: readonly KeyAction[]): number[] {
  const sounding = applySustain(actions, DURATION)
  return applySustain(held, DURATION).map((note, n) => {
    const other = sounding[n]
    if (other?.pitch !== note.pitch || other.start !== note.start) throw new Error('the notes differ')
    return other.end - note.end
  })
}

const row = (what: string, all: readonly Playing[]): Row => {
  const presses = all.map((playing) => playing.presses).sort((a, b) => a - b)
  return {
    what,
    'beyond reach, % of notes': round(all.reduce((sum, { beyond }) => sum + beyond, 0) / all.length, 1),
    'presses a minute, p10': round(percentile(presses, 0.1), 1),
    p50: round(percentile(presses, 0.5), 1),
    p90: round(percentile(presses, 0.9), 1),
  }
}

async function main(): Promise<void> {
  const given = parseFlags(process.argv.slice(2), [...NETWORK_FLAGS, HELP_FLAG], true)
  if (given.values.help) {
    process.stdout.write(HELP)
    return
  }
  const { model, backend, precision } = networkFrom(given)
  const play = async (seed: number, pedal: 'off' | 'auto') => {
    const network = await openNetwork(model.weights, backend, precision)
    const controls = { ...defaultControls(), pedal }
    return actionsOf(renderMusic({ network, ...languageOf(model.spec), seed, controls }, DURATION))
  }
  const off: Playing[] = []
  const auto: Playing[] = []
  const longer: number[] = []
  for (const seed of SEEDS) {
    const held = await play(seed, 'off')
    const pedalled = await play(seed, 'auto')
    off.push(playingOf(held))
    auto.push(playingOf(pedalled))
    longer.push(...differences(pedalled, held))
  }
  const files = given.positionals.length > 0 ? await listMidiFiles(given.positionals) : []
  const people = files.map((path) => playingOf(readActions(path)))
  printTable(`Keys and pedal, ${SEEDS.length} seeds of ${DURATION / 1000} s`, [
    row('pedal off', off),
    row('pedal auto', auto),
    ...(people.length > 0 ? [row(`people (${people.length} files)`, people)] : []),
  ])
  const offBy = longer.map(Math.abs).sort((a, b) => a - b)
  const share = (isMeant: (ms: number) => boolean) =>
    round((100 * longer.filter(isMeant).length) / longer.length, 1)
  printTable(`How far the ${longer.length} notes end from where they end with pedal off`, [
    {
      'p50, ms': round(percentile(offBy, 0.5), 0),
      p90: round(percentile(offBy, 0.9), 0),
      p99: round(percentile(offBy, 0.99), 0),
      'over 0.1 s too long, %': share((ms) => ms > 100),
      'over 0.1 s too short, %': share((ms) => ms < -100),
    },
  ])
}

try {
  await main()
} catch (error) {
  process.stderr.write(`${messageOf(error)}\n`)
  process.exit(error instanceof Refused ? 2 : 1)
}
