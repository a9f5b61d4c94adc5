import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { CONTROL_ROWS, PROTOCOL } from '../../src/server/server-messages.js'
import { QUIET_METERS, quietSnapshot } from '../helpers/fake-surface.js'
import { withSection } from '../helpers/markdown-table.js'
import { protocolTables } from '../helpers/protocol-tables.js'
import { misfit } from '../helpers/server-schema.js'

const DOCS = fileURLToPath(new URL('../../docs/protocol.md', import.meta.url))

describe('the schemas of what the server sends', () => {
  const hello = { type: 'hello', protocol: PROTOCOL, version: '0', now: 1, controls: CONTROL_ROWS }
  const snapshot = {
    type: 'snapshot',
    at: 5,
    snapshot: {
      ...quietSnapshot(),
      setBy: { key: 'web', density: 'keyboard' },
      tide: { density: 7.5, tonic: 9, mode: 'minor' },
      beat: { tempo: 120, position: null, at: 0, source: 'heard' },
      heardWeights: Array(12).fill(1 / 12),
      ahead: [{ pitch: 60, velocity: 70, start: 1, end: null }],
    },
    drums: {
      controls: quietSnapshot().controls,
      setBy: {},
      groove: { bar: 8, of: 8, fillIn: 0, isKept: true },
    },
    mix: { drummer: 'on', muted: { piano: true, drums: false }, solo: 'drums' },
    meters: { ...QUIET_METERS, controllers: [{ channel: 1, controller: 74, value: 5, at: 3 }] },
    presets: { 1: { name: 'Calm', controls: { density: 4 } } },
  }

  test('accept valid messages', () => {
    expect(misfit(hello)).toBeNull()
    expect(misfit(snapshot)).toBeNull()
    expect(misfit({ ...snapshot, snapshot: null, drums: null, presets: {} })).toBeNull()
  })

  test.each([
    [{ ...hello, protocol: 1 }],
    [{ ...hello, extra: true }],
    [{ ...snapshot, meters: { ...QUIET_METERS, model: undefined } }],
    [{ ...snapshot, snapshot: { ...quietSnapshot(), floor: 'nobody' } }],
    [{ type: 'dance' }],
    [{ type: 'answer', ok: true, reason: 'Why not.' }],
  ])('refuse a message with a wrong, missing or unknown field (%#)', (message) => {
    expect(misfit(JSON.parse(JSON.stringify(message)))).not.toBeNull()
  })
})

test('docs/protocol.md has every message as the schemas have it (RUBATO_WRITE_DOCS=1 rewrites it)', () => {
  const text = readFileSync(DOCS, 'utf8')
  const written = withSection(text, 'messages', `\n${protocolTables()}\n`)
  if (process.env.RUBATO_WRITE_DOCS) writeFileSync(DOCS, written)
  else expect(text).toBe(written)
})
