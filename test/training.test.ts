import { execFileSync, spawn, spawnSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { writeMidi } from 'midi-file'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { evaluateFiles } from '../src/cli/commands/eval.js'
import { stepsOf } from '../src/engine/language/percussion.js'
import { encodeSteps } from '../src/engine/language/performance.js'
import { readModel } from '../src/io/models/model-files.js'
import { importModel } from '../src/io/models/model-import.js'
import { packageRoot } from '../src/io/package-root.js'
import { listMidiFiles, readMidiFile } from '../src/io/recording/midi-file-reader.js'
import { randomMidi } from './helpers/random-midi.js'
import { randomNumbers } from './helpers/random-numbers.js'
import { dataPath } from './helpers/reference.js'

const PYTHON = [process.env.RUBATO_PYTHON, '/usr/bin/python3', 'python3'].find(
  (python) => python !== undefined && spawnSync(python, ['--version']).status === 0,
)

/** Why the training tools can't run here, or null. */
function missing(...modules: readonly string[]): string | null {
  if (PYTHON === undefined) return 'there is no python3'
  const probe = spawnSync(PYTHON, ['-c', `import ${modules.join(', ')}`], { encoding: 'utf8' })
  return probe.status === 0 ? null : (probe.stderr.trim().split('\n').at(-1) ?? 'python3 fails')
}
const noReader = missing('numpy', 'mido')
const noTraining = noReader ?? missing('torch')
const skipped = (reason: string | null) => (reason === null ? '' : ` (skipped: ${reason})`)

/** How many files of real playing are compared: validation files of MAESTRO. */
const FILES = 50
const noData =
  noReader ??
  (existsSync(dataPath('maestro-v2')) ? null : 'RUBATO_DATA names no folder that holds maestro-v2')

const TRAINING = join(packageRoot(), 'training')
const ENVIRONMENT = { ...process.env, OMP_NUM_THREADS: '2', OMP_WAIT_POLICY: 'passive' }

function training(args: readonly string[], env: NodeJS.ProcessEnv = {}): string {
  return execFileSync(PYTHON ?? 'python3', [TRAINING, ...args], {
    encoding: 'utf8',
    env: { ...ENVIRONMENT, ...env },
    maxBuffer: 1 << 28,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
}

let folder = ''
let music = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'rubato-training-'))
  music = join(folder, 'music')
  mkdirSync(music)
  const random = randomNumbers(64)
  for (let n = 0; n < 30; n++) writeFileSync(join(music, `${n}.mid`), randomMidi(random, 500))
})
afterAll(() => rmSync(folder, { recursive: true }))

async function compareTokens(files: readonly string[], isDrums: boolean): Promise<number> {
  const printed = training(['events', ...files, ...(isDrums ? ['--drums'] : [])])
    .trim()
    .split('\n')
  expect(printed).toHaveLength(files.length)
  let events = 0
  for (const [n, path] of files.entries()) {
    const { notes } = await readMidiFile(path, isDrums ? 'beat' : 'ms')
    const ours = [...encodeSteps(stepsOf(notes, !isDrums, isDrums ? 'beat' : 'ms'), !isDrums)]
    expect(JSON.parse(printed[n] ?? '[]'), path).toEqual(ours)
    events += ours.length
  }
  return events
}

describe('both languages read a performance as the same events', { timeout: 300_000 }, () => {
  test.skipIf(noReader !== null).each([false, true])(
    `30 random files, as percussion: %s${skipped(noReader)}`,
    async (isDrums) => {
      expect(await compareTokens(await listMidiFiles([music]), isDrums)).toBeGreaterThan(10_000)
    },
  )

  test.skipIf(noData !== null)(`${FILES} files of MAESTRO${skipped(noData)}`, async () => {
    const files = await listMidiFiles([dataPath('maestro-v2')])
    const spread = Array.from(
      { length: FILES },
      (_, n) => files[Math.floor((n * files.length) / FILES)] ?? '',
    )
    expect(await compareTokens(spread, false)).toBeGreaterThan(500_000)
  })
})

describe(`training${skipped(noTraining)}`, { timeout: 300_000 }, () => {
  const data = () => join(folder, 'data')
  const SMALL = [
    '--layers',
    '2',
    '--units',
    '32',
    '--rows',
    '32',
    '--steps',
    '64',
    '--updates',
    '40',
    '--every',
    '10',
  ]
  const losses = (run: string) => readFileSync(join(run, 'loss.csv'), 'utf8').trim().split('\n')
  const trainingLosses = (run: string) =>
    losses(run)
      .slice(1)
      .map((line) => Number(line.split(',')[1]))
      .filter((loss) => loss > 0)

  test.skipIf(noTraining !== null)('goes from a folder of MIDI files to a model that plays', async () => {
    expect(training(['tokenize', music, data()])).toMatch(/train: \d+ performances/)
    const run = join(folder, 'run')
    training(['train', data(), run, ...SMALL])
    const model = join(folder, 'model')
    training(['export', run, model, '--name', 'small'])
    expect(readdirSync(model).sort()).toEqual(['CARD.md', 'model.json', 'weights.safetensors'])
    const { spec } = readModel(model)
    expect(spec).toMatchObject({
      name: 'small',
      network: { layers: 2, units: 32 },
      conditioning: 'rubato-17',
    })
    // A run's best weights need no export to be played.
    const imported = await importModel(run, join(folder, 'imported'), () => {})
    expect(imported.sha256).toBe(spec.sha256)
    const trained = trainingLosses(run)
    expect(trained.at(-1)).toBeLessThan(trained[0] ?? 0)

    // Both languages must compute the same loss.
    const chosen = JSON.parse(
      training(['evaluate', model, data(), '--split', 'validation', '--condition', 'all']),
    ) as { natsPerEvent: number; events: number }
    let printed = ''
    const own = readFileSync(join(data(), 'dataset.json'), 'utf8')
    expect(own).toContain('performance-388')
    const names = training(['files', data()]).trim().split('\n')
    await evaluateFiles(
      {
        paths: names.map((name) => join(music, name)),
        condition: 'all',
        json: true,
        model: readModel(model),
        backend: 'auto',
        precision: 'f32',
      },
      { out: { write: (text) => (printed += text) }, err: { write: () => {} } },
    )
    const ours = JSON.parse(printed) as { natsPerEvent: number; events: number }
    expect(ours.events).toBe(chosen.events)
    expect(Math.abs(ours.natsPerEvent - chosen.natsPerEvent)).toBeLessThan(0.002)
  })

  test.skipIf(noTraining !== null)(
    'has the losses of an uninterrupted run if killed and started again',
    async () => {
      if (!existsSync(data())) training(['tokenize', music, data()])
      const whole = join(folder, 'whole')
      training(['train', data(), whole, ...SMALL])
      const killed = join(folder, 'killed')
      const checkpoint = join(killed, 'checkpoint.pt')
      const child = spawn(PYTHON ?? 'python3', [TRAINING, 'train', data(), killed, ...SMALL], {
        env: ENVIRONMENT,
        stdio: 'ignore',
      })
      const gone = new Promise((resolve) => child.on('exit', resolve))
      while (!existsSync(checkpoint) && child.exitCode === null) await new Promise((go) => setTimeout(go, 20))
      child.kill('SIGKILL')
      await gone
      expect(losses(killed).length).toBeLessThan(losses(whole).length)
      training(['train', data(), killed, ...SMALL])
      expect(losses(killed)).toEqual(losses(whole))
    },
  )

  test.skipIf(noTraining !== null)('goes on to another number of updates than it began with', () => {
    if (!existsSync(data())) training(['tokenize', music, data()])
    const run = join(folder, 'longer')
    training(['train', data(), run, ...SMALL, '--updates', '20'])
    const rows = () => losses(run).map((line) => line.trim())
    const before = rows()
    training(['train', data(), run, ...SMALL, '--updates', '30'])
    expect(rows().slice(0, before.length)).toEqual(before)
    expect(rows().at(-1)).toMatch(/^30,/)
    expect(refusal('train', data(), run, ...SMALL, '--rate', '0.1').said).toMatch(/other options \(rate/)
  })

  test.skipIf(noTraining !== null)('learns the same without the compiled step', () => {
    if (!existsSync(data())) training(['tokenize', music, data()])
    const compiled = join(folder, 'compiled')
    const plain = join(folder, 'plain')
    training(['train', data(), compiled, ...SMALL])
    training(['train', data(), plain, ...SMALL], { RUBATO_PLAIN_TORCH: '1' })
    const expected = trainingLosses(plain)
    expect(expected).toHaveLength(4)
    for (const [n, loss] of trainingLosses(compiled).entries())
      expect(Math.abs(loss - (expected[n] ?? 0))).toBeLessThan(0.02)
  })

  test.skipIf(noTraining !== null)('says when there is too little to learn from', () => {
    const few = join(folder, 'few')
    mkdirSync(few)
    writeFileSync(join(few, 'a.mid'), randomMidi(randomNumbers(1), 100))
    writeFileSync(join(few, 'b.mid'), randomMidi(randomNumbers(2), 100))
    const result = spawnSync(PYTHON ?? 'python3', [TRAINING, 'train', few], {
      encoding: 'utf8',
      env: ENVIRONMENT,
    })
    expect(result.status).toBe(2)
    expect(result.stderr).toMatch(/ten minutes of music/)
  })

  const refusal = (...args: readonly string[]) => {
    const { status, stderr } = spawnSync(PYTHON ?? 'python3', [TRAINING, ...args], {
      encoding: 'utf8',
      env: ENVIRONMENT,
    })
    expect(stderr).not.toContain('Traceback')
    return { status, said: stderr.trim().split('\n').at(-1) ?? '' }
  }

  test.skipIf(noReader !== null)('refuses in one sentence what it is given wrongly', () => {
    if (!existsSync(data())) training(['tokenize', music, data()])
    const file = join(folder, 'a-file')
    writeFileSync(file, '')
    const latin = join(folder, 'latin.csv')
    writeFileSync(latin, Buffer.from('midi_filename,split\n\xe9,train\n', 'latin1'))
    const lacking = join(folder, 'lacking.csv')
    writeFileSync(lacking, 'file,split\na,train\n')
    const cut = join(folder, 'cut')
    cpSync(data(), cut, { recursive: true })
    writeFileSync(join(cut, 'train.npz'), readFileSync(join(cut, 'train.npz')).subarray(0, 1000))
    const wrong: [RegExp, ...string[]][] = [
      [/multiple of 8/, 'train', data(), '--units', '0'],
      [/whole number from 1 to 8/, 'train', data(), '--layers', '9'],
      [/whole number from 1 up/, 'train', data(), '--steps', '0'],
      [/whole number from 0/, 'train', data(), '--seed', '-1'],
      [/over 0, up to 1/, 'train', data(), '--rate', 'nan'],
      [/from 0 to under 1/, 'train', data(), '--dropout', '2'],
      [/not allowed with/, 'tokenize', music, file, '--drums', '--top-lines'],
      [/There is no folder/, 'tokenize', join(folder, 'missing'), file],
      [/isn't there/, 'tokenize', music, file, '--csv', join(folder, 'none.csv')],
      [/UTF-8/, 'tokenize', music, file, '--csv', latin],
      [/lacks the column midi_filename/, 'tokenize', music, file, '--csv', lacking],
      [/where a file stands/, 'tokenize', music, file],
      [/isn't a dataset that `tokenize` wrote whole/, 'files', cut],
    ]
    for (const [sentence, ...args] of wrong) {
      const { status, said } = refusal(...args)
      expect(said).toMatch(sentence)
      expect(status).toBe(2)
    }
  })

  test.skipIf(noReader !== null)('goes on without a file that lasts longer than a day', () => {
    const long = join(folder, 'long')
    mkdirSync(long)
    for (const name of ['a', 'b', 'c']) cpSync(join(music, '0.mid'), join(long, `${name}.mid`))
    const key = (deltaTime: number, type: 'noteOn' | 'noteOff') =>
      ({ deltaTime, channel: 0, type, noteNumber: 60, velocity: 60 }) as const
    const waits = Array.from({ length: 99 }, () => [key(0xfffffff, 'noteOn'), key(9, 'noteOff')]).flat()
    const end = { deltaTime: 0, meta: true, type: 'endOfTrack' } as const
    writeFileSync(
      join(long, 'long.mid'),
      Uint8Array.from(
        writeMidi({ header: { format: 0, numTracks: 1, ticksPerBeat: 96 }, tracks: [[...waits, end]] }),
      ),
    )
    const result = spawnSync(PYTHON ?? 'python3', [TRAINING, 'tokenize', long, `${long}.data`], {
      encoding: 'utf8',
    })
    expect(result.stderr).toContain('long.mid lasts longer than a day.')
    expect(result.stdout).toMatch(/train: 2 performances.*\nvalidation: 1 performances/)
  })

  test.skipIf(noReader !== null)('judges by files that it does not train on, whatever their names', () => {
    const songs = join(folder, 'songs')
    for (let n = 0; n < 20; n++) {
      mkdirSync(join(songs, `song${n}`), { recursive: true })
      cpSync(join(music, `${n}.mid`), join(songs, `song${n}`, 'take.mid'))
    }
    const made = join(folder, 'songs-data')
    expect(training(['tokenize', songs, made])).toMatch(/train: 18 .*\nvalidation: 2 /)
    // The validation folder lies inside the source, but is named by another path.
    training(['tokenize', songs, made, '--validation', join(songs, '.', 'song3', '..', 'song3')])
    expect(training(['files', made, '--split', 'train'])).not.toContain('song3/')
    expect(training(['files', made])).toBe('song3/take.mid\n')
  })

  test.skipIf(noTraining !== null)('makes a dataset anew when the files changed', () => {
    const grown = join(folder, 'grown')
    cpSync(music, grown, { recursive: true })
    const args = ['train', grown, `${grown}.run`, ...SMALL, '--updates', '1']
    training(args)
    cpSync(join(music, '0.mid'), join(grown, 'more.mid'))
    const { status, said } = refusal(...args)
    // The dataset is made anew, and the run that was trained on the old one refuses to go on with it.
    expect(said).toMatch(/other music/)
    expect(status).toBe(2)
    const counts = JSON.parse(readFileSync(join(`${grown}.dataset`, 'dataset.json'), 'utf8'))
    expect(counts.train.performances + counts.validation.performances).toBe(31)
  })

  test.skipIf(noTraining !== null)('has each loss once if killed before its first checkpoint', () => {
    if (!existsSync(data())) training(['tokenize', music, data()])
    const run = join(folder, 'torn')
    mkdirSync(run)
    for (const left of ['', 'update,train,validation\n0,,5.9\n10,5.9,\n1']) {
      rmSync(join(run, 'checkpoint.pt'), { force: true })
      writeFileSync(join(run, 'loss.csv'), left)
      training(['train', data(), run, ...SMALL, '--updates', '10'])
      expect(losses(run).map((line) => line.split(',')[0])).toEqual(['update', '0', '10', '10'])
    }
    const half = join(run, 'checkpoint.pt')
    writeFileSync(half, readFileSync(half).subarray(0, 1000))
    expect(refusal('export', run, join(folder, 'half'))).toMatchObject({
      status: 2,
      said: expect.stringMatching(/isn't a checkpoint that can be read/),
    })
  })

  test.skipIf(noTraining !== null)('carries the licence on, and sets an edited card aside', () => {
    if (!existsSync(data())) training(['tokenize', music, data()])
    const [run, model] = [join(folder, 'tuned'), join(folder, 'tuned-model')]
    const tiny = join(packageRoot(), 'models', 'tiny')
    const args = ['train', '--from', tiny, data(), run, ...SMALL, '--updates', '2', '--every', '1']
    training(args)
    training(['export', run, model])
    const card = readFileSync(join(model, 'CARD.md'), 'utf8')
    expect(card).toContain('trained on from tiny, whose licence carries on: that of the code')
    writeFileSync(join(model, 'CARD.md'), 'mine')
    training(['export', run, model])
    expect(readFileSync(join(model, 'CARD.md'), 'utf8')).toBe(card)
    expect(readFileSync(join(model, 'CARD.md.old'), 'utf8')).toBe('mine')
    // A model that is trained on from those weights carries the licence too.
    const again = join(folder, 'tuned-again')
    training(['train', '--from', join(run, 'best'), data(), again, ...SMALL, '--updates', '1'])
    training(['export', again, model])
    expect(readFileSync(join(model, 'CARD.md'), 'utf8')).toMatch(
      /from best, whose.*from tiny, whose.*that of the code/,
    )
  })

  test.skipIf(noTraining !== null)('says when nothing got better', () => {
    const program = `
import sys
sys.path.insert(0, sys.argv[1])
from rubato_training.train import Base, Outcome
print(Outcome(2.0, 0, Base("tiny", None)).caution(), Outcome(2.0, 50, None).caution())`
    const printed = execFileSync(PYTHON ?? 'python3', ['-c', program, TRAINING], { encoding: 'utf8' })
    expect(printed).toMatch(/^Nothing got better .* these are the weights of tiny as they were\. None\n$/)
  })

  test.skipIf(noTraining !== null)('tells how densely the minutes of the data are played', () => {
    // Three minutes each of 1, 2, ... 10 notes a second, and one note more, so that the last minute is whole.
    const program = `
import sys
sys.path.insert(0, sys.argv[1])
from types import SimpleNamespace
import numpy as np
from rubato_training.dataset import NO_CHORDS, Split
from rubato_training.densities import minute_densities
from rubato_training.kind import PIANO
from rubato_training.midi import NOTE
starts = [60_000 * (3 * d + m) + n * 1000 / (d + 1) for d in range(10) for m in range(3) for n in range(60 * (d + 1))]
notes = np.zeros(len(starts) + 1, NOTE)
notes["start"] = starts + [1_800_000]
train = Split(notes, np.array([0, len(notes)]), ["a"], NO_CHORDS, np.zeros(2, int))
print(minute_densities(SimpleNamespace(kind=PIANO, train=train)))`
    const printed = execFileSync(PYTHON ?? 'python3', ['-c', program, TRAINING], { encoding: 'utf8' })
    expect(JSON.parse(printed)).toEqual([1, 1.9, 3, 5.5, 8, 9.1, 10])
  })

  test.skipIf(PYTHON === undefined)('says which packages it lacks, and how to install them', () => {
    // With -S, Python doesn't find the packages that are installed beside it.
    const result = spawnSync(PYTHON ?? 'python3', ['-S', TRAINING, 'tokenize', 'a', 'b'], {
      encoding: 'utf8',
    })
    expect(result.status).toBe(1)
    expect(result.stderr).toMatch(
      /^Training needs the Python package \w+, .*pip install torch numpy mido\.\n$/,
    )
  })
})
