import { createRequire } from 'node:module'
import type { TensorFlow } from '../../engine/network/tfjs-network.js'
import { Refused } from '../../engine/refused.js'
import { messageOf } from '../error-text.js'

/** TensorFlow.js, from the package that has the backend. */
export type TfjsChoice = 'tfjs-node' | 'tfjs-wasm' | 'tfjs-cpu'

type Loaded = TensorFlow & {
  setBackend(name: string): Promise<boolean>
  ready(): Promise<void>
}

/** What each is made of: packages to import, the first the library itself, and the backend's name in it. */
const PARTS: Readonly<
  Record<TfjsChoice, { readonly packages: readonly string[]; readonly backend: string }>
> = {
  'tfjs-node': { packages: ['@tensorflow/tfjs-node'], backend: 'tensorflow' },
  'tfjs-wasm': { packages: ['@tensorflow/tfjs-core', '@tensorflow/tfjs-backend-wasm'], backend: 'wasm' },
  // Sixteen times too slow to play with: what the other two are compared with.
  'tfjs-cpu': { packages: ['@tensorflow/tfjs-core', '@tensorflow/tfjs-backend-cpu'], backend: 'cpu' },
}

/**
 * Loads TensorFlow.js, which is no dependency of Rubato's: whoever wants it installs it.
 * Throws {@link Refused} with the reason why it can't be used, and how it is installed.
 */
export async function loadTfjs(choice: TfjsChoice): Promise<TensorFlow> {
  const { packages, backend } = PARTS[choice]
  // Saved as development packages: without -D npm 11 finds optional peers up to date where there are none.
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

/** tfjs-node 4 calls two helpers of Node's that went with Node 23; imported modules are told so through the same object. */
function restoreOldUtil(): void {
  const util: Record<string, unknown> = createRequire(import.meta.url)('node:util')
  util.isNullOrUndefined ??= (value: unknown) => value === null || value === undefined
  util.isArray ??= Array.isArray
}
