import { describe, expect, it } from 'vitest'
import type { MidiLibrary } from '../../../src/io/midi/midi-library.js'
import { endNotes, panicMessages, panicPort } from '../../../src/io/output/rescue.js'
import { allocateLedger, Ledger } from '../../../src/io/shared/ledger.js'
import { balance } from '../../helpers/memory-port.js'

/** A stand-in for the MIDI addon's outputs: records what each port was sent, by name, and how many are open. */
function fakeLibrary(names: readonly string[]) {
  const sent = new Map<string, number[][]>()
  let open = 0
  class Output {
    #name = ''
    constructor() {
      open++
    }
    static getPortNames = () => [...names]
    getPortCount = () => names.length
    getPortName = (port: number) => names[port]
    openPort(port: number) {
      this.#name = names[port]!
    }
    sendMessage(bytes: Uint8Array) {
      sent.set(this.#name, [...(sent.get(this.#name) ?? []), [...bytes]])
    }
    destroy() {
      open--
    }
  }
  const Input = { getPortNames: () => [] }
  return { library: { Output, Input } as unknown as MidiLibrary, sent, open: () => open }
}

describe('the rescue of a lost stage', () => {
  const names = ['Synth:in 129:0', 'DAW:in 130:0', 'Other:in 131:0']
  const sounding = () => {
    const ledger = new Ledger(allocateLedger())
    ledger.begin(Ledger.slot(2, 60), 1)
    ledger.begin(Ledger.slot(2, 64), 2)
    return ledger
  }
  const said = [
    [0x82, 60, 64],
    [0x82, 64, 64],
    [0xb2, 64, 0],
    [0xb2, 123, 0],
    [0xb2, 120, 0],
  ]

  it('ends the notes of the ledger on every peer that is still there', async () => {
    const { library, sent, open } = fakeLibrary(names)
    const ledger = sounding()
    const told = await endNotes(library, ledger, { kind: 'peers', addresses: ['129:0', '130:0', '140:0'] })
    expect(told).toBe(2)
    expect(Object.fromEntries(sent)).toEqual({ 'Synth:in 129:0': said, 'DAW:in 130:0': said })
    expect(ledger.soundingNotes()).toEqual([])
    expect(open()).toBe(0)
  })

  it('ends them on a named port', async () => {
    const { library, sent } = fakeLibrary(names)
    await endNotes(library, sounding(), { kind: 'named', name: 'Other' })
    expect(Object.fromEntries(sent)).toEqual({ 'Other:in 131:0': said })
  })

  it('refuses a named port that is gone, and leaves no port open', async () => {
    const { library, open } = fakeLibrary(names)
    await expect(endNotes(library, sounding(), { kind: 'named', name: 'Gone' })).rejects.toThrow(
      'no MIDI port',
    )
    expect(open()).toBe(0)
  })

  it('panic sends the silencing controllers of all channels, then every note-off', async () => {
    const { library, sent } = fakeLibrary(names)
    expect(await panicPort(library, 'DAW')).toBe('DAW:in 130:0')
    const messages = sent.get('DAW:in 130:0')!
    expect(messages).toEqual(panicMessages())
    expect(messages.slice(0, 48).every(([status]) => status! >> 4 === 0xb)).toBe(true)
    expect(balance(messages)).toEqual(new Array(2048).fill(-1))
  })
})
