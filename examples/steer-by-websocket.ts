/**
 * Steers a Rubato that is playing: sets how many notes it plays, plays it a note, and prints what it plays for a while.
 * Run it with `node build/examples/steer-by-websocket.js [ADDRESS] [SECONDS]` beside a Rubato that was started before.
 * All that can be sent is in docs/client-messages.schema.json.
 */
import { WebSocket } from 'ws'

/** The messages that this example reads; a program may ignore all others. */
type ServerMessage =
  | { readonly type: 'hello'; readonly version: string }
  | { readonly type: 'answer' | 'error'; readonly id?: string; readonly reason?: string }
  | { readonly type: 'notes'; readonly sent: readonly { readonly kind: string; readonly pitch?: number }[] }

const address = process.argv[2] ?? 'ws://127.0.0.1:7331'
const seconds = Number(process.argv[3] ?? 5)
const print = (line: string) => process.stdout.write(`${line}\n`)

const socket = new WebSocket(address)
const send = (message: object) => socket.send(JSON.stringify(message))

socket.on('open', () => {
  send({ type: 'set', control: 'density', value: 12, id: 'density' })
  send({ type: 'note-on', pitch: 60, velocity: 80 })
  setTimeout(() => send({ type: 'note-off', pitch: 60 }), 500)
  setTimeout(() => socket.close(), seconds * 1000)
})

socket.on('message', (text) => {
  const message: ServerMessage = JSON.parse(String(text))
  switch (message.type) {
    case 'hello':
      print(`Connected to Rubato ${message.version}.`)
      break
    case 'answer':
      print(`Rubato has set the ${message.id}.`)
      break
    case 'error':
      print(`Rubato refused: ${message.reason}`)
      break
    case 'notes':
      for (const { kind, pitch } of message.sent)
        if (kind === 'note-on') print(`Rubato plays pitch ${pitch}.`)
  }
})

socket.on('error', (error) => {
  process.stderr.write(`There is no Rubato at ${address} (${error.message}); start one with "rubato".\n`)
  process.exitCode = 1
})
