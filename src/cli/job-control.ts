import { readFileSync } from 'node:fs'

/** Where this process stands among those of its terminal. */
interface Groups {
  readonly group: number
  readonly session: number
  /** The group that the terminal listens to. */
  readonly foreground: number
}

/** From /proc/self/stat (proc(5), fields 5, 6 and 8); undefined where there is none. */
function readGroups(): Groups | undefined {
  try {
    const stat = readFileSync('/proc/self/stat', 'utf8')
    // The name, in brackets, may hold anything.
    const fields = stat
      .slice(stat.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number)
    const [, , group = 0, session = 0, , foreground = 0] = fields
    return { group, session, foreground }
  } catch {
    return undefined
  }
}

/**
 * Whether somebody could bring this process back after it stopped: a shell with job control gives each job a group
 * of its own. As the session's first group (`xterm -e`, `ssh -t`, a container) it would stay stopped for ever.
 */
export function hasJobControl(): boolean {
  const groups = readGroups()
  return groups === undefined || groups.group !== groups.session
}

/** Whether the terminal is ours: whoever touches it from the background (`rubato &`) is stopped for that. */
export function isInForeground(): boolean {
  const groups = readGroups()
  return groups === undefined || groups.group === groups.foreground
}
