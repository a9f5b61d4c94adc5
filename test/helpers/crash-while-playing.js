// Plays on a terminal for 2 s, then throws an error that nobody catches: node crash-while-playing.js.
import { playCommand } from '../../dist/cli/commands/play.js'

await playCommand(['--no-web', '--seed', '3', '--density', '12'], () => {
  setTimeout(() => {
    throw new Error('something broke')
  }, 2000)
})
