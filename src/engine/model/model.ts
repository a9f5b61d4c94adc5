import { EVENT_COUNT } from '../language/events.js'
import { DENSITY_SHARES, type Densities, type Idiom } from '../language/idiom.js'
import { Refused } from '../refused.js'
import { field, isRecord, parseStrictJson, quoted } from '../strict-json.js'
import { STEP_MS, STEPS_PER_BEAT } from '../units.js'
import { CONDITIONING_LAYOUTS } from './conditioning.js'
import { readSafetensors, type Shape, type Tensor } from './safetensors.js'

/** Limits far above any model that plays in real time. Within them a network takes less than 1.5 GB of memory. */
const MAX_LAYERS = 8
const MAX_UNITS = 2048

/** Units are computed eight at a time. */
const UNITS_STEP = 8

type EventLanguage = 'performance-388' | 'percussion-388'
const EVENT_LANGUAGES: readonly EventLanguage[] = ['performance-388', 'percussion-388']

/** The contents of a model.json. */
export interface ModelSpec {
  readonly name: string
  readonly network: {
    readonly cell: 'lstm'
    readonly layers: number
    /** Units of each layer, a multiple of 8. */
    readonly units: number
    readonly gateOrder: 'i f g o'
    /** The value added to the bias of the forget gate at run time; 0 if the bias contains it already. */
    readonly forgetBias: number
  }
  /** The language of its events. `percussion-388` has the same 388 classes, but no note-off is ever used. */
  readonly events: EventLanguage
  /** The length of a step of the event clock: 10 ms, or a fraction of a quarter note. */
  readonly step: 'ms' | 'beat'
  /** A name in {@link CONDITIONING_LAYOUTS}. */
  readonly conditioning: string
  /** How densely its training data are played, in notes a second at {@link DENSITY_SHARES}. The tide chooses from them. */
  readonly densities?: Densities
  /** SHA-256 of weights.safetensors, 64 lower-case hex digits. */
  readonly sha256?: string
}

/** The tensors of a layer. The gates i, f, g, o have `units` columns each, in this order; a row vector multiplies from the left. */
export interface LayerWeights {
  /** [units of the layer below, 4 * units]; null for layer 0, whose inputs are the event and the conditioning. */
  readonly input: Tensor | null
  /** [units, 4 * units]. */
  readonly recurrent: Tensor
  /** [4 * units]. */
  readonly bias: Tensor
}

/** A model's weights as views into its file. The weights aren't converted, because each backend packs them in its own way. */
export interface Weights {
  readonly units: number
  readonly conditioningSize: number
  readonly forgetBias: number
  /** [388, 4 * units]: a row for each event. */
  readonly event: Tensor
  /** [conditioningSize, 4 * units]. */
  readonly conditioning: Tensor
  readonly layers: readonly LayerWeights[]
  /** [units, 388] and [388]. */
  readonly output: { readonly weight: Tensor; readonly bias: Tensor }
}

/** Reads the text of a model.json. Throws {@link Refused}, naming what can't be used. */
export function parseModelSpec(text: string): ModelSpec {
  const spec = parseStrictJson(text, 'The model description')
  if (!isRecord(spec)) throw new Refused("The model description isn't a JSON object.")
  const name = field(spec, 'name')
  if (typeof name !== 'string' || !/^[\w. -]{1,64}$/.test(name)) {
    throw new Refused(
      `The model's name ${quoted(name)} isn't 1 to 64 letters, digits, dots, dashes or spaces.`,
    )
  }
  const network = field(spec, 'network')
  if (!isRecord(network)) throw new Refused('The model description has no network.')
  const given = field(spec, 'events')
  const events = EVENT_LANGUAGES.find((language) => language === given)
  if (!events) {
    const known = EVENT_LANGUAGES.join(', ')
    throw new Refused(`The model's event language ${quoted(given)} isn't known here (known: ${known}).`)
  }
  const step = parseStep(field(spec, 'step'))
  const conditioning = field(spec, 'conditioning')
  if (typeof conditioning !== 'string' || !CONDITIONING_LAYOUTS.has(conditioning)) {
    const known = [...CONDITIONING_LAYOUTS.keys()].join(', ')
    throw new Refused(`The conditioning layout ${quoted(conditioning)} isn't known here (known: ${known}).`)
  }
  const sha256 = field(spec, 'sha256')
  if (sha256 !== undefined && (typeof sha256 !== 'string' || !/^[0-9a-f]{64}$/.test(sha256))) {
    throw new Refused(`The model's sha256 ${quoted(sha256)} isn't 64 lower-case hex digits.`)
  }
  const densities = parseDensities(field(spec, 'densities'))
  return {
    name,
    network: parseNetwork(network),
    events,
    step,
    conditioning,
    ...(densities && { densities }),
    ...(sha256 !== undefined && { sha256 }),
  }
}

function parseDensities(given: unknown): Densities | undefined {
  if (given === undefined) return undefined
  const count = DENSITY_SHARES.length
  const isRising = (values: readonly unknown[]): values is number[] =>
    values.every(
      (value, n) =>
        typeof value === 'number' && value > 0 && value >= Number(values[n - 1] ?? 0) && value <= 100,
    )
  if (Array.isArray(given) && given.length === count && isRising(given)) return given
  throw new Refused(
    `The model's densities ${quoted(given)} aren't ${count} numbers over 0 up to 100, none less than the one before.`,
  )
}

/** Reads `{"ms": 10}` (the default) or `{"beats": "1/48"}`. */
function parseStep(step: unknown): ModelSpec['step'] {
  if (step === undefined) return 'ms'
  if (isRecord(step) && Object.keys(step).length === 1) {
    if (field(step, 'ms') === STEP_MS) return 'ms'
    if (field(step, 'beats') === `1/${STEPS_PER_BEAT}`) return 'beat'
  }
  throw new Refused(
    `The model's step ${quoted(step)} isn't known here (known: {"ms": ${STEP_MS}}, {"beats": "1/${STEPS_PER_BEAT}"}).`,
  )
}

function parseNetwork(network: Readonly<Record<string, unknown>>): ModelSpec['network'] {
  const cell = expectOnly('lstm', field(network, 'cell'), 'cell')
  const gateOrder = expectOnly('i f g o', field(network, 'gateOrder'), 'gate order')
  const layers = expectWhole(field(network, 'layers'), 'layers', 1, MAX_LAYERS)
  const units = expectWhole(field(network, 'units'), 'units', UNITS_STEP, MAX_UNITS)
  if (units % UNITS_STEP !== 0) {
    throw new Refused(`The network's units, ${units}, aren't a multiple of ${UNITS_STEP}.`)
  }
  const forgetBias = field(network, 'forgetBias')
  if (typeof forgetBias !== 'number' || !(Math.abs(forgetBias) <= 100)) {
    throw new Refused(`The network's forgetBias ${quoted(forgetBias)} isn't a number from -100 to 100.`)
  }
  return { cell, layers, units, gateOrder, forgetBias }
}

function expectOnly<T extends string>(known: T, given: unknown, what: string): T {
  if (given === known) return known
  throw new Refused(`The model's ${what} ${quoted(given)} isn't known here (known: "${known}").`)
}

function expectWhole(given: unknown, what: string, least: number, most: number): number {
  if (typeof given === 'number' && Number.isInteger(given) && given >= least && given <= most) return given
  throw new Refused(`The network's ${what} ${quoted(given)} isn't a whole number from ${least} to ${most}.`)
}

/** The text of a model.json. */
export function describeModel({ step, ...rest }: ModelSpec): string {
  const described = { ...rest, step: step === 'ms' ? { ms: STEP_MS } : { beats: `1/${STEPS_PER_BEAT}` } }
  return `${JSON.stringify(described, null, 1)}\n`
}

/** The properties of the model's events that a pianist and a performer need. */
export function languageOf({ conditioning, events, step, densities }: ModelSpec): Idiom & {
  readonly layout: string
  readonly hasEnds: boolean
  readonly step: ModelSpec['step']
} {
  return {
    layout: conditioning,
    hasEnds: events === 'performance-388',
    step,
    ...(densities && { densities }),
  }
}

/** The tensors of a model: their names in weights.safetensors and their shapes. */
export function tensorShapes(spec: ModelSpec): ReadonlyMap<string, Shape> {
  const { layers, units } = spec.network
  const gates = 4 * units
  const shapes = new Map<string, Shape>()
  for (let layer = 0; layer < layers; layer++) {
    if (layer > 0) shapes.set(`lstm.${layer}.input`, [units, gates])
    shapes.set(`lstm.${layer}.recurrent`, [units, gates])
    shapes.set(`lstm.${layer}.bias`, [gates])
  }
  shapes.set('lstm.0.event', [EVENT_COUNT, gates])
  const conditioning = conditioningSizeOf(spec)
  // A network without conditioning has no tensor for it.
  if (conditioning > 0) shapes.set('lstm.0.conditioning', [conditioning, gates])
  shapes.set('output.weight', [units, EVENT_COUNT])
  shapes.set('output.bias', [EVENT_COUNT])
  return shapes
}

function conditioningSizeOf(spec: ModelSpec): number {
  const size = CONDITIONING_LAYOUTS.get(spec.conditioning)?.size
  if (size === undefined)
    throw new Refused(`The conditioning layout ${quoted(spec.conditioning)} isn't known here.`)
  return size
}

/**
 * Reads the bytes of a weights.safetensors for `spec`. The bytes may lie in shared memory. The result contains views of them,
 * so they must not change. Throws {@link Refused}, naming the tensor, unless the file has exactly the tensors of the model.
 */
export function parseWeights(spec: ModelSpec, bytes: Uint8Array): Weights {
  const tensors = readSafetensors(bytes, tensorShapes(spec))
  const tensor = (name: string): Tensor => {
    const found = tensors.get(name)
    if (!found) throw new Refused(`The weights lack the tensor ${name}.`)
    return found
  }
  const { layers, units, forgetBias } = spec.network
  return {
    units,
    conditioningSize: conditioningSizeOf(spec),
    forgetBias,
    event: tensor('lstm.0.event'),
    conditioning:
      conditioningSizeOf(spec) > 0
        ? tensor('lstm.0.conditioning')
        : { rows: 0, columns: 4 * units, data: new Float32Array(0) },
    layers: Array.from({ length: layers }, (_, layer) => ({
      input: layer === 0 ? null : tensor(`lstm.${layer}.input`),
      recurrent: tensor(`lstm.${layer}.recurrent`),
      bias: tensor(`lstm.${layer}.bias`),
    })),
    output: { weight: tensor('output.weight'), bias: tensor('output.bias') },
  }
}
