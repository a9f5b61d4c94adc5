import { homedir } from 'node:os'
import { isAbsolute, join } from 'node:path/posix'

export function homeOf(env: NodeJS.ProcessEnv): string | null {
  try {
    return env.HOME || homedir() || null
  } catch {
    return null
  }
}
export function userFolder(env: NodeJS.ProcessEnv, platform: NodeJS.Platform): string | null {
  const home = homeOf(env)
  if (platform === 'win32') {
    const roaming = env.APPDATA || (home && join(home, 'AppData', 'Roaming'))
    return roaming && join(roaming, 'rubato', 'Config')
  }
  if (platform === 'darwin') return home && join(home, 'Library', 'Preferences', 'rubato')
  // A relative path there is invalid and to be ignored (XDG base directory specification).
  const given = env.XDG_CONFIG_HOME
  const config = given && isAbsolute(given) ? given : home && join(home, '.config')
  return config && join(config, 'rubato')
}

/**
 * Where a file of the user's own lies: in `RUBATO_CONFIG` where that is set, else in the user's folder for such files
 * (XDG base directories on Linux, Preferences on macOS, APPDATA on Windows). Null for a user without a home.
 */
export function userFilePath(
  name: 'settings.json' | 'presets.json' | `controllers/${string}.json`,
  env: NodeJS.ProcessEnv = process.env,
  platform: NodeJS.Platform = process.platform,
): string | null {
  const folder = env.RUBATO_CONFIG || userFolder(env, platform)
  return folder ? join(folder, name) : null
}
