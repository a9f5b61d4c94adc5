import { join } from 'node:path'
import { type ExpressionNetwork, parseExpression } from '../../engine/expression/expression-network.js'
import { modelFolder, naming, readShared } from './model-files.js'

/** Most bytes of a file of expression that is read; that of the largest network has 64 MB. */
const MAX_BYTES = 2 ** 27

/** Reads the network of expression that comes with Rubato. Throws Refused, naming the file, where it can't be used. */
export function readExpression(folder = modelFolder('rubato-expression')): ExpressionNetwork {
  const path = join(folder, 'weights.safetensors')
  const bytes = readShared(path, MAX_BYTES)
  return naming(path, () => parseExpression(bytes))
}
