import type { SentMessage } from '../../engine/language/messages.js'
import { ALL_NOTES_OFF, SUSTAIN } from '../../engine/language/messages.js'
import { channelStatus, RELEASE_VELOCITY, STATUS } from '../../engine/language/midi-status.js'
import type { Channel, Ms } from '../../engine/units.js'
import { SOUND_DELAY_MS } from './sound.js'

/** Plays a MIDI port of the browser's machine by Web MIDI. Times are the browser's (performance.now). */
export interface MidiOutput {
  /**
   * The ports. The browser asks the user for permission first. Rejects with the reason where Web MIDI is missing or
   * refused.
   */
  ports(): Promise<readonly MIDIOutput[]>
  /** Plays into this port from now on, or into none; ends what sounds in the previous port. */
  choose(port: MIDIOutput | null): void
  play(message: SentMessage, local: Ms): void
  silence(): void
}

export function createMidiOutput(): MidiOutput {
  let output: MIDIOutput | null = null
  const used = new Set<Channel>()

  function silence(): void {
    // Notes already handed over may begin up to SOUND_DELAY_MS later, so they are ended a second time then.
    for (const later of [0, SOUND_DELAY_MS]) {
      for (const channel of used) {
        // The pedal first: under it many instruments go on holding notes after *all notes off*.
        for (const controller of [SUSTAIN, ALL_NOTES_OFF])
          output?.send(
            [channelStatus(STATUS.controlChange, channel), controller, 0],
            performance.now() + later,
          )
      }
    }
  }

  return {
    ports: async () => {
      if (!('requestMIDIAccess' in navigator)) throw new Error('This browser has no Web MIDI.')
      const access = await navigator.requestMIDIAccess()
      return [...access.outputs.values()]
    },
    choose: (port) => {
      silence()
      output = port
    },
    play: (message, local) => {
      if (!output || message.fate !== 'sent') return
      const { channel } = message
      used.add(channel)
      const at = local + SOUND_DELAY_MS
      if (message.kind === 'note-on')
        output.send([channelStatus(STATUS.noteOn, channel), message.pitch, message.velocity], at)
      else if (message.kind === 'note-off')
        output.send([channelStatus(STATUS.noteOff, channel), message.pitch, RELEASE_VELOCITY], at)
      else output.send([channelStatus(STATUS.controlChange, channel), message.controller, message.value], at)
    },
    silence,
  }
}
