import type { ControlSurface } from '../engine/surface/surface.js'
import { messageOf } from '../io/error-text.js'
import { packageRoot, packageVersion } from '../io/package-root.js'
import type { RunningServer } from '../server/server.js'
import type { WebAddress } from './options.js'

/** The page and the WebSocket, where they are served. */
export class WebPage {
  #server: RunningServer | undefined

  /** The page's address; null while it isn't served. */
  get url(): string | null {
    return this.#server?.url ?? null
  }

  /** Serves `surface` at an address. Never throws: errors are posted to `notice`. */
  async open(
    surface: ControlSurface,
    { token, ...address }: WebAddress,
    notice: (sentence: string) => void,
  ): Promise<void> {
    try {
      // The server is loaded only here, so that nobody waits for it who doesn't use the page.
      const { startServer } = await import('../server/server.js')
      this.#server = await startServer({
        surface,
        address,
        token,
        root: packageRoot(),
        version: packageVersion(),
        onNotice: notice,
      })
    } catch (error) {
      notice(`${messageOf(error)} Playing on without the page.`)
    }
  }

  async close(): Promise<void> {
    await this.#server?.close()
  }
}
