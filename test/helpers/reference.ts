import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

/** The part of a model's reference.json that tests read. */
export interface Reference {
  readonly files: readonly {
    readonly path: string
    readonly notes: number
    readonly events: number
    readonly natsPerEvent: { readonly none: number; readonly all: number }
    readonly firstEvents: readonly number[]
  }[]
  readonly sequence: {
    readonly file: string
    readonly events: readonly number[]
    readonly steps: Readonly<
      Record<string, { readonly conditioning: readonly number[]; readonly logits: readonly number[] }>
    >
  }
}

/** The folders in which the full model may be: in the checkout, or under RUBATO_SHARED (../shared where not set). */
const modelFolders = [
  resolve('models/rubato-piano'),
  join(process.env.RUBATO_SHARED ?? resolve('../shared'), 'models/rubato-piano'),
]
const folder = modelFolders.find((candidate) => existsSync(join(candidate, 'reference.json')))
const data = process.env.RUBATO_DATA

/** The folder of rubato-piano with its reference.json, or null. */
export const modelReference: string | null = folder ?? null

/** reference.json of rubato-piano, or null. */
export const reference: Reference | null = folder
  ? JSON.parse(readFileSync(join(folder, 'reference.json'), 'utf8'))
  : null

/** The path of a file of the data set, e.g. `maestro-v2/2008/...`. */
export function dataPath(path: string): string {
  return join(data ?? '', path)
}

/** Why tests on the reference performances can't run, or null. Goes into the titles of skipped tests. */
export const noReference: string | null = !reference
  ? 'no models/rubato-piano/reference.json'
  : data === undefined || !existsSync(dataPath('maestro-v2'))
    ? 'RUBATO_DATA names no folder that holds maestro-v2'
    : null
