import { spawn } from 'node:child_process'
import { availableParallelism } from 'node:os'

/** A program that keeps one core busy until its parent is gone, so that it ends even after a kill -9 of the bench. */
const BURN = 'const parent = process.ppid; while (process.ppid === parent) for (let i = 0; i < 1e7; i++);'

/** Keeps every core busy, each with a process of its own. @returns a function that ends them; the end of this process does too. */
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
