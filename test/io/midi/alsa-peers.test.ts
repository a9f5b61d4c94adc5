import { expect, it } from 'vitest'
import { parsePeers } from '../../../src/io/midi/alsa-peers.js'

const CLIENTS = `Client info
Client 128 : "RtMidi Output Client" [User Legacy]
  Port   0 : "Rubato" (R-e-)
    Connecting To: 130:0, 131:2[ex]
Client 129 : "RtMidi Input Client" [User Legacy]
  Port   0 : "Rubato in" (-We-)
    Connected From: 20:0
Client 130 : "Other" [User Legacy]
  Port   0 : "in" (-We-)
    Connected From: 128:0
`

it.each([
  ['Rubato', 'Connecting To', ['130:0', '131:2']],
  ['Rubato', 'Connected From', []],
  ['Rubato in', 'Connected From', ['20:0']],
  ['in', 'Connected From', ['128:0']],
  ['Nothing', 'Connecting To', []],
] as const)('the connections of "%s" (%s) are read from the list', (name, direction, addresses) => {
  expect(parsePeers(CLIENTS, name, direction)).toEqual(addresses)
})
