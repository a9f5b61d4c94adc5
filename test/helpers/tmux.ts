import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'vitest'

export const hasTmux = spawnSync('tmux', ['-V']).status === 0

/** A shell in a real terminal, in a tmux of its own. */
export interface RealTerminal {
  /** Types text, then presses the named keys (tmux names: Enter, Down, C-c). */
  type(text: string, ...keys: string[]): void
  resize(columns: number, rows: number): void
  /** The text on the screen, one string per line. */
  screen(): string[]
  /** Waits until the screen satisfies `condition`; fails with the screen if it never does. */
  until(condition: (screen: string) => boolean): Promise<string>
  /** A format of tmux, as `#{alternate_on}`. */
  flag(name: string): string
  end(): void
}

/** Longest wait for anything on the screen. */
const PATIENCE_MS = 30_000

let count = 0

export function openRealTerminal(
  columns: number,
  rows: number,
  environment: Record<string, string> = {},
): RealTerminal {
  const socket = `rubato-${process.pid}-${count++}`
  const tmux = (...args: string[]) =>
    execFileSync('tmux', ['-L', socket, '-f', '/dev/null', ...args], {
      encoding: 'utf8',
      env: {
        ...process.env,
        LC_ALL: 'C.UTF-8',
        TMUX: '',
        RUBATO_CONFIG: mkdtempSync(join(tmpdir(), 'rubato-')),
        ...environment,
      },
    })
  tmux('new-session', '-d', '-x', String(columns), '-y', String(rows), 'bash --norc --noprofile')
  const screen = () => tmux('capture-pane', '-p').split('\n').slice(0, -1)

  return {
    type: (text, ...keys) => {
      if (text !== '') tmux('send-keys', '-l', text)
      if (keys.length > 0) tmux('send-keys', ...keys)
    },
    resize: (width, height) => {
      tmux('resize-window', '-x', String(width), '-y', String(height))
    },
    screen,
    until: async (condition) => {
      const deadline = performance.now() + PATIENCE_MS
      for (;;) {
        const text = screen().join('\n')
        if (condition(text)) return text
        if (performance.now() > deadline) expect.fail(`This never came; on the screen stands:\n${text}`)
        await sleep(100)
      }
    },
    flag: (name) => tmux('display-message', '-p', `#{${name}}`).trim(),
    end: () => {
      spawnSync('tmux', ['-L', socket, 'kill-server'])
    },
  }
}
