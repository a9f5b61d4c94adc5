/**
 * Runs after `npm ci` and `npm install` in a checkout, and before a package is made: builds dist/. Without the development
 * dependencies (`npm ci --omit=dev`) there is no compiler; then it says what to do, and the installation succeeds.
 */
import { spawnSync } from 'node:child_process'
import { createRequire } from 'node:module'

const isInstalled = (name) => {
  try {
    createRequire(import.meta.url).resolve(`${name}/package.json`)
    return true
  } catch {
    return false
  }
}

if (isInstalled('typescript')) {
  // A single string with `shell`, because npm is a script on Windows.
  process.exitCode = spawnSync('npm run build', { shell: true, stdio: 'inherit' }).status ?? 1
} else {
  process.stderr.write(
    'Rubato was not built, because TypeScript is a development dependency: run "npm ci" without --omit=dev and then "npm prune --omit=dev".\n',
  )
}
