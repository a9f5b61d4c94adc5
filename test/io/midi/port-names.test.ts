import { describe, expect, it } from 'vitest'
import { Refused } from '../../../src/engine/refused.js'
import { parsePeers } from '../../../src/io/midi/alsa-peers.js'
import { type MidiLibrary, type MidiSystem, openMidiLibrary } from '../../../src/io/midi/midi-library.js'
import {
  addressOf,
  bareName,
  foreignPorts,
  freeName,
  matchForeignPort,
  matchPort,
  ownPorts,
  portPart,
} from '../../../src/io/midi/port-names.js'
import { requireVirtualPorts } from '../../../src/io/midi/ports.js'
import { requestRealtime } from '../../../src/io/output/realtime.js'

const PORTS = [
  'Midi Through:Midi Through Port-0 14:0',
  'Virtual Raw MIDI 0-0:VirMIDI 0-0 16:0',
  'Virtual Raw MIDI 0-1:VirMIDI 0-1 17:0',
  'FLUID Synth (1234):Synth input port (1234:0) 128:0',
  'Synth:in 129:0',
  'Synth Two:in 130:0',
  'Keys:Keys MIDI 1 20:0',
  'Keys:Keys MIDI 1 24:0',
]

describe('a port name', () => {
  it('is split into the name without numbers and the address', () => {
    expect(bareName('Synth:in 129:0')).toBe('Synth:in')
    expect(bareName('IAC Driver Bus 1')).toBe('IAC Driver Bus 1')
    expect(portPart('RtMidi Output Client:Rubato 128:0')).toBe('Rubato')
    expect(portPart('A: B')).toBe('A: B')
    expect(addressOf('Synth:in 129:0')).toBe('129:0')
    expect(addressOf('loopMIDI Port 1')).toBeUndefined()
  })

  it('never matches a port of our own, even if that has exactly this name', () => {
    const ports = ['RtMidi Output Client:Rubato 128:0', 'RtMidi Output Client:Rubato 2 130:0', ...PORTS]
    expect(matchForeignPort(ports, 'Rubato 2', ownPorts('Rubato'))).toBe(1)
    expect(matchForeignPort(ports, 'Rubato', ownPorts('Rubato'))).toBe(1)
    expect(() => matchForeignPort(ports, 'Rubato 2', ownPorts('Rubato 2'))).toThrow(Refused)
    expect(matchForeignPort(ports, 'Synth:in', ownPorts('Rubato'))).toBe(6)
  })

  it.each([
    ['Synth:in 129:0', 4],
    ['Keys:Keys MIDI 1 24:0', 7],
    ['Synth:in', 4],
    ['VirMIDI 0-1', 2],
    ['FLUID', 3],
    ['midi through', 0],
    ['synth t', 5],
  ])('"%s" means port %i', (wanted, index) => {
    expect(matchPort(PORTS, wanted)).toBe(index)
  })

  it.each([
    ['VirMIDI', /could be any of .*"Virtual Raw MIDI 0-0:VirMIDI 0-0 16:0", "Virtual Raw MIDI 0-1/],
    ['Keys:Keys MIDI 1', /could be any of .*20:0", ".*24:0/],
    ['in', /could be any/],
    ['Piano', /There is no MIDI port "Piano"; there are: "Midi Through:/],
  ])('"%s" is refused with the list of ports', (wanted, message) => {
    expect(() => matchPort(PORTS, wanted)).toThrow(Refused)
    expect(() => matchPort(PORTS, wanted)).toThrow(message)
  })

  it('is refused in a sentence when there are no ports at all', () => {
    expect(() => matchPort([], 'Piano')).toThrow('nor any other')
  })

  it('for our own port is Rubato, or Rubato 2 and so on beside other instances', () => {
    expect(freeName('Rubato', PORTS)).toBe('Rubato')
    const taken = ['RtMidi Output Client:Rubato 131:0', 'RtMidi Input Client:Rubato in 132:0']
    expect(freeName('Rubato', taken)).toBe('Rubato 2')
    expect(freeName('Rubato', [...taken, 'Rubato 2'])).toBe('Rubato 3')
  })

  it('of our own port is not offered to ourselves, that of another instance is', () => {
    const names = ['RtMidi Output Client:Rubato 1:0', 'RtMidi Input Client:Rubato in 2:0', 'X:Rubato 2 3:0']
    expect(foreignPorts(names, ['Rubato', 'Rubato in'])).toEqual(['X:Rubato 2 3:0'])
  })
})

describe('the list of the sequencer', () => {
  const text = [
    'Client info',
    '  cur  clients : 4',
    'Client 128 : "RtMidi Output Client" [User Legacy]',
    '  Port   0 : "Rubato" (R-e-)',
    '    Connecting To: 130:0, 129:0[ex], 16:0[real:0]',
    '  Output pool :',
    '    Pool size          : 500',
    'Client 129 : "RtMidi Output Client" [User Legacy]',
    '  Port   0 : "Rubato 2" (R-e-)',
    '    Connecting To: 131:0',
    'Client 130 : "aseqdump" [User Legacy]',
    '  Port   0 : "aseqdump" (-We-)',
    '    Connected From: 128:0',
    'Client 131 : "odd "Rubato" one" [User Legacy]',
    '  Port   0 : "x" (R-e-)',
    '    Connecting To: 9:9',
  ].join('\n')

  it('tells what our port is connected to, without the connections of other ports', () => {
    expect(parsePeers(text, 'Rubato', 'Connecting To')).toEqual(['130:0', '129:0', '16:0'])
    expect(parsePeers(text, 'Rubato 2', 'Connecting To')).toEqual(['131:0'])
    expect(parsePeers(text, 'Rubato 3', 'Connecting To')).toEqual([])
    expect(parsePeers('', 'Rubato', 'Connecting To')).toEqual([])
  })
})

describe('what a system lacks is reported with its cure', () => {
  const library = {} as MidiLibrary
  const linux: MidiSystem = {
    platform: 'linux',
    exists: () => true,
    mayUse: () => true,
    load: async () => library,
  }

  it.each([
    ['no sequencer', { exists: () => false }, /\/dev\/snd\/seq is missing.*modprobe snd-seq/],
    ['no permission', { mayUse: () => false }, /usermod -aG audio/],
    [
      'no libasound',
      { load: () => Promise.reject(new Error('libasound.so.2: cannot open')) },
      /apt install libasound2/,
    ],
    ['no addon', { load: () => Promise.reject(new Error('no build\nstack')) }, /can't be loaded: no build$/],
  ])('%s', async (_, lack, message) => {
    const attempt = openMidiLibrary({ ...linux, ...lack })
    await expect(attempt).rejects.toThrow(message)
    await expect(attempt).rejects.toBeInstanceOf(Refused)
  })

  it('the library is loaded where nothing is missing; on systems other than Linux nothing is checked', async () => {
    expect(await openMidiLibrary(linux)).toBe(library)
    expect(await openMidiLibrary({ ...linux, platform: 'darwin', exists: () => false })).toBe(library)
  })

  it('virtual ports are refused on Windows', () => {
    const ports = { inputs: [], outputs: ['loopMIDI Port 1'] }
    expect(() => requireVirtualPorts(ports, 'win32')).toThrow(
      /loopMIDI and give its name with --to \(there are: "loop/,
    )
    expect(() => requireVirtualPorts(ports, 'darwin')).not.toThrow()
  })

  it('without real-time priority the reason is given, and only the mode "on" refuses to play', () => {
    expect(requestRealtime('off')).toEqual({ on: false, reason: 'Real-time priority is switched off.' })
    expect(requestRealtime('auto', 'darwin')).toMatchObject({ on: false, reason: /darwin/ })
    expect(() => requestRealtime('on', 'win32')).toThrow(Refused)
  })
})
