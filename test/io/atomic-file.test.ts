import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { Refused } from '../../src/engine/refused.js'
import { requireWritable, writeWhole } from '../../src/io/atomic-file.js'

const folder = mkdtempSync(join(tmpdir(), 'rubato-whole-'))
const bytes = Uint8Array.of(1, 2, 3)

describe('writing a file whole', () => {
  it('replaces the file that was there and leaves no other file beside it', () => {
    const path = join(folder, 'a')
    writeFileSync(path, 'old and longer')
    writeWhole(path, bytes)
    expect([...readFileSync(path)]).toEqual([1, 2, 3])
    expect(readdirSync(folder)).toEqual(['a'])
  })

  it('follows a link and replaces the file that it points to', () => {
    const target = join(folder, 'target')
    const link = join(folder, 'link')
    writeFileSync(target, '')
    symlinkSync(target, link)
    writeWhole(link, bytes)
    expect(lstatSync(link).isSymbolicLink()).toBe(true)
    expect([...readFileSync(target)]).toEqual([1, 2, 3])
  })

  it("writes into a device and doesn't replace it", () => {
    writeWhole('/dev/null', bytes)
    expect(lstatSync('/dev/null').isFile()).toBe(false)
  })

  it('refuses a folder and a missing folder, both before writing and while writing, and leaves no file behind', () => {
    const sub = join(folder, 'sub')
    mkdirSync(sub)
    for (const path of [sub, '/nowhere/x']) {
      expect(() => writeWhole(path, bytes)).toThrow(Refused)
      expect(() => requireWritable(path)).toThrow(Refused)
    }
    expect(existsSync(`${sub}.part`)).toBe(false)
    expect(() => requireWritable(join(folder, 'new'))).not.toThrow()
    expect(existsSync(join(folder, 'new'))).toBe(false)
  })
})
