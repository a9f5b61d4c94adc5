import { WebSocket } from 'ws'

/**
 * Runs clients of a server: node web-clients.js ADDRESS COUNT SLEEPERS. The first SLEEPERS of them read nothing. When its
 * parent process sends any message, it reports how many messages the others have received, and ends.
 */
const [address = '', count = '1', sleepers = '0'] = process.argv.slice(2)
/** A paused socket doesn't notice that it was closed: at the end all are resumed and get this long to notice it. */
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
