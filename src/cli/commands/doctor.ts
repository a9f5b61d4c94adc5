import { randomBytes } from 'node:crypto'
import { loadavg } from 'node:os'
import { startApp } from '../../app/app.js'
import { WITHOUT_SURFACES } from '../../app/options.js'
import { defaultControls } from '../../engine/controls/controls.js'
import { EVENT_COUNT } from '../../engine/language/events.js'
import { createJsNetwork } from '../../engine/network/js-network.js'
import type { Network, Precision } from '../../engine/network/network.js'
import { DEFAULT_HORIZON_MS } from '../../engine/performer/performer.js'
import type { LatenessFigures } from '../../engine/surface/meters.js'
import type { Ms } from '../../engine/units.js'
import { messageOf } from '../../io/error-text.js'
import { PLAIN_INPUT } from '../../io/input/input-router.js'
import { linkNetworks } from '../../io/link/gateways.js'
import { percentile } from '../../io/meters/lateness.js'
import { openMidiLibrary } from '../../io/midi/midi-library.js'
import { listPorts } from '../../io/midi/ports.js'
import type { ModelFiles } from '../../io/models/model-files.js'
import { type EngineChoice, openNetwork } from '../../io/models/open-network.js'
import { type Flag, helpText, parseFlags } from '../flags/flags.js'
import { HELP_FLAG, JSON_FLAG, NETWORK_FLAGS, type NetworkChoice, networkFrom } from '../flags/music-flags.js'

const DOCTOR_FLAGS: readonly Flag[] = [
  JSON_FLAG,
  ...NETWORK_FLAGS.filter(({ name }) => name !== 'backend'),
  HELP_FLAG,
]

export const DOCTOR_HELP = helpText(
  'rubato doctor [--json]',
  'Says what this machine can do: ports, networks for Link, real-time priority, speed of the network, lateness over 5 s, the model.',
  [['Options', DOCTOR_FLAGS]],
)

/** The engines that are timed. */
const ENGINES: readonly (readonly [Exclude<EngineChoice, 'auto'>, Precision])[] = [
  ['wasm', 'f32'],
  ['wasm', 'int16'],
  ['js', 'f32'],
  ['tfjs-wasm', 'f32'],
  ['tfjs-node', 'f32'],
]

/** How long the lateness test plays. Shorter misses rare stalls, longer keeps the user waiting. */
const LATENESS_TEST_MS: Ms = 5000

/** Steps of each engine that are timed. */
const TIMED_STEPS = 200

/** Steps of each engine that are compared with the js engine; the comparison also warms the engine up. */
const COMPARED_STEPS = 50

interface Diagnosis {
  readonly node: string
  readonly platform: string
  /** Load average of the last minute: on a busy machine the other figures mean little. */
  readonly load: number
  readonly midi:
    | { readonly inputs: readonly string[]; readonly outputs: readonly string[] }
    | { readonly missing: string }
  /** The networks over which Link meets others: interfaces with their addresses. */
  readonly link: readonly { readonly name: string; readonly address: string }[]
  readonly realtime: { readonly on: boolean; readonly reason: string }
  readonly engines: readonly {
    readonly backend: string
    readonly precision: Precision
    readonly p50: Ms
    readonly p99: Ms
    /** The greatest difference between the engine's logits and those of the js engine. */
    readonly off: number
    /** The reason why the engine can't run on this machine; absent if it can. */
    readonly missing?: string
  }[]
  readonly lateness: LatenessFigures & { readonly notes: number; readonly slips: number }
  readonly model: { readonly name: string; readonly sha256: string; readonly parameters: number }
}

/** `rubato doctor`. Throws Refused for a model that can't be used; returns the exit code. */
export async function doctorCommand(args: readonly string[]): Promise<number> {
  const given = parseFlags(args, DOCTOR_FLAGS, false)
  if (given.values.help) {
    process.stdout.write(DOCTOR_HELP)
    return 0
  }
  const network = networkFrom(given)
  const { model } = network
  const { realtime, lateness } = await testLateness(network)
  const diagnosis: Diagnosis = {
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
    load: Number(loadavg()[0]?.toFixed(2)),
    midi: await findPorts(),
    link: linkNetworks().map(({ name, address }) => ({ name, address })),
    realtime,
    engines: await compareEngines(model),
    lateness,
    model: { name: model.spec.name, sha256: model.sha256, parameters: model.bytes.length / 2 },
  }
  process.stdout.write(given.values.json ? `${JSON.stringify(diagnosis)}\n` : describe(diagnosis))
  return 0
}

async function findPorts(): Promise<Diagnosis['midi']> {
  try {
    return listPorts(await openMidiLibrary())
  } catch (error) {
    return { missing: messageOf(error) }
  }
}

/**
 * The event that every engine is given at a step: over all steps every event comes, and successive ones are far
 * apart.
 */
const eventAt = (step: number) => (step * 37) % EVENT_COUNT

/** Times each engine, and compares it with the one in plain JavaScript, which is the simplest. */
async function compareEngines({ weights }: ModelFiles): Promise<Diagnosis['engines']> {
  const reference = createJsNetwork(weights)
  const expected = Array.from({ length: COMPARED_STEPS }, (_, step) => {
    reference.step(eventAt(step))
    return Float32Array.from(reference.logits)
  })
  const engines: Diagnosis['engines'][number][] = []
  for (const [backend, precision] of ENGINES) {
    try {
      const network = await openNetwork(weights, backend, precision)
      engines.push({ backend, precision, off: compare(network, expected), ...timeSteps(network) })
    } catch (error) {
      engines.push({ backend, precision, p50: 0, p99: 0, off: 0, missing: messageOf(error) })
    }
  }
  return engines
}

/** The greatest difference between the logits of `network` and those expected, step by step. */
function compare(network: Network, expected: readonly Float32Array[]): number {
  let off = 0
  for (const [step, logits] of expected.entries()) {
    network.step(eventAt(step))
    for (const [i, logit] of logits.entries()) off = Math.max(off, Math.abs(network.logits[i]! - logit))
  }
  return off
}

function timeSteps(network: Network): { readonly p50: Ms; readonly p99: Ms } {
  const times: Ms[] = []
  for (let step = 0; step < TIMED_STEPS; step++) {
    const before = performance.now()
    network.step(eventAt(step))
    times.push(performance.now() - before)
  }
  times.sort((a, b) => a - b)
  return { p50: percentile(times, 0.5), p99: percentile(times, 0.99) }
}

/** Plays 16 notes a second to nobody, with all threads that a performance has, and measures how late notes are. */
async function testLateness(network: NetworkChoice): Promise<Pick<Diagnosis, 'realtime' | 'lateness'>> {
  const app = await startApp({
    ...network,
    seed: randomBytes(4).readUInt32LE(),
    controls: { ...defaultControls(), density: 16 },
    horizon: DEFAULT_HORIZON_MS,
    to: null,
    from: null,
    input: PLAIN_INPUT,
    realtime: 'auto',
    sync: 'off',
    ...WITHOUT_SURFACES,
    port: { kind: 'null' },
    onNotice: () => {},
    onLost: () => {},
  })
  app.ask({ type: 'play' }, 'keys')
  await new Promise((resolve) => setTimeout(resolve, LATENESS_TEST_MS))
  app.end()
  const { lateness, notes, realtime } = app.meters()
  const slips = app.snapshot()?.slips ?? 0
  await app.close()
  return { realtime, lateness: { ...lateness, notes, slips } }
}

function describe(diagnosis: Diagnosis): string {
  const { midi, lateness } = diagnosis
  const ports =
    'missing' in midi
      ? midi.missing
      : `${midi.outputs.length} ports to play to, ${midi.inputs.length} to listen to ("rubato ports" lists them)`
  const speed = diagnosis.engines.map(({ backend, precision, p50, p99, off, missing }) =>
    missing === undefined
      ? `${backend} ${precision} ${p50.toFixed(2)} ms a step (p99 ${p99.toFixed(2)}), logits within ${off.toExponential(0)} of js`
      : `${backend} ${precision}: ${missing}`,
  )
  const rows: readonly (readonly [string, string])[] = [
    ['Machine', `${diagnosis.platform}, Node ${diagnosis.node}, load ${diagnosis.load}`],
    ['MIDI', ports],
    ['Link', linkText(diagnosis)],
    ['Real-time', diagnosis.realtime.reason],
    ...speed.map((text, n) => [n === 0 ? 'Network' : '', text] as const),
    [
      'Lateness',
      `p50 ${lateness.p50.toFixed(2)}, p99 ${lateness.p99.toFixed(2)}, max ${lateness.max.toFixed(2)} ms over ${lateness.notes} notes in 5 s; ${lateness.slips} slips`,
    ],
    ['Model', `${diagnosis.model.name}, sha256 ${diagnosis.model.sha256}`],
  ]
  return rows.map(([name, text]) => `${name.padEnd(10)} ${text}\n`).join('')
}

function linkText({ link }: Diagnosis): string {
  if (link.length === 0) return 'no network, so --sync link would meet nobody'
  return `--sync link meets others over ${link.map(({ name, address }) => `${name} (${address})`).join(', ')}`
}
