import { createHash } from 'node:crypto'
import { existsSync, statSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import {
  convertMagenta,
  type ManifestGroup,
  parseManifest,
  specOfShapes,
} from '../../engine/model/magenta-weights.js'
import { describeModel, type ModelSpec, parseModelSpec, parseWeights } from '../../engine/model/model.js'
import { safetensorsShapes } from '../../engine/model/safetensors.js'
import { writeFloatTensors } from '../../engine/model/safetensors-writer.js'
import { Refused } from '../../engine/refused.js'
import { webAddress } from './http-file.js'
import { PartialDownload } from './partial-download.js'
import { Unavailable } from './unavailable.js'
import { folderSource, type WeightSource, webSource, webText } from './weight-source.js'

/** A callback that gets the number of bytes of the model that have arrived. */
type ImportProgress = (bytes: number, of: number) => void

/** The options of an import besides its source and target. */
interface ImportOptions {
  /** A callback that gets a sentence when the files of an earlier import can't be resumed from. */
  readonly notice?: (sentence: string) => void
  /** Interrupts a download. */
  readonly stop?: AbortSignal
}

const GOES_ON = 'the same command goes on from what has come'
const MANIFEST = 'weights_manifest.json'
const CARD = 'CARD.md'

/** Longest manifest, model.json or card that is read. */
const MOST_TEXT_BYTES = 1 << 20

/** Longest weights that are read, as in model-files.ts. */
const MOST_WEIGHTS_BYTES = 2 ** 31

/**
 * Makes the model folder `target` from `source`: a folder or web address with a weights_manifest.json (Magenta's published
 * form for TensorFlow.js), a folder with a model.json, or a safetensors file with Rubato's tensor names. A card beside the
 * weights is copied. The folder is made whole or not at all. The files of an interrupted download stay in `target`.part for
 * the next try from the same source, unless they can't be used. Throws {@link Refused} with a sentence.
 */
export async function importModel(
  source: string,
  target: string,
  onProgress: ImportProgress,
  { notice = () => {}, stop = new AbortController().signal }: ImportOptions = {},
): Promise<ModelSpec> {
  const goal = resolve(target)
  if (existsSync(goal)) throw new Refused(`${target} is there already; give the model another name.`)
  const address = webAddress(source)
  const part = new PartialDownload(`${goal}.part`, notice)
  try {
    const { card, spec, weights } = address
      ? await fromWeb(address, part, onProgress, stop)
      : await fromDisk(source, onProgress)
    const name = basename(goal)
      .replace(/[^\w. -]/g, '-')
      .slice(0, 64)
    const whole = { ...spec, name, sha256: createHash('sha256').update(weights).digest('hex') }
    // The model is parsed as `readModel` will parse it, before anything is written.
    parseWeights(parseModelSpec(describeModel(whole)), weights)
    if (!address) part.begin(resolve(source), '')
    const files = {
      'weights.safetensors': weights,
      'model.json': describeModel(whole),
      // The query of an address may be a secret, so the card leaves it out.
      [CARD]: card ?? unknownCard(name, address ? `${address.origin}${address.pathname}` : source),
    }
    part.finish(files, goal)
    return whole
  } catch (error) {
    if (error instanceof Refused && !(error instanceof Unavailable)) part.discard()
    const hasCome = part.hasCome()
    part.leave()
    if (stop.aborted) throw new Refused(hasCome ? `Stopped; ${GOES_ON}.` : 'Stopped; nothing has come yet.')
    if (error instanceof Unavailable && error.isPassing && hasCome)
      throw new Refused(`${error.reason}; ${error.cure}, and ${GOES_ON}.`)
    throw error
  }
}

interface Imported {
  readonly spec: Omit<ModelSpec, 'name' | 'sha256'>
  readonly weights: Uint8Array
  /** The card beside the weights; null where there is none. */
  readonly card: Uint8Array | null
}

async function fromWeb(
  address: URL,
  part: PartialDownload,
  onProgress: ImportProgress,
  stop: AbortSignal,
): Promise<Imported> {
  const base = new URL(address)
  if (base.pathname.endsWith(`/${MANIFEST}`)) base.pathname = base.pathname.slice(0, -MANIFEST.length)
  if (!base.pathname.endsWith('/')) base.pathname += '/'
  const manifest = await webText(base, MANIFEST, MOST_TEXT_BYTES, stop)
  const groups = parseManifest(manifest)
  part.begin(base.href, manifest)
  return { ...(await convert(groups, webSource(base, part.download, stop), onProgress)), card: null }
}

async function fromDisk(path: string, onProgress: ImportProgress): Promise<Imported> {
  if (!existsSync(path)) throw new Refused(`${path} doesn't exist.`)
  if (!statSync(path).isDirectory()) return fromSafetensors(path)
  if (existsSync(join(path, MANIFEST))) {
    const source = folderSource(path)
    const groups = parseManifest(await readText(path, MANIFEST))
    return { ...(await convert(groups, source, onProgress)), card: await readCard(path) }
  }
  // A training run has its best weights in a folder called `best`.
  const folder = existsSync(join(path, 'best', 'model.json')) ? join(path, 'best') : path
  if (!existsSync(join(folder, 'model.json')))
    throw new Refused(`${path} holds neither a ${MANIFEST} nor a model.json.`)
  const spec = parseModelSpec(await readText(folder, 'model.json'))
  const weights = await folderSource(folder).read('weights.safetensors', MOST_WEIGHTS_BYTES)
  return { spec, weights, card: await readCard(folder) }
}

async function fromSafetensors(path: string): Promise<Imported> {
  const folder = dirname(path)
  const weights = await folderSource(folder).read(basename(path), MOST_WEIGHTS_BYTES)
  return { spec: specOfShapes(safetensorsShapes(weights)), weights, card: await readCard(folder) }
}

async function readText(folder: string, name: string): Promise<string> {
  return new TextDecoder().decode(await folderSource(folder).read(name, MOST_TEXT_BYTES))
}

/** The card (CARD.md) in `folder`; null where there is none. */
async function readCard(folder: string): Promise<Uint8Array | null> {
  return existsSync(join(folder, CARD)) ? folderSource(folder).read(CARD, MOST_TEXT_BYTES) : null
}

async function convert(
  groups: readonly ManifestGroup[],
  source: WeightSource,
  onProgress: ImportProgress,
): Promise<Omit<Imported, 'card'>> {
  const total = groups.reduce((sum, { length }) => sum + length, 0)
  const bodies: Uint8Array[] = []
  let done = 0
  for (const { paths, length } of groups) {
    const shards: Uint8Array[] = []
    let left = length
    for (const path of paths) {
      const before = done
      const shard = await source.read(path, left, (bytes) => onProgress(before + bytes, total))
      left -= shard.length
      done += shard.length
      onProgress(done, total)
      shards.push(shard)
    }
    if (left > 0) throw tooShort(paths, left, length, source)
    bodies.push(Buffer.concat(shards))
  }
  const { spec, tensors } = convertMagenta(groups, bodies)
  return { spec, weights: writeFloatTensors(tensors) }
}

function tooShort(paths: readonly string[], left: number, length: number, source: WeightSource): Refused {
  const short = `The files ${paths[0]} to ${paths.at(-1)} are ${left} bytes short of the manifest's ${length}`
  const doubtful = paths.filter((path) => !source.isWhole(path))
  if (doubtful.length === 0) return new Refused(`${short}.`)
  const reason = `${short}, as the connection broke off in ${doubtful.join(' or ')}`
  return new Unavailable(reason, 'look at the connection', true)
}

function unknownCard(name: string, source: string): string {
  return `# ${name}
Imported from ${source}.

- **Licence and data**: as whoever published it says; nothing about it is known here.
- **Weaknesses**: not examined.
`
}
