import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { threadsAreBuilt } from './compiled-worker.js'

/** Why tests against a real sequencer are skipped here; empty where they run. */
export const noSequencer = !existsSync('/dev/snd/seq')
  ? 'skipped: no ALSA sequencer here (/dev/snd/seq)'
  : threadsAreBuilt
    ? ''
    : 'skipped without dist: npm run build'

/** The longest wait for anything: a start takes ten seconds where the sequencer is in an emulated machine. */
export const PATIENCE = 40_000

const dumps: ChildProcess[] = []

/** Ends every `aseqdump` started here. */
export function endDumps(): void {
  for (const dump of dumps.splice(0)) dump.kill()
}

/** Polls a condition every 10 ms until it is true; throws, naming `what`, after PATIENCE ms. */
export async function until(what: string, condition: () => boolean): Promise<void> {
  const deadline = performance.now() + PATIENCE
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`waited in vain: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}

/** Collects the lines that a stream gives. */
export function collectLines(stream: NodeJS.ReadableStream): string[] {
  const lines: string[] = []
  let rest = ''
  stream.on('data', (chunk: Buffer) => {
    const parts = (rest + chunk.toString()).split('\n')
    rest = parts.pop() ?? ''
    lines.push(...parts)
  })
  return lines
}

/** `aseqdump` listening to a port, or waiting to be connected to: the lines it prints. */
export async function dump(source?: string): Promise<{ lines: string[]; name: string }> {
  const child = spawn('stdbuf', ['-oL', 'aseqdump', ...(source === undefined ? [] : ['-p', source])])
  dumps.push(child)
  const lines = collectLines(child.stdout)
  await until('aseqdump starts', () => lines.some((line) => line.startsWith('Source')))
  return { lines, name: 'aseqdump' }
}

/** How many note-ons or note-offs a dump shows. */
export function countNotes(lines: readonly string[], kind: 'on' | 'off'): number {
  return lines.filter((line) => line.includes(`Note ${kind}`)).length
}

/**
 * Notes that sound after all that a dump shows: keys of channel and pitch struck and not released. A second note-on before a
 * note-off is listed too, because a receiver can't tell which of the two was ended.
 */
export function stuckNotes(lines: readonly string[]): string[] {
  const sounding = new Set<string>()
  const stuck: string[] = []
  for (const line of lines) {
    const [, kind, channel, pitch] = /Note (on|off)\s+(\d+), note (\d+)/.exec(line) ?? []
    if (kind === undefined) continue
    const key = `${channel}:${pitch}`
    if (kind === 'off') sounding.delete(key)
    else if (sounding.has(key)) stuck.push(`${key} struck twice`)
    else sounding.add(key)
  }
  return [...stuck, ...sounding]
}

/** The pitches struck, in order. */
export function struckPitches(lines: readonly string[]): number[] {
  return lines.flatMap((line) => {
    const pitch = /Note on\s+\d+, note (\d+)/.exec(line)?.[1]
    return pitch === undefined ? [] : [Number(pitch)]
  })
}
