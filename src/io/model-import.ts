import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { convertMagenta, parseManifest, specOfShapes } from '../engine/magenta-weights.js'
import { describeModel, type ModelSpec, parseModelSpec, parseWeights } from '../engine/model.js'
import { safetensorsShapes } from '../engine/safetensors.js'
import { writeFloatTensors } from '../engine/safetensors-writer.js'
import { Refused } from '../engine/units.js'
import { codeOf } from './failure.js'
import { folderSource, Interrupted, type WeightSource, webSource } from './weight-source.js'

/** How far an import is. */
export type ImportProgress = (bytes: number, of: number) => void

const MANIFEST = 'weights_manifest.json'
const MOST_MANIFEST_BYTES = 1 << 20
/** A model's weights as model-files.ts takes them. */
const MOST_WEIGHTS_BYTES = 2 ** 31

/**
 * Makes the model folder `target` from what lies at `source`: a folder or web address of Magenta's published form (tfjs), a
 * folder with a model.json, or a safetensors file with a card's tensor names. Whole or not at all; what a broken download
 * has brought waits in `target`.part for the next try, and is thrown away where it is of no use.
 * Throws {@link Refused} with a sentence.
 */
export async function importModel(
  source: string,
  target: string,
  onProgress: ImportProgress,
): Promise<ModelSpec> {
  if (existsSync(target)) throw new Refused(`${target} is there already; give the model another name.`)
  const part = `${resolve(target)}.part`
  const isWeb = /^https?:\/\//.test(source)
  try {
    mkdirSync(part, { recursive: true })
  } catch (error) {
    throw new Refused(`${part} can't be made (${codeOf(error)}); choose another place.`)
  }
  try {
    const name = basename(resolve(target))
      .replace(/[^\w. -]/g, '-')
      .slice(0, 64)
    const { spec, weights } = isWeb
      ? await fromWeb(source, join(part, 'download'), onProgress)
      : await fromDisk(source, onProgress)
    const whole = { ...spec, name, sha256: createHash('sha256').update(weights).digest('hex') }
    // What is written is what will be read: the same checks, before anything has its name.
    parseWeights(parseModelSpec(describeModel(whole)), weights)
    rmSync(join(part, 'download'), { recursive: true, force: true })
    writeFileSync(join(part, 'weights.safetensors'), weights)
    writeFileSync(join(part, 'model.json'), describeModel(whole))
    writeFileSync(join(part, 'CARD.md'), card(name, source))
    renameSync(part, target)
    return whole
  } catch (error) {
    if (!(error instanceof Interrupted)) rmSync(part, { recursive: true, force: true })
    throw error
  }
}

interface Imported {
  readonly spec: Omit<ModelSpec, 'name' | 'sha256'>
  readonly weights: Uint8Array
}

async function fromWeb(address: string, keep: string, onProgress: ImportProgress): Promise<Imported> {
  mkdirSync(keep, { recursive: true })
  const base = address.endsWith(MANIFEST)
    ? address.slice(0, -MANIFEST.length)
    : `${address.replace(/\/$/, '')}/`
  return fromManifest(webSource(base, keep), onProgress)
}

async function fromDisk(path: string, onProgress: ImportProgress): Promise<Imported> {
  if (!existsSync(path)) throw new Refused(`${path} doesn't exist.`)
  if (!statSync(path).isDirectory()) return fromSafetensors(path)
  if (existsSync(join(path, MANIFEST))) return fromManifest(folderSource(path), onProgress)
  // A run of training keeps its best weights in a model folder of its own.
  const folder = existsSync(join(path, 'best', 'model.json')) ? join(path, 'best') : path
  if (!existsSync(join(folder, 'model.json')))
    throw new Refused(`${path} holds neither a ${MANIFEST} nor a model.json.`)
  const spec = parseModelSpec(readFileSync(join(folder, 'model.json'), 'utf8'))
  return { spec, weights: await folderSource(folder).read('weights.safetensors', MOST_WEIGHTS_BYTES) }
}

async function fromSafetensors(path: string): Promise<Imported> {
  if (statSync(path).size > MOST_WEIGHTS_BYTES) throw new Refused(`${path} is too long for a model.`)
  const weights = readFileSync(path)
  return { spec: specOfShapes(safetensorsShapes(weights)), weights }
}

async function fromManifest(source: WeightSource, onProgress: ImportProgress): Promise<Imported> {
  const text = new TextDecoder().decode(await source.read(MANIFEST, MOST_MANIFEST_BYTES))
  const groups = parseManifest(text)
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
    if (left > 0)
      throw new Refused(
        `The files ${paths[0]} to ${paths.at(-1)} are ${left} bytes short of the manifest's ${length}.`,
      )
    bodies.push(Buffer.concat(shards))
  }
  const { spec, tensors } = convertMagenta(groups, bodies)
  return { spec, weights: writeFloatTensors(tensors) }
}

function card(name: string, source: string): string {
  return `# ${name}
Imported from ${source}.

- **Licence and data**: as whoever published it says; nothing about it is known here.
- **Weaknesses**: not examined.
`
}
