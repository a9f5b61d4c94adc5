import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { parseMidi } from 'midi-file'
import { describe, expect, test } from 'vitest'
import { CONTROL_FLAGS, controlsFrom, parseFlags } from '../../src/cli/flags/flags.js'
import { describeTheme, MUSIC_FLAGS, musicFrom } from '../../src/cli/flags/music-flags.js'
import { CONTROL_NAMES } from '../../src/engine/controls/controls.js'
import { modelFolder } from '../../src/io/models/model-files.js'
import { readMidiFile } from '../../src/io/recording/midi-file-reader.js'
import { writeMidi } from '../../src/io/recording/midi-file-writer.js'
import { BUILT_CLI } from '../helpers/built-app.js'
import { BUILD, threadsAreBuilt } from '../helpers/compiled-worker.js'
import { encodePerformance } from '../helpers/event-language.js'
import { withSettingsIn } from '../helpers/fresh-settings.js'

const folder = mkdtempSync(join(tmpdir(), 'rubato-cli-'))
const noMidi = join(folder, 'no.mid')
writeFileSync(noMidi, 'no music')
const noNotes = join(folder, 'empty.mid')
writeFileSync(noNotes, writeMidi([{ name: 'empty', channel: 0, notes: [] }]))
const tiny = ['--model', modelFolder('tiny')]

/** Runs the built program; never rejects. */
async function rubato(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  try {
    return {
      code: 0,
      ...(await promisify(execFile)('node', [BUILT_CLI, ...args], { env: withSettingsIn() })),
    }
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string }
    return { code, stdout, stderr }
  }
}

describe('flags', () => {
  test('every control has a flag', () => {
    expect(CONTROL_FLAGS).toHaveLength(CONTROL_NAMES.length)
  })

  test('flags set the controls that they name', () => {
    const args = '--key G --scale major --key-lock --register 50-69 --top-p 0.9 --transpose -5 --density=4'
    expect(controlsFrom(parseFlags(args.split(' '), CONTROL_FLAGS, false))).toMatchObject({
      key: 'G',
      scale: 'major',
      keyLock: true,
      register: [50, 69],
      topP: 0.9,
      transpose: -5,
      density: 4,
    })
  })
})

test('--prompt-seconds sets how much of the prompt the network receives; without it a dense prompt is cut by its number of notes', async () => {
  const path = join(folder, 'scale.mid')
  const notes = [60, 62, 64, 65, 67, 69, 71, 72].map((pitch, i) => ({
    pitch,
    velocity: 64,
    start: i * 250,
    end: i * 250 + 200,
  }))
  writeFileSync(path, writeMidi([{ name: 'scale', channel: 0, notes }]))
  const prompt = async (...args: string[]) =>
    (await musicFrom(parseFlags(['--prompt', path, ...tiny, ...args], MUSIC_FLAGS, false))).prompt?.events
  const quick = async (...args: string[]) =>
    (await musicFrom(parseFlags(['--prompt', path, ...tiny, ...args], MUSIC_FLAGS, false), 3)).prompt
  expect(await prompt()).toEqual([...encodePerformance(notes)])
  expect(await prompt('--prompt-seconds', '1')).toEqual([...encodePerformance(notes.slice(3))])
  expect(await quick()).toMatchObject({ events: [...encodePerformance(notes.slice(5))], seconds: 1 })
  expect((await quick('--prompt-seconds', '1'))?.events).toEqual([...encodePerformance(notes.slice(3))])
})

describe('--theme', () => {
  /** A file of `count` notes, two a second, with a rest of 3 s after the 24th. */
  const write = (name: string, count: number) => {
    const path = join(folder, name)
    const notes = Array.from({ length: count }, (_, n) => {
      const start = 1000 + 500 * n + (n >= 24 ? 3000 : 0)
      return { pitch: 60 + (n % 12), velocity: 64, start, end: start + 400 }
    })
    writeFileSync(path, writeMidi([{ name: 'theme', channel: 0, notes }]))
    return path
  }
  const themeOf = async (...args: string[]) =>
    (await musicFrom(parseFlags([...tiny, ...args], MUSIC_FLAGS, false))).theme

  test('gives the first passage of a file, up to a rest, from its first note on', async () => {
    const theme = await themeOf('--theme', write('theme.mid', 40))
    expect(theme).toMatchObject({ seconds: 11.5 })
    expect(theme?.notes).toEqual(
      Array.from({ length: 24 }, (_, n) => ({ onset: 50 * n, pitch: 60 + (n % 12) })),
    )
  })

  test('is told in a sentence, with what to do where memory is at 0', async () => {
    const theme = await themeOf('--theme', write('told.mid', 12))
    if (!theme) throw new Error('no theme')
    expect(describeTheme(theme, 0.5)).toMatch(
      /^The first 5\.5 s of .*told\.mid, 12 notes, are a theme that returns\.$/,
    )
    expect(describeTheme(theme, 0)).toMatch(
      /don't return while memory is at 0; give --memory, 0\.5 for example\.$/,
    )
  })

  test('refuses a file of too few notes, and a model whose strokes make no themes', async () => {
    const short = write('short.mid', 11)
    await expect(themeOf('--theme', short)).rejects.toThrow(
      /begins with 11 notes, and a theme needs at least 12\.$/,
    )
    const drums = musicFrom(
      parseFlags(['--theme', write('drums.mid', 20), '--model', 'drums'], MUSIC_FLAGS, false),
    )
    await expect(drums).rejects.toThrow("--theme can't be used: strokes make no themes.")
  })

  test('is null where it is not given', async () => {
    expect(await themeOf()).toBeNull()
  })
})

describe.skipIf(!threadsAreBuilt)(`the program (${BUILD})`, () => {
  test.each([
    [['--temperature', '9'], /^--temperature takes 0\.1 to 2, not "9"\.\n$/],
    [['--nonsense'], /^Unknown option '--nonsense'; see --help\.\n$/],
    [['sing'], /^There is no command "sing"; there are play, .*\.\n$/],
    [['--seed', '-1'], /^--seed takes a whole number from 0 to 4294967295, not "-1"\.\n$/],
    [['--horizon', '5'], /^--horizon takes a number from 10 to 100, not "5"\.\n$/],
    [['--from-channel', '17'], /^--from-channel takes any or a whole number from 1 to 16, not "17"\.\n$/],
    [['--split', 'some'], /^--split takes none or a whole number from 0 to 127, not "some"\.\n$/],
    [['--thru', '0'], /^--thru takes off, same or a whole number from 1 to 16, not "0"\.\n$/],
    [['--to', ''], /^--to needs a value\.\n$/],
    [['--realtime', 'maybe'], /^--realtime takes auto, on, off, not "maybe"\.\n$/],
    [['--precision', 'f16'], /^--precision takes auto, f32, int16, not "f16"\.\n$/],
    [
      ['--headless', '--precision', 'int16', '--backend', 'js'],
      /(^|\n)The js backend has no int16 precision; .*\.\n$/,
    ],
    [
      ['generate', '-o', join(folder, 'x.mid'), '--precision', 'int16', '--backend', 'js', ...tiny],
      /^The js backend has no int16 precision; .*\.\n$/,
    ],
    [['--model', '/nowhere'], /^\/nowhere\/model\.json can't be read \(ENOENT\).*\.\n$/],
    [['generate', '--seconds', '5'], /^Where to\?.*\.\n$/],
    [
      ['generate', '-o', '/nowhere/x.mid', '--seconds', '1', ...tiny],
      /^\/nowhere\/x\.mid can't be written \(ENOENT\).*\.\n$/,
    ],
    [['fill', noNotes, '-o', join(folder, 'x.mid')], /^Which gap\?.*\.\n$/],
    [['fill', noNotes, '--from', '1', '--to', '2'], /^Where to\?.*\.\n$/],
    [['fill', '-o', join(folder, 'x.mid')], /^Which file\?.*\.\n$/],
    [
      ['fill', noNotes, '--from', '1', '--to', '2', '-o', join(folder, 'x.mid'), ...tiny],
      /^There are no notes in the file.*\.\n$/,
    ],
    [
      ['fill', noNotes, '--from', '1', '--to', '2', '-o', join(folder, 'x.mid'), '--model', 'drums'],
      /^Drums have no gaps.*\.\n$/,
    ],
    [['restyle'], /^Which music\?.*\.\n$/],
    [['restyle', noNotes, '-o', join(folder, 'x.mid')], /^In what manner\?.*\.\n$/],
    [['restyle', noNotes, '--style', noNotes], /^Where to\?.*\.\n$/],
    [
      ['restyle', noNotes, '--style', noNotes, '-o', '/nowhere/x.mid', ...tiny],
      /^\/nowhere\/x\.mid can't be written \(ENOENT\).*\.\n$/,
    ],
    [
      ['restyle', noNotes, '--style', noNotes, '-o', join(folder, 'x.mid'), '--balance', '1.5'],
      /^--balance takes a number from 0 to 1, not "1\.5"\.\n$/,
    ],
    [
      ['restyle', noNotes, '--style', noNotes, '-o', join(folder, 'x.mid'), '--model', 'drums'],
      /^Drums have no melody.*\.\n$/,
    ],
    [
      ['restyle', noNotes, '--style', noNotes, '-o', join(folder, 'x.mid'), ...tiny],
      /empty\.mid has no notes; it takes at least 4 to hold a melody\.\n$/,
    ],
    [['eval', '/nowhere.mid'], /^\/nowhere\.mid .*\.\n$/],
    [['eval'], /^Which files\?.*\.\n$/],
    [['--prompt', '/nowhere.mid'], /^\/nowhere\.mid doesn't exist\.\n$/],
    [
      ['--prompt', noMidi],
      /no\.mid isn't a readable MIDI file: it doesn't begin with a MIDI file header\.\n$/,
    ],
    [['--prompt', noNotes], /empty\.mid has no notes to go on from\.\n$/],
    [
      ['--prompt', noNotes, '--prompt-seconds', '301'],
      /^--prompt-seconds takes a number from 1 to 300, not "301"\.\n$/,
    ],
    [['--prompt-seconds', '9'], /^--prompt-seconds needs --prompt FILE\.\n$/],
    [
      ['generate', '-o', join(folder, 'x.mid'), '--prompt', noNotes],
      /empty\.mid has no notes to go on from\.\n$/,
    ],
    [['--theme', '/nowhere.mid'], /^\/nowhere\.mid doesn't exist\.\n$/],
    [
      ['generate', '-o', join(folder, 'x.mid'), '--theme', noNotes],
      /empty\.mid begins with 0 notes, .*\.\n$/,
    ],
    [['perform', '-o', join(folder, 'x.mid')], /^Which score\?.*\.\n$/],
    [['perform', noNotes, noNotes, '-o', join(folder, 'x.mid')], /^Which score\?.*\.\n$/],
    [['perform', noNotes], /^Where to\?.*\.\n$/],
    [['perform', noNotes, '-o', join(folder, 'x.mid'), ...tiny], /empty\.mid has no notes to play\.\n$/],
    [
      ['perform', noMidi, '-o', join(folder, 'x.mid'), ...tiny],
      /no\.mid isn't a readable MIDI file: .*\.\n$/,
    ],
    [
      ['perform', noNotes, '-o', '/nowhere/x.mid', ...tiny],
      /^\/nowhere\/x\.mid can't be written \(ENOENT\).*\.\n$/,
    ],
    [
      ['perform', noNotes, '-o', join(folder, 'x.mid'), '--freedom', '-1', ...tiny],
      /^--freedom takes a number from 0 to 1, not "-1"\.\n$/,
    ],
    [
      ['perform', noNotes, '-o', join(folder, 'x.mid'), '--model', 'drums'],
      /^The model rubato-drums plays no piano; .*\.\n$/,
    ],
    [['--freedom', '0.5'], /^--freedom needs --perform FILE\.\n$/],
    [['--no-expression'], /^--no-expression needs --perform FILE\.\n$/],
    [['--perform', noNotes], /empty\.mid has no notes to play\.\n$/],
    [['panic'], /^Which port\?.*\.\n$/],
  ])('%j: one sentence and exit code 2', async (args, sentence) => {
    const { code, stdout, stderr } = await rubato(...args)
    expect(stderr).toMatch(sentence)
    expect(stdout).toBe('')
    expect(code).toBe(2)
  })

  test.each(['play', 'generate', 'fill', 'perform', 'restyle', 'eval', 'ports', 'doctor', 'panic'])(
    '%s --help shows its flags',
    async (command) => {
      const { code, stdout } = await rubato(command, '--help')
      expect(code).toBe(0)
      expect(stdout).toContain(`Usage: rubato ${command === 'play' ? '[play]' : command}`)
      expect(stdout).toContain('--help')
    },
  )

  test('generate writes the same bytes from the same seed, and other music from another', async () => {
    const write = async (seed: string, name: string) => {
      const file = join(folder, name)
      expect(await rubato('generate', '--seconds', '20', '--seed', seed, '-o', file, ...tiny)).toMatchObject({
        code: 0,
      })
      return readFileSync(file)
    }
    const first = await write('5', 'a.mid')
    expect(await write('5', 'b.mid')).toEqual(first)
    expect(await write('6', 'c.mid')).not.toEqual(first)
    expect((await readMidiFile(join(folder, 'a.mid'))).notes[0]?.start).toBe(0)
  })

  test('fill writes the same bytes from the same seed, the notes outside the gap to the ms, and says which way it chose', async () => {
    const piece = join(folder, 'piece.mid')
    const notes = Array.from({ length: 60 }, (_, n) => ({
      pitch: 48 + ((n * 7) % 24),
      velocity: 40 + n,
      start: n * 200,
      end: n * 200 + 190,
    }))
    writeFileSync(piece, writeMidi([{ name: 'piece', channel: 0, notes }]))
    const write = async (seed: string, name: string) => {
      const file = join(folder, name)
      const args = ['--from', '4', '--to', '6', '--candidates', '2', '--seed', seed, '-o', file]
      const { code, stdout } = await rubato('fill', piece, ...args, ...tiny)
      expect(code).toBe(0)
      expect(stdout).toMatch(/\d+ notes from 4 to 6 s, the likeliest of 2 ways \(.* nats per event, .*seed/)
      return readFileSync(file)
    }
    const first = await write('5', 'f.mid')
    expect(await write('5', 'g.mid')).toEqual(first)
    expect(await write('6', 'h.mid')).not.toEqual(first)
    const before = (await readMidiFile(piece)).notes
    const after = (await readMidiFile(join(folder, 'f.mid'))).notes
    const isOutside = ({ start }: { readonly start: number }) => start < 4000 || start >= 6000
    expect(after.filter(isOutside)).toEqual(before.filter(isOutside))
  })

  test('perform plays each note of a score once, and says which were doubled', async () => {
    const score = join(folder, 'score.mid')
    const notes = [60, 64, 67, 72].map((pitch, i) => ({
      pitch,
      velocity: 64,
      start: i * 250,
      end: i * 250 + 250,
    }))
    const tracks = [notes, notes.slice(0, 1)].map((own, channel) => ({ name: 'hand', channel, notes: own }))
    writeFileSync(score, writeMidi(tracks))
    const write = async (seed: string, name: string) => {
      const file = join(folder, name)
      const { code, stdout } = await rubato('perform', score, '--seed', seed, '-o', file, ...tiny)
      expect(code).toBe(0)
      expect(stdout).toMatch(
        /: 4 notes, 1 s, seed .*\nNotes that the score strikes twice at a time are played once: 1\.\n$/,
      )
      return readFileSync(file)
    }
    const first = await write('5', 's.mid')
    expect(await write('5', 't.mid')).toEqual(first)
    const played = (await readMidiFile(join(folder, 's.mid'))).notes
    expect(played.map(({ pitch }) => pitch)).toEqual([60, 64, 67, 72])
  })

  test('restyle writes the same bytes from the same seed, prints both losses, and refuses a style of too few notes', async () => {
    const write = (name: string, count: number, step: number) => {
      const file = join(folder, name)
      const notes = Array.from({ length: count }, (_, n) => ({
        pitch: 48 + ((n * step) % 24),
        velocity: 60,
        start: n * 150,
        end: n * 150 + 140,
      }))
      writeFileSync(file, writeMidi([{ name, channel: 0, notes }]))
      return file
    }
    const content = write('content.mid', 20, 7)
    const args = ['restyle', content, '--beam', '2', ...tiny]
    const make = async (seed: string, name: string) => {
      const file = join(folder, name)
      const style = write('style.mid', 40, 5)
      const { code, stdout } = await rubato(...args, '--style', style, '--seed', seed, '-o', file)
      expect(code).toBe(0)
      expect(stdout).toMatch(/\d+ notes, 3 s, .*style loss \d\.\d+, content loss \d\.\d+, seed/)
      return readFileSync(file)
    }
    const first = await make('5', 's.mid')
    expect(await make('5', 't.mid')).toEqual(first)
    expect(await make('6', 'u.mid')).not.toEqual(first)
    const few = write('few.mid', 19, 5)
    const { code, stderr } = await rubato(...args, '--style', few, '-o', join(folder, 'x.mid'))
    expect(stderr).toMatch(/few\.mid has 19 notes; it takes at least 20 to show a manner\.\n$/)
    expect(code).toBe(2)
  })

  test('generate --drums writes pianist and drummer into one file, from the same seed the same bytes', async () => {
    const files = ['drums1.mid', 'drums2.mid'].map((name) => join(folder, name))
    for (const file of files) {
      const args = ['--drums', '--drums-steady', '1', '--tempo', '96', '--seconds', '12', '--seed', '5']
      const { code, stdout } = await rubato('generate', ...args, '-o', file, ...tiny)
      expect([code, stdout]).toEqual([0, expect.stringMatching(/\d+ notes and \d+ strokes, 12 s, seed 5/)])
    }
    const [bytes, again] = files.map((file) => readFileSync(file))
    expect(bytes?.equals(again!)).toBe(true)
    const { header, tracks } = parseMidi(bytes!)
    expect([header.format, tracks.length]).toEqual([1, 3])
    const channels = tracks.map(
      (track) => new Set(track.flatMap((event) => (event.type === 'noteOn' ? [event.channel] : []))),
    )
    expect(channels.map((set) => [...set])).toEqual([[], [0], [9]])
    const tempo = tracks[0]?.find(({ type }) => type === 'setTempo')
    expect(tempo).toMatchObject({ microsecondsPerBeat: 625_000 })
  })

  test('generate writes the same bytes from the same prompt and seed, and other music from another prompt', async () => {
    const write = async (name: string, pitches: readonly number[]) => {
      const prompt = join(folder, 'prompt.mid')
      const notes = pitches.map((pitch, i) => ({ pitch, velocity: 64, start: i * 250, end: i * 250 + 200 }))
      writeFileSync(prompt, writeMidi([{ name: 'prompt', channel: 0, notes }]))
      const file = join(folder, name)
      const args = ['--seconds', '20', '--seed', '5', '--prompt', prompt]
      expect(await rubato('generate', ...args, '-o', file, ...tiny)).toMatchObject({ code: 0 })
      return readFileSync(file)
    }
    const scale = [60, 62, 64, 65, 67, 69, 71, 72]
    const first = await write('p.mid', scale)
    expect(await write('q.mid', scale)).toEqual(first)
    expect(await write('r.mid', scale.toReversed())).not.toEqual(first)
    const { notes } = await readMidiFile(join(folder, 'p.mid'))
    expect(notes[0]?.start).toBe(0)
  })

  test('play --headless --json reports each second, and ends by itself with code 0', async () => {
    const { code, stdout, stderr } = await rubato(
      '--headless',
      '--json',
      '--for',
      '2.5',
      '--density',
      '12',
      '--seed',
      '3',
    )
    expect(code).toBe(0)
    const reports = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(reports).toHaveLength(2)
    expect(reports[1]).toMatchObject({
      slips: expect.any(Number),
      controls: { density: '12' },
      paused: false,
    })
    expect(reports[1].notes).toBeGreaterThan(0)
    expect(stderr).toContain('seed 3')
  })

  test('play --paused is silent until it is told to play', async () => {
    const { stdout } = await rubato('--paused', '--headless', '--json', '--for', '1.5', ...tiny)
    expect(JSON.parse(stdout)).toMatchObject({ notes: 0, paused: true })
  })
})
