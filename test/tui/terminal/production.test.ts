import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { describe, expect, test } from 'vitest'

const dashboard = new URL('../../../dist/tui/dashboard.js', import.meta.url)
const isBuilt = existsSync(dashboard)

/** Only the development build of React has `act`. */
const PROGRAM = `
await import(${JSON.stringify(dashboard.href)})
const react = await import('react')
process.stdout.write(String(react.default.act))
`

describe('the dashboard as it ships', () => {
  test.skipIf(!isBuilt)('loads the build of React that keeps no entry of every update', () => {
    const { NODE_ENV: _, ...env } = process.env
    const said = execFileSync(process.execPath, ['--input-type=module', '-e', PROGRAM], {
      env,
      cwd: new URL('../../../', import.meta.url),
      encoding: 'utf8',
    })
    expect(said).toBe('undefined')
  })
})
