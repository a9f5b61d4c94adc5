import { PART_NAMES, type PartName } from '../../engine/controls/parts.js'
import type { Mix } from '../../engine/surface/snapshot.js'

/** Which parts are heard: each can be muted, and one can be heard alone. Tells each part when that changes for it. */
export class Mixer {
  readonly #tell: (part: PartName, isMuted: boolean) => void
  #muted: Readonly<Record<PartName, boolean>> = { piano: false, drums: false }
  #solo: PartName | null = null
  readonly #told: Record<PartName, boolean> = { piano: false, drums: false }

  /** @param tell has a part play on without a sound, or with one again */
  constructor(tell: (part: PartName, isMuted: boolean) => void) {
    this.#tell = tell
  }

  get state(): Pick<Mix, 'muted' | 'solo'> {
    return { muted: this.#muted, solo: this.#solo }
  }

  mute(part: PartName, isMuted: boolean): void {
    this.#muted = { ...this.#muted, [part]: isMuted }
    this.#settle()
  }

  /** Has `part` heard alone; null has all heard again that aren't muted. */
  solo(part: PartName | null): void {
    this.#solo = part
    this.#settle()
  }

  /** A part leaves: when it comes back it is heard, and nothing is muted for its sake. */
  forget(part: PartName): void {
    if (this.#solo === part) this.#solo = null
    this.mute(part, false)
    this.#told[part] = false
  }

  /** A part has come, and plays with a sound so far. */
  welcome(part: PartName): void {
    this.#told[part] = false
    this.#settle()
  }

  #settle(): void {
    for (const part of PART_NAMES) {
      const isSilent = this.#muted[part] || (this.#solo !== null && this.#solo !== part)
      if (isSilent === this.#told[part]) continue
      this.#told[part] = isSilent
      this.#tell(part, isSilent)
    }
  }
}
