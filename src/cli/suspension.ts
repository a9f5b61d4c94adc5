import type { App } from '../app.js'
import type { Terminal } from '../tui/terminal.js'
import { hasJobControl } from './job-control.js'

/**
 * Silence, then stop, where a shell could bring it back; then it plays on if it was playing. From the key the whole
 * process group is stopped, as a terminal would, or `npm start` goes on waiting and the shell gets no turn; the
 * terminal is given back before: whoever touches it after the shell has taken it is stopped for that, half way.
 */
export function suspend(app: App, terminal: Terminal | undefined, by: 'key' | 'signal'): void {
  const wasPlaying = app.snapshot()?.paused === false
  app.silence()
  if (by === 'key' && !hasJobControl()) return
  terminal?.restore()
  process.once('SIGCONT', () => {
    terminal?.take()
    if (wasPlaying) app.command({ type: 'play' })
  })
  process.kill(by === 'key' ? 0 : process.pid, 'SIGSTOP')
}
