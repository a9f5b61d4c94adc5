import { spawn } from 'node:child_process'
import { availableParallelism } from 'node:os'

/** Burns until its parent is gone, so that nothing is left even after a kill -9 of the bench. */
const BURN = 'const parent = process.ppid; while (process.ppid === parent) for (let i = 0; i < 1e7; i++);'

/** Keeps every core busy with a process of its own. The function returned ends them; so does the end of this process. */
export function burnAllCores(): () => void {
  const burners = Array.from({ length: availableParallelism() }, () =>
    spawn(process.execPath, ['-e', BURN], { stdio: 'ignore' }),
  )
  const end = () => {
    for (const burner of burners) burner.kill('SIGKILL')
    process.removeListener('exit', end)
  }
  process.on('exit', end)
  return end
}
