import { EventEmitter } from 'node:events'
import { expect, test } from 'vitest'
import type { WebSocket } from 'ws'
import { createClient } from '../../src/server/client.js'
import { fakeSurface } from '../helpers/fake-surface.js'

/** A client over a fake socket whose messages are collected in `told`; its clock doesn't move. */
function connected() {
  const program = fakeSurface()
  const told: { readonly type: string; readonly reason?: string }[] = []
  const state = { pings: 0, closed: 0, terminated: false }
  const socket = Object.assign(new EventEmitter(), {
    OPEN: 1,
    readyState: 1,
    bufferedAmount: 0,
    send: (text: string) => told.push(JSON.parse(text)),
    ping: () => {
      state.pings++
    },
    // The other side never answers the closing handshake.
    close: (code: number) => {
      state.closed ||= code
      socket.readyState = 2
    },
    terminate: () => {
      state.terminated = true
      socket.readyState = 3
    },
  })
  const client = createClient(socket as unknown as WebSocket, { ...program.surface, now: () => 500 })
  const say = (message: unknown) => socket.emit('message', Buffer.from(JSON.stringify(message)), false)
  return { ...program, client, socket, state, told, say }
}

test('binary messages count among the 200 of a second, and far too many end the connection', () => {
  const { socket, state, told } = connected()
  for (let n = 0; n < 5000; n++) socket.emit('message', Buffer.from([1, 2]), true)
  expect(told.filter(({ type }) => type === 'error')).toHaveLength(201)
  expect(state.closed).toBe(1008)
})

test('a client that is disconnected plays nothing more, and its keys are released at once', () => {
  const { client, say, received, asked, state } = connected()
  say({ type: 'note-on', pitch: 60, velocity: 80 })
  for (let n = 0; n < 5000; n++) say({ type: 'nonsense' })
  expect(state.closed).toBe(1008)
  expect(received).toEqual([
    [0x90, 60, 80],
    [0x80, 60, 0],
  ])
  say({ type: 'note-on', pitch: 62, velocity: 80 })
  say({ type: 'panic' })
  expect([received.length, asked.length]).toEqual([2, 0])
  client.check()
  expect(state.terminated).toBe(true)
})

test('a message that is too long releases the keys of its client before the socket is closed', () => {
  const { say, socket, received } = connected()
  say({ type: 'note-on', pitch: 60, velocity: 80 })
  socket.emit('error', new RangeError('Max payload size exceeded'))
  expect(received.at(-1)).toEqual([0x80, 60, 0])
  socket.emit('close')
  expect(received).toHaveLength(2)
})

test('both pedals that hold notes are released when the client is gone', () => {
  const { say, socket, received } = connected()
  say({ type: 'control-change', controller: 64, value: 127 })
  say({ type: 'control-change', controller: 66, value: 127, channel: 2 })
  say({ type: 'control-change', controller: 1, value: 90 })
  socket.emit('close')
  expect(received.slice(3)).toEqual([
    [0xb0, 64, 0],
    [0xb1, 66, 0],
  ])
})

test('a client that leaves three pings unanswered is disconnected, one that answers never is', () => {
  const gone = connected()
  for (let check = 0; check < 3; check++) gone.client.check()
  expect(gone.state).toMatchObject({ pings: 3, terminated: false })
  gone.client.check()
  expect(gone.state.terminated).toBe(true)
  const there = connected()
  for (let check = 0; check < 100; check++) {
    there.client.check()
    there.socket.emit('pong')
  }
  expect(there.state).toMatchObject({ pings: 100, terminated: false })
})

test('a client that reads slowly misses messages, and is told how many when it reads again', () => {
  const { client, socket, told } = connected()
  socket.bufferedAmount = 300_000
  for (let n = 0; n < 7; n++) client.offer('{"type":"snapshot"}')
  expect(told).toEqual([])
  socket.bufferedAmount = 0
  client.offer('{"type":"snapshot"}')
  expect(told).toEqual([{ type: 'missed', messages: 7 }, { type: 'snapshot' }])
})

test('a client that goes on asking and never reads the answers is disconnected, even if it answers pings', () => {
  const { say, socket, state, told } = connected()
  socket.bufferedAmount = 1_000_000
  say({ type: 'ping', t: 1 })
  expect([told.length, state.terminated]).toEqual([0, true])
})
