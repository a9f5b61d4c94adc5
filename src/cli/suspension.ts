import type { App } from '../app/app.js'
import type { Dashboard } from '../tui/dashboard.js'
import { hasJobControl } from './job-control.js'

/**
 * Silence, then stop, where a shell could bring it back; then it plays on if it was playing. From the key the whole
 * process group is stopped, as a terminal would, or `npm start` goes on waiting and the shell gets no turn; the
 * terminal is given back before: whoever touches it after the shell has taken it is stopped for that, half way.
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
