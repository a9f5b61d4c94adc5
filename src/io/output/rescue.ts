import { setTimeout as pause } from 'node:timers/promises'
import { Refused } from '../../engine/refused.js'
import { messageOf } from '../error-text.js'
import type { MidiLibrary } from '../midi/midi-library.js'
import { type MidiSink, openNamedOutput } from '../midi/midi-out.js'
import { addressOf } from '../midi/port-names.js'
import { listPorts } from '../midi/ports.js'
import type { Ledger } from '../shared/ledger.js'
import { SILENCING_CONTROLLERS } from './stage.js'

/** Where the notes of a lost stage sound: a port by name, or the ALSA addresses our virtual port was connected to. */
export type RescueTarget =
  | { readonly kind: 'named'; readonly name: string }
  | { readonly kind: 'peers'; readonly addresses: readonly string[] }

/**
 * Messages sent at once, and the rest after them. More at once overruns a receiver (ALSA queues 200 events a client
 * and then loses them without a word); slower makes a whole panic, 2,096 messages, take seconds.
 */
const BURST = 64
const PAUSE_MS = 8

/**
 * Ends all notes of the ledger on `target` after the stage's thread was lost: note-offs, then pedal up and all notes
 * off on every used channel; empties the ledger. A peer that is gone meanwhile is passed over.
 * Throws Refused when a named target isn't there. @returns how many ports were told.
 */
export async function endNotes(library: MidiLibrary, ledger: Ledger, target: RescueTarget): Promise<number> {
  const notes = ledger.soundingNotes()
  const messages = notes.map((note) => [0x80 | note.channel, note.pitch, 64])
  for (const channel of ledger.usedChannels()) {
    for (const controller of SILENCING_CONTROLLERS) messages.push([0xb0 | channel, controller, 0])
  }
  const names = target.kind === 'named' ? [target.name] : namesAt(library, target.addresses)
  for (const name of names) {
    try {
      await deliver(openNamedOutput(library, name), messages)
    } catch (error) {
      // A peer that went meanwhile has nothing left to end; a port asked for by name must be there.
      if (target.kind === 'named') throw error
    }
  }
  for (const slot of [...ledger.soundingSlots()]) ledger.end(slot)
  return names.length
}

/**
 * `rubato panic`: silences the port that `wanted` names, on all channels, whoever left the notes there: pedal up, all
 * notes off, all sound off, and, for synths that heed none of these, a note-off for every pitch. About 0.3 s.
 * Throws Refused when there is no such port. @returns the port's full name.
 */
export async function panicPort(library: MidiLibrary, wanted: string): Promise<string> {
  const sink = openNamedOutput(library, wanted)
  await deliver(sink, panicMessages())
  return sink.name
}

/** All that a panic says, the controllers of all channels first: 16 * 3 control changes, 16 * 128 note-offs. */
export function panicMessages(): number[][] {
  const channels = Array.from({ length: 16 }, (_, channel) => channel)
  const pitches = Array.from({ length: 128 }, (_, pitch) => pitch)
  return [
    ...channels.flatMap((channel) =>
      SILENCING_CONTROLLERS.map((controller) => [0xb0 | channel, controller, 0]),
    ),
    ...channels.flatMap((channel) => pitches.map((pitch) => [0x80 | channel, pitch, 64])),
  ]
}

function namesAt(library: MidiLibrary, addresses: readonly string[]): string[] {
  return listPorts(library).outputs.filter((name) => addresses.includes(addressOf(name) ?? ''))
}

async function deliver(sink: MidiSink, messages: readonly number[][]): Promise<void> {
  try {
    for (let sent = 0; sent < messages.length; sent++) {
      if (sent > 0 && sent % BURST === 0) await pause(PAUSE_MS)
      sink.send(messages[sent]!)
    }
    // What was sent last may still be on its way when a port is destroyed at once.
    await pause(PAUSE_MS)
  } catch (error) {
    throw new Refused(`The port stopped taking messages: ${messageOf(error)}`)
  } finally {
    sink.close()
  }
}
