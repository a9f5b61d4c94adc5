import { readFileSync } from 'node:fs'

/** The process groups of this process and its terminal. */
interface Groups {
  readonly group: number
  readonly session: number
  /** The group that the terminal's keys go to. */
  readonly foreground: number
}

/** Reads /proc/self/stat (proc(5), fields 5, 6 and 8); undefined on systems without it. */
function readGroups(): Groups | undefined {
  try {
    const stat = readFileSync('/proc/self/stat', 'utf8')
    // The program's name, in parentheses, may contain any character.
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
 * Whether somebody could bring this process back once it is stopped. A shell with job control gives each job a group of
 * its own; the first group of a session (`xterm -e`, `ssh -t`, a container) has no shell and would stay stopped for ever.
 */
export function hasJobControl(): boolean {
  const groups = readGroups()
  return groups === undefined || groups.group !== groups.session
}

/** Whether this process may use the terminal: one in the background (`rubato &`) would be stopped for touching it. */
export function isInForeground(): boolean {
  const groups = readGroups()
  return groups === undefined || groups.group === groups.foreground
}
