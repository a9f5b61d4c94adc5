import type { App } from '../app/app.js'
import type { Dashboard } from '../tui/dashboard.js'
import { hasJobControl } from './job-control.js'

/**
 * Silences the app and stops this process, if a shell could bring it back; brought back, it plays on if it was playing.
 * A key stops the whole process group, as a terminal does: otherwise `npm start` would go on waiting, and its shell with
 * it. The terminal is given back first: a process that touches it once the shell has taken it is stopped for that, half
 * way through.
 */
export function suspend(app: App, dashboard: Dashboard | undefined, by: 'key' | 'signal'): void {
  const wasPlaying = app.snapshot()?.paused === false
  app.silence()
  if (by === 'key' && !hasJobControl()) return
  dashboard?.restore()
  process.once('SIGCONT', () => {
    dashboard?.acquire()
    if (wasPlaying) app.ask({ type: 'play' }, 'keys')
  })
  process.kill(by === 'key' ? 0 : process.pid, 'SIGSTOP')
}
