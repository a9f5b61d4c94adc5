import type { ControllerMessage, Encoding, Source } from './bindings.js'

/** The greatest value of 14 bits, which a pitch bend and a pair of controllers have. */
const MOST_14_BITS = 16_383

/** The upper seven bits of a 14-bit controller, and whether lower bits followed the upper bits before these. */
interface UpperBits {
  readonly value: number
  readonly hasLower: boolean
}

/** Reads the positions of knobs and faders; remembers the upper bits of 14-bit controllers between messages. */
export class SourcePositions {
  readonly #uppers = new Map<string, UpperBits>()

  /**
   * The position 0-1 to which `message` has moved `source`; undefined if the message is of another source or doesn't
   * complete a position.
   */
  position(source: Source, message: ControllerMessage): number | undefined {
    if (source.kind === 'bend') return message.kind === 'bend' ? message.value / MOST_14_BITS : undefined
    if (message.kind !== 'cc') return undefined
    if (source.kind === 'cc')
      return message.controller === source.controller ? message.value / 127 : undefined
    return source.kind === 'cc14' ? this.#pairPosition(source.controller, message) : undefined
  }

  #pairPosition(
    upper: number,
    { channel, controller, value }: Extract<ControllerMessage, { kind: 'cc' }>,
  ): number | undefined {
    const key = `${channel} ${upper}`
    const before = this.#uppers.get(key)
    if (controller === upper) {
      this.#uppers.set(key, { value, hasLower: false })
      // A device that sends lower bits sends them right after the upper ones. Without waiting for the lower bits, a
      // fader that moves evenly would flutter. If a device has never sent lower bits, its upper bits are the
      // position.
      return before?.hasLower ? undefined : value / 127
    }
    if (controller !== upper + 32 || before === undefined) return undefined
    this.#uppers.set(key, { value: before.value, hasLower: true })
    return (128 * before.value + value) / MOST_14_BITS
  }
}

/** Whether `message` strikes the key, or is the program change, that `source` names. */
export function isStruck(source: Source, message: ControllerMessage): boolean {
  if (source.kind === 'note') return message.kind === 'note-on' && message.pitch === source.pitch
  return source.kind === 'program' && message.kind === 'program' && message.number === source.number
}

/** The number of detents that an endless encoder was turned by, above 0 to the right. */
export function detentsOf(value: number, encoding: Encoding): number {
  switch (encoding) {
    case 'twos-complement':
      return value < 64 ? value : value - 128
    case 'offset-64':
      return value - 64
    case 'sign-magnitude':
      return value < 64 ? value : 64 - value
  }
}

/**
 * The messages that make a motor fader, a ring of lights or a button's light show `share` (0-1). None for encoders,
 * which have no position, and for program changes.
 */
export function feedbackFor(source: Source, share: number): ControllerMessage[] {
  const channel = source.channel ?? 0
  switch (source.kind) {
    case 'cc':
      return source.relative
        ? []
        : [{ kind: 'cc', channel, controller: source.controller, value: Math.round(127 * share) }]
    case 'cc14': {
      const value = Math.round(MOST_14_BITS * share)
      return [
        { kind: 'cc', channel, controller: source.controller, value: value >> 7 },
        { kind: 'cc', channel, controller: source.controller + 32, value: value & 0x7f },
      ]
    }
    case 'bend':
      return [{ kind: 'bend', channel, value: Math.round(MOST_14_BITS * share) }]
    case 'note':
      return share > 0.5
        ? [{ kind: 'note-on', channel, pitch: source.pitch, velocity: 127 }]
        : [{ kind: 'note-off', channel, pitch: source.pitch }]
    case 'program':
      return []
  }
}
