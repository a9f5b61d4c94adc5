import { snapped } from '../../engine/controls/control-steps.js'
import { CONTROLS } from '../../engine/controls/controls.js'
import type { Snapshot } from '../../engine/surface/snapshot.js'
import { type LinkOptions, type LinkPeer, openLink } from '../../io/link/link-peer.js'
import type { Clock } from '../clock.js'
import type { AppOptions } from '../options.js'
import type { Performers } from '../parts/performers.js'

interface LinkBandOptions {
  /** Joins Link. */
  readonly open: (options: Pick<LinkOptions, 'tempo' | 'onChange' | 'onStartStop'>) => LinkPeer
  readonly performers: Performers
  /** The pianist's last snapshot; undefined before the first. */
  readonly snapshot: () => Pick<Snapshot, 'controls' | 'stopped'> | undefined
  /** The control *tempo* at the start. */
  readonly tempo: number
  readonly now: Clock['now']
}

/**
 * Has the performers play in a Link session: they get its beat; its tempo becomes the control's, and the control's, set
 * here, the session's; who starts or stops the song starts or stops the music, and the other way round. Never throws.
 */
export class LinkBand {
  readonly #options: LinkBandOptions
  readonly #link: LinkPeer
  /** The tempo in the snapshot that was looked at last. */
  #seenTempo: number
  /** The value of the control that is in agreement with the session: it was set here, or asked for by the session. */
  #agreedTempo: number
  /** Whether the music played in the snapshot that was looked at last. */
  #wasPlaying = false

  constructor(options: LinkBandOptions) {
    const { open, performers, tempo } = options
    this.#options = options
    this.#seenTempo = tempo
    this.#agreedTempo = tempo
    this.#link = open({
      tempo,
      onChange: () => this.#follow(),
      // Told again, neither does anything. Both are told: the last snapshot may not show what was asked for a moment ago.
      onStartStop: (isPlaying) => performers.send({ type: isPlaying ? 'play' : 'pause' }, 'band'),
    })
    this.#follow()
  }

  /** How many others are in the session; null while there is no network. */
  get peers(): number | null {
    return this.#link.peers
  }

  /** Tells the performers the beat, and the session what has changed here. Call this some times a second. */
  sync(): void {
    this.#lead()
    this.#follow()
  }

  /** Leaves the session. May be called while the process ends. */
  close(): void {
    this.#link.close()
  }

  /** Tells the session what was changed here. */
  #lead(): void {
    const snapshot = this.#options.snapshot()
    if (!snapshot) return
    const { tempo } = snapshot.controls
    if (tempo !== this.#seenTempo) {
      this.#seenTempo = tempo
      if (tempo !== this.#agreedTempo) {
        this.#agreedTempo = tempo
        this.#link.setTempo(tempo)
      }
    }
    const isPlaying = !snapshot.stopped
    if (isPlaying === this.#wasPlaying) return
    this.#wasPlaying = isPlaying
    if (isPlaying !== this.#link.isPlaying) this.#link.setPlaying(isPlaying)
  }

  /** Tells the performers where the song of the session is, and sets their tempo to its tempo. */
  #follow(): void {
    const { performers, now } = this.#options
    performers.tellBeat(this.#link.song(now()))
    // A session may be faster than the control can say, or between its steps; the beat keeps to the session in any case.
    const tempo = snapped(CONTROLS.tempo, this.#link.tempo)
    if (tempo === this.#agreedTempo) return
    this.#agreedTempo = tempo
    performers.send({ type: 'set', control: 'tempo', value: tempo }, 'band')
  }
}

/** Joins Link where the options ask for it; null where they don't. */
export function joinLink(
  { sync, controls }: Pick<AppOptions, 'sync' | 'controls'>,
  performers: Performers,
  snapshot: LinkBandOptions['snapshot'],
  { now, every }: Clock,
  notice: (sentence: string) => void,
): LinkBand | null {
  if (sync !== 'link') return null
  const open: LinkBandOptions['open'] = (options) => openLink({ ...options, now, every, notice })
  return new LinkBand({ open, performers, snapshot, tempo: controls.tempo, now })
}
