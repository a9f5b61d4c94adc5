import { homedir } from 'node:os'
import { isAbsolute, join } from 'node:path/posix'

/** The user's home; null for a user without one. Never throws. */
function homeOf(env: NodeJS.ProcessEnv): string | null {
  try {
    return env.HOME || homedir() || null
  } catch {
    return null
  }
}

/** The folder of a user's settings of Rubato, by the custom of each system; null for a user without a home. */
function userFolder(env: NodeJS.ProcessEnv, platform: NodeJS.Platform): string | null {
  const home = homeOf(env)
  if (platform === 'win32') {
    const roaming = env.APPDATA || (home && join(home, 'AppData', 'Roaming'))
    return roaming && join(roaming, 'rubato', 'Config')
  }
  if (platform === 'darwin') return home && join(home, 'Library', 'Preferences', 'rubato')
  // The XDG base directory specification has programs ignore a relative path here.
  const given = env.XDG_CONFIG_HOME
  const config = given && isAbsolute(given) ? given : home && join(home, '.config')
  return config && join(config, 'rubato')
}

/**
 * The path of one of the user's files: in the folder `RUBATO_CONFIG` where that is set, else in the user's folder for
 * settings (XDG base directories on Linux, Preferences on macOS, APPDATA on Windows). Null for a user without a home.
 */
export function userFilePath(
  name: 'settings.json' | 'presets.json' | `controllers/${string}.json`,
  env: NodeJS.ProcessEnv = process.env,
  platform: NodeJS.Platform = process.platform,
): string | null {
  const folder = env.RUBATO_CONFIG || userFolder(env, platform)
  return folder ? join(folder, name) : null
}
