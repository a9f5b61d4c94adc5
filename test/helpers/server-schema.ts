import { z } from 'zod'
import { SERVER_MESSAGES } from '../../src/server/server-messages.js'

const MESSAGE = z.union(SERVER_MESSAGES)

/** Why a message of the server, read from JSON, fits none of its schemas; null where it fits one. */
export function misfit(message: unknown): string | null {
  const result = MESSAGE.safeParse(JSON.parse(JSON.stringify(message)))
  return result.success ? null : JSON.stringify(result.error.issues)
}
