import { createRequire } from 'node:module'
import type { TensorFlow } from '../../engine/network/tfjs-network.js'
import { Refused } from '../../engine/refused.js'
import { messageOf } from '../error-text.js'

/** TensorFlow.js with one of its backends, named for the package that has it. */
export type TfjsChoice = 'tfjs-node' | 'tfjs-wasm' | 'tfjs-cpu'

type Loaded = TensorFlow & {
  setBackend(name: string): Promise<boolean>
  ready(): Promise<void>
}

/** The packages to import for each choice, the library itself first, and the library's name for the backend. */
const PARTS: Readonly<
  Record<TfjsChoice, { readonly packages: readonly string[]; readonly backend: string }>
> = {
  'tfjs-node': { packages: ['@tensorflow/tfjs-node'], backend: 'tensorflow' },
  'tfjs-wasm': { packages: ['@tensorflow/tfjs-core', '@tensorflow/tfjs-backend-wasm'], backend: 'wasm' },
  // Sixteen times too slow to play with. Tests compare the two faster backends with it.
  'tfjs-cpu': { packages: ['@tensorflow/tfjs-core', '@tensorflow/tfjs-backend-cpu'], backend: 'cpu' },
}

/**
 * Loads TensorFlow.js, which isn't a dependency of Rubato: users who want it install it themselves. Throws
 * {@link Refused}, with the command that installs it, where it is missing or can't be used.
 */
export async function loadTfjs(choice: TfjsChoice): Promise<TensorFlow> {
  const { packages, backend } = PARTS[choice]
  // Without -D, npm 11 would skip optional peers as if they were installed.
  const cure = `install it with: npm i -D ${packages.join(' ')}`
  if (choice === 'tfjs-node') restoreOldUtil()
  let tf: Loaded | undefined
  for (const name of packages) {
    try {
      const loaded = await import(name)
      tf ??= loaded.setBackend ? loaded : loaded.default
    } catch (error) {
      throw new Refused(`The ${choice} backend can't be used: ${reasonOf(error, name)}; ${cure}`)
    }
  }
  if (!tf || !(await startBackend(tf, backend)))
    throw new Refused(`The ${choice} backend can't be used: its engine "${backend}" did not start; ${cure}`)
  return tf
}

async function startBackend(tf: Loaded, backend: string): Promise<boolean> {
  try {
    const started = await tf.setBackend(backend)
    await tf.ready()
    return started
  } catch {
    return false
  }
}

function reasonOf(error: unknown, name: string): string {
  const message = messageOf(error).split('\n')[0] ?? ''
  const isMissing = message.includes(`'${name}'`) && /Cannot find (package|module)/.test(message)
  return isMissing ? `${name} isn't installed` : message.replace(/\.$/, '')
}

/** tfjs-node 4 calls two functions of `node:util` that Node 23 removed. They are put back into the module's object. */
function restoreOldUtil(): void {
  const util: Record<string, unknown> = createRequire(import.meta.url)('node:util')
  util.isNullOrUndefined ??= (value: unknown) => value === null || value === undefined
  util.isArray ??= Array.isArray
}
