import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { foretellLoudness, parseExpression } from '../src/engine/expression/expression-network.js'
import { FEATURES, scoreFeatures } from '../src/engine/expression/score-features.js'
import { notesOfScore, scoreOf } from '../src/engine/form/score.js'
import { packageRoot } from '../src/io/package-root.js'
import { randomNumbers } from './helpers/random-numbers.js'

const PYTHON = process.env.RUBATO_PYTHON ?? (existsSync('/usr/bin/python3') ? '/usr/bin/python3' : 'python3')
const TRAINING = join(packageRoot(), 'training')
const probe = spawnSync(PYTHON, ['-c', 'import numpy, torch'], { encoding: 'utf8' })
const missing = probe.status === 0 ? '' : (probe.stderr ?? 'there is no python3').trim().split('\n').at(-1)

const env = { ...process.env, OMP_NUM_THREADS: '1', PYTHONPATH: TRAINING }
const python = (...args: readonly string[]) =>
  execFileSync(PYTHON, args, { encoding: 'utf8', env, stdio: ['ignore', 'pipe', 'pipe'] })

/** A score by chance as score-notes.js writes it, [notes x 4]: onset, pitch, length, velocity; louder where it is higher. */
function stretch(random: () => number, count: number): number[][] {
  const notes = new Map<string, number[]>()
  let onset = 0
  while (notes.size < count) {
    if (notes.size > 0 && random() < 0.6) onset += 10 * (1 + Math.floor(4 * random()))
    const pitch = 30 + Math.floor(60 * random())
    notes.set(`${onset} ${pitch}`, [onset, pitch, 10 * (1 + Math.floor(9 * random())), 20 + pitch])
  }
  return [...notes.values()].sort((a, b) => a[0]! - b[0]! || a[1]! - b[1]!)
}

/** A folder of notes of `performances` performances, and those of the first. */
function writeNotes(performances: number, count: number) {
  const folder = mkdtempSync(join(tmpdir(), 'rubato-'))
  const random = randomNumbers(1)
  const all = Array.from({ length: performances }, () => stretch(random, count))
  writeFileSync(join(folder, 'notes.i32'), Buffer.from(Int32Array.from(all.flat(2)).buffer))
  writeFileSync(join(folder, 'notes.json'), JSON.stringify({ performances: all.map(() => [count]) }))
  return { folder, first: all[0]! }
}

const scoreIn = (notes: readonly number[][]) =>
  scoreOf(
    notes.map(([onset, pitch, length]) => ({ onset: onset!, pitch: pitch!, length: length! })),
    0,
  )

const SMALL = ['--units', '8', '--updates', '12', '--rows', '4', '--every', '2']

describe.skipIf(missing !== '')(
  `the training of expression${missing && ` (skipped: ${missing})`}`,
  { timeout: 300_000 },
  () => {
    test('tells of a score what Rubato tells', () => {
      const { folder, first } = writeNotes(1, 300)
      const told = python(
        '-c',
        `import sys, numpy as np
from rubato_training.score_features import score_features
n = np.fromfile(sys.argv[1], '<i4').reshape(-1, 4).astype(np.int64)
print(' '.join(map(repr, score_features(n[:, 0], n[:, 1], n[:, 2], np.arange(len(n))).ravel().tolist())))`,
        join(folder, 'notes.i32'),
      ).split(' ')
      const own = scoreFeatures(scoreIn(first))
      expect(told).toHaveLength(first.length * FEATURES)
      for (const [n, value] of own.entries()) expect(Math.abs(Number(told[n]) - value)).toBeLessThan(1e-5)
    })

    test('makes the same weights if killed and started again, and Rubato foretells with them what Python does', async () => {
      const { folder, first } = writeNotes(20, 80)
      const [whole, killed] = [join(folder, 'whole'), join(folder, 'killed')]
      python(TRAINING, 'expression', folder, whole, ...SMALL)
      const child = spawn(PYTHON, [TRAINING, 'expression', folder, killed, ...SMALL], {
        env,
        stdio: 'ignore',
      })
      const gone = new Promise((resolve) => child.on('exit', resolve))
      while (!existsSync(join(killed, 'checkpoint.pt')) && child.exitCode === null)
        await new Promise((go) => setTimeout(go, 10))
      child.kill('SIGKILL')
      await gone
      python(TRAINING, 'expression', folder, killed, ...SMALL)
      const weights = readFileSync(join(whole, 'weights.safetensors'))
      expect(readFileSync(join(killed, 'weights.safetensors')).equals(weights)).toBe(true)
      const means = python(
        '-c',
        `import sys, torch
from rubato_training.checkpoint import load
from rubato_training.expression import ExpressionNetwork, features_of, load_notes
network = ExpressionNetwork(8)
network.load_state_dict(load(sys.argv[2])[0]['network'])
inputs, _ = features_of(load_notes(sys.argv[1]).notes, 0, 80, True, 0)
print(' '.join(str(64 + 20 * value) for value in network(torch.from_numpy(inputs)[None])[0][0].tolist()))`,
        folder,
        join(whole, 'checkpoint.pt'),
      ).split(' ')
      const own = notesOfScore(foretellLoudness(parseExpression(weights), scoreIn(first)))
      for (const [n, { loudness }] of own.entries())
        expect(loudness!.mean).toBeCloseTo(Math.min(Math.max(Number(means[n]), 1), 127), 0)
    })

    test('refuses notes that are cut short, in one sentence', () => {
      const { folder } = writeNotes(20, 80)
      writeFileSync(join(folder, 'notes.i32'), readFileSync(join(folder, 'notes.i32')).subarray(0, 160))
      mkdirSync(join(folder, 'run'))
      const { status, stderr } = spawnSync(PYTHON, [TRAINING, 'expression', folder, join(folder, 'run')], {
        encoding: 'utf8',
        env,
      })
      expect(status).toBe(2)
      expect(stderr).toMatch(/doesn't hold whole notes/)
    })
  },
)
