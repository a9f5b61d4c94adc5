// Plays on a terminal, then throws where nobody catches it: node crash-while-playing.js.
import { playCommand } from '../../dist/cli/commands/play.js'

await playCommand(['--no-web', '--seed', '3', '--density', '12'], () => {
  setTimeout(() => {
    throw new Error('something broke')
  }, 2000)
})
