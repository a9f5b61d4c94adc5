import { Refused } from '../../engine/refused.js'
import { openMidiLibrary } from '../../io/midi/midi-library.js'
import { bareName } from '../../io/midi/port-names.js'
import { listPorts, type PortList } from '../../io/midi/ports.js'
import { panicPort } from '../../io/output/rescue.js'
import { type Flag, helpText, parseFlags, textFrom } from '../flags/flags.js'
import { HELP_FLAG, JSON_FLAG } from '../flags/music-flags.js'

const PORTS_FLAGS: readonly Flag[] = [JSON_FLAG, HELP_FLAG]
export const PORTS_HELP = helpText('rubato ports [--json]', 'Lists the MIDI ports of this machine.', [
  ['Options', PORTS_FLAGS],
])

/** `rubato ports`. Throws Refused where there is no MIDI; returns the exit code. */
export async function portsCommand(args: readonly string[]): Promise<number> {
  const { values } = parseFlags(args, PORTS_FLAGS, false)
  if (values.help) {
    process.stdout.write(PORTS_HELP)
    return 0
  }
  const ports = listPorts(await openMidiLibrary())
  process.stdout.write(values.json ? `${JSON.stringify(ports)}\n` : describePorts(ports))
  return 0
}

function describePorts({ inputs, outputs }: PortList): string {
  const list = (names: readonly string[]) => {
    const bare = names.map(bareName)
    // Ports of one name are told apart by the system's numbers, as part of the name that --to and --from accept.
    const shown = names.map((name, i) =>
      bare.indexOf(bare[i] ?? '') === bare.lastIndexOf(bare[i] ?? '') ? bare[i] : name,
    )
    return shown.length === 0 ? '  none\n' : shown.map((name) => `  ${name}\n`).join('')
  }
  return `To play to (--to):\n${list(outputs)}To listen to (--from):\n${list(inputs)}`
}

const PANIC_FLAGS: readonly Flag[] = [
  { name: 'to', value: 'NAME', help: 'the output port to silence' },
  HELP_FLAG,
]
export const PANIC_HELP = helpText(
  'rubato panic --to NAME',
  'Silences a port: pedal up, all notes off and every note off on all channels.',
  [['Options', PANIC_FLAGS]],
)

/** `rubato panic`. Throws Refused; returns the exit code. */
export async function panicCommand(args: readonly string[]): Promise<number> {
  const given = parseFlags(args, PANIC_FLAGS, false)
  if (given.values.help) {
    process.stdout.write(PANIC_HELP)
    return 0
  }
  const to = textFrom(given, 'to')
  if (to === null) throw new Refused('Which port? Give it with --to NAME; "rubato ports" lists them.')
  const name = await panicPort(await openMidiLibrary(), to)
  process.stdout.write(`${bareName(name)} is silent.\n`)
  return 0
}
