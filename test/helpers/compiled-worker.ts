import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'

const folder = fileURLToPath(new URL('../../dist/threads/', import.meta.url))

/** Whether the threads are compiled: tests of threads run the files that ship. */
export const threadsAreBuilt = existsSync(`${folder}stage.js`) && existsSync(`${folder}ear.js`)

/** A note for the titles of tests that are skipped without a build. */
export const BUILD = threadsAreBuilt ? 'built' : 'skipped without dist: npm run build'

/** A worker and all messages it has posted so far. */
export interface TestWorker<Message> {
  readonly worker: Worker
  readonly said: Message[]
  /** Waits for the first message of a kind. Rejects when the worker ends without one. */
  receive<Kind extends Message extends { kind: infer K } ? K : never>(
    kind: Kind,
  ): Promise<Extract<Message, { kind: Kind }>>
  /** Resolves when the thread has ended. */
  readonly ended: Promise<void>
}

/** Starts a compiled thread by name (`stage`, `ear`). */
export function startWorker<Message extends { kind: string }>(
  name: string,
  workerData: unknown,
): TestWorker<Message> {
  const worker = new Worker(`${folder}${name}.js`, { workerData })
  const said: Message[] = []
  let changed = () => {}
  let gone = false
  const ended = new Promise<void>((resolve, reject) => {
    worker.on('error', reject)
    worker.on('exit', () => {
      gone = true
      changed()
      resolve()
    })
  })
  worker.on('message', (message: Message) => {
    said.push(message)
    changed()
  })
  return {
    worker,
    said,
    ended,
    async receive(kind) {
      for (;;) {
        const found = said.find((message) => message.kind === kind)
        // The message was found by its kind, so it has the type of that kind.
        if (found !== undefined) return found as never
        if (gone) throw new Error(`the ${name} ended without "${kind}"; it said ${JSON.stringify(said)}`)
        await new Promise<void>((resolve) => {
          changed = resolve
        })
      }
    },
  }
}
