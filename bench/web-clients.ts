import { WebSocket } from 'ws'

/**
 * Clients of a running server, in a process of their own: node web-clients.js ADDRESS COUNT SLEEPERS. The first SLEEPERS
 * of them read nothing. Reports to its parent, when told to stop, how much the others were told.
 */
const [address = '', count = '1', sleepers = '0'] = process.argv.slice(2)
/** A socket that isn't read doesn't see its own end: at the end all are read again, and get this long to see it. */
const WAKE_MS = 500

const sockets: WebSocket[] = []
let messages = 0
let closed = 0
for (let n = 0; n < Number(count); n++) {
  const socket = new WebSocket(address)
  sockets.push(socket)
  socket.on('message', () => {
    messages++
  })
  socket.on('open', () => {
    if (n < Number(sleepers)) socket.pause()
    process.send?.({ kind: 'open' })
  })
  socket.on('close', () => {
    closed++
  })
  socket.on('error', () => {})
}
process.on('message', () => {
  const told = messages
  for (const socket of sockets) socket.resume()
  setTimeout(() => process.send?.({ kind: 'report', messages: told, closed }, () => process.exit(0)), WAKE_MS)
})
