import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/**
 * The environment for a program whose settings lie in `folder` (a new folder if none is given), so that the user's own
 * settings are never used.
 */
export function withSettingsIn(
  folder: string = mkdtempSync(join(tmpdir(), 'rubato-settings-')),
): NodeJS.ProcessEnv {
  return { ...process.env, RUBATO_CONFIG: folder }
}
