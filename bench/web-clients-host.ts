import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** The counts that the process of the clients reports. */
interface ClientsReport {
  readonly messages: number
  /** How many clients the server disconnected. */
  readonly closed: number
}

type FromChild = { readonly kind: 'open' } | ({ readonly kind: 'report' } & ClientsReport)

/**
 * Starts `count` clients of the server at `url` in a process of their own; the first `sleepers` of them read nothing.
 * @returns a function that stops them and gives their report.
 */
export async function startClients(
  url: string,
  count: number,
  sleepers: number,
): Promise<() => Promise<ClientsReport>> {
  const program = fileURLToPath(new URL('./web-clients.js', import.meta.url))
  const child = fork(program, [url.replace('http', 'ws'), String(count), String(sleepers)])
  let opened = 0
  let answer: (report: ClientsReport) => void = () => {}
  await new Promise<void>((resolve, reject) => {
    child.once('exit', () => reject(new Error('The process of the clients ended.')))
    child.on('message', (message) => {
      const said = message as FromChild
      if (said.kind === 'report') answer(said)
      else if (++opened === count) resolve()
    })
  })
  return () =>
    new Promise((resolve) => {
      answer = resolve
      child.send('stop')
    })
}
