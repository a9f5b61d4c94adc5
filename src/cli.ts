#!/usr/bin/env node
import { DOCTOR_HELP, doctorCommand } from './cli/commands/doctor.js'
import { EVAL_HELP, evalCommand } from './cli/commands/eval.js'
import { FILL_HELP, fillCommand } from './cli/commands/fill.js'
import { GENERATE_HELP, generateCommand } from './cli/commands/generate.js'
import { IMPORT_HELP, importCommand } from './cli/commands/import.js'
import { PERFORM_HELP, performCommand } from './cli/commands/perform.js'
import { playCommand } from './cli/commands/play.js'
import { PANIC_HELP, PORTS_HELP, panicCommand, portsCommand } from './cli/commands/ports.js'
import { REPLAY_HELP, replayCommand } from './cli/commands/replay.js'
import { RESTYLE_HELP, restyleCommand } from './cli/commands/restyle.js'
import { PLAY_HELP } from './cli/flags/play-options.js'
import { Refused } from './engine/refused.js'
import { messageOf } from './io/error-text.js'
import { packageVersion } from './io/package-root.js'

type Run = (args: readonly string[]) => number | Promise<number>

const COMMANDS: Readonly<Record<string, Run>> = {
  play: playCommand,
  generate: generateCommand,
  fill: fillCommand,
  perform: performCommand,
  restyle: restyleCommand,
  replay: replayCommand,
  eval: evalCommand,
  import: importCommand,
  ports: portsCommand,
  doctor: doctorCommand,
  panic: panicCommand,
}

const HELP = `Rubato, a pianist that lives in a terminal.

${[
  PLAY_HELP,
  GENERATE_HELP,
  FILL_HELP,
  PERFORM_HELP,
  RESTYLE_HELP,
  REPLAY_HELP,
  EVAL_HELP,
  IMPORT_HELP,
  PORTS_HELP,
  DOCTOR_HELP,
  PANIC_HELP,
]
  .map((help) => help.split('\n').slice(0, 3).join('\n').replace('Usage: ', '').replace('\n\n', '\n    '))
  .join('\n')}

Each takes --help; rubato --version says which this is.
`

/** The exit code for a request that can't be met: a wrong flag or value, a model or port that can't be opened. */
const REFUSED_CODE = 2

async function main(args: readonly string[]): Promise<void> {
  const [first, ...rest] = args
  if (first === 'help' || (first === '--help' && rest.length === 0) || first === '-h') {
    process.stdout.write(HELP)
    return
  }
  if (first === '--version' || first === '-v') {
    process.stdout.write(`${packageVersion()}\n`)
    return
  }
  if (first === undefined || first.startsWith('-')) {
    await playCommand(args)
    return
  }
  const run = COMMANDS[first]
  if (!run)
    throw new Refused(`There is no command "${first}"; there are ${Object.keys(COMMANDS).join(', ')}.`)
  const code = await run(rest)
  if (code) process.exitCode = code
}

// The reader of Rubato's output has gone (`rubato --help | head`): that is no error, and nobody is left to write or play
// for.
process.stdout.on('error', () => process.exit(0))
try {
  await main(process.argv.slice(2))
} catch (error) {
  const sentence = messageOf(error)
  process.stderr.write(error instanceof Refused ? `${sentence}\n` : `Rubato failed: ${sentence}\n`)
  // `process.exit`, not just `process.exitCode`: workers may be running, and the exit handler silences them.
  process.exit(error instanceof Refused ? REFUSED_CODE : 1)
}
