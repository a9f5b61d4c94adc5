/** A chunk of a Standard MIDI File: its four letters, its length, its content. */
export function chunk(id: string, content: readonly number[]): number[] {
  const letters = [...id].map((letter) => letter.charCodeAt(0))
  return [...letters, ...[24, 16, 8, 0].map((shift) => (content.length >>> shift) & 0xff), ...content]
}

/** The meta event that ends a track, at once. */
export const END_OF_TRACK = [0, 0xff, 0x2f, 0]
