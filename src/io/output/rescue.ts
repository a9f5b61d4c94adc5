import { setTimeout as pause } from 'node:timers/promises'
import { channelStatus, RELEASE_VELOCITY, STATUS } from '../../engine/language/midi-status.js'
import { Refused } from '../../engine/refused.js'
import type { Channel, Pitch } from '../../engine/units.js'
import { messageOf } from '../error-text.js'
import type { MidiLibrary } from '../midi/midi-library.js'
import { type MidiSink, openNamedOutput } from '../midi/midi-out.js'
import { addressOf } from '../midi/port-names.js'
import { listPorts } from '../midi/ports.js'
import type { Ledger } from '../shared/ledger.js'
import { SILENCING_CONTROLLERS } from './silencing.js'

/** The place where the notes of a lost stage sound: a port by name, or the ALSA addresses that our virtual port played to. */
export type RescueTarget =
  | { readonly kind: 'named'; readonly name: string }
  | { readonly kind: 'peers'; readonly addresses: readonly string[] }

/**
 * After this many messages sent at once comes a pause. More at once, or a shorter pause, overruns a receiver: ALSA queues
 * 200 events for each client and drops the rest silently. Fewer, or a longer pause, makes a panic of 2,096 messages
 * take seconds.
 */
const BURST = 64
const PAUSE_MS = 8

/**
 * Ends all notes of the ledger on `target` after the stage's thread was lost: note-offs, then pedal up and all notes off on
 * every used channel; empties the ledger. A peer that has gone meanwhile is passed over. Throws Refused when a named target
 * isn't there. @returns the number of ports that the messages were sent to.
 */
export async function endNotes(library: MidiLibrary, ledger: Ledger, target: RescueTarget): Promise<number> {
  const notes = ledger.soundingNotes()
  const messages = notes.map((note) => noteOff(note.channel, note.pitch))
  for (const channel of ledger.usedChannels()) messages.push(...silencingOf(channel))
  const names = target.kind === 'named' ? [target.name] : namesAt(library, target.addresses)
  for (const name of names) {
    try {
      await deliver(openNamedOutput(library, name), messages)
    } catch (error) {
      // On a peer that has gone no note is left to end, but a port asked for by name must be there.
      if (target.kind === 'named') throw error
    }
  }
  for (const slot of [...ledger.soundingSlots()]) ledger.end(slot)
  return names.length
}

/**
 * `rubato panic`: silences the port that `wanted` names, on all channels, whichever program left notes there: pedal up, all
 * notes off, all sound off, and, for synths that heed none of these, a note-off for every pitch. About 0.3 s. Throws Refused
 * when there is no such port. @returns the port's full name.
 */
export async function panicPort(library: MidiLibrary, wanted: string): Promise<string> {
  const sink = openNamedOutput(library, wanted)
  await deliver(sink, panicMessages())
  return sink.name
}

/** All messages of a panic, the controllers of all channels first: 16 * 3 control changes, 16 * 128 note-offs. */
export function panicMessages(): number[][] {
  const channels = Array.from({ length: 16 }, (_, channel) => channel)
  const pitches = Array.from({ length: 128 }, (_, pitch) => pitch)
  return [
    ...channels.flatMap(silencingOf),
    ...channels.flatMap((channel) => pitches.map((pitch) => noteOff(channel, pitch))),
  ]
}

function noteOff(channel: Channel, pitch: Pitch): number[] {
  return [channelStatus(STATUS.noteOff, channel), pitch, RELEASE_VELOCITY]
}

function silencingOf(channel: Channel): number[][] {
  return SILENCING_CONTROLLERS.map((controller) => [
    channelStatus(STATUS.controlChange, channel),
    controller,
    0,
  ])
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
    // A port that is destroyed at once may lose the messages sent last.
    await pause(PAUSE_MS)
  } catch (error) {
    throw new Refused(`The port stopped taking messages: ${messageOf(error)}`)
  } finally {
    sink.close()
  }
}
