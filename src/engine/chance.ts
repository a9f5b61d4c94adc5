/** Finaliser of MurmurHash3 (Appleby, public domain): every input bit reaches every output bit. */
function mix(value: number): number {
  let h = value | 0
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return h ^ (h >>> 16)
}

/**
 * The random number of one draw, from a counter-based generator: a hash of its arguments, not the next number of a stream,
 * so that a rewind has no generator to wind back.
 *
 * @param seed 0 to 2^32 - 1, the user's seed
 * @param run number of the performance since the start (*forget* begins a new one)
 * @param draw number of the draw within the run
 * @param fresh 0 for the first number of the draw; 1, 2, ... for those that replace it once it can't be used any more
 * @returns uniform in [0, 1), 53 bits. Allocates nothing.
 */
export function chance(seed: number, run: number, draw: number, fresh: number): number {
  let a = mix(seed ^ 0x9e3779b9)
  a = mix(a + Math.imul(run, 0x9e3779b1))
  a = mix(a + Math.imul(draw, 0x85ebca77))
  a = mix(a + Math.imul(fresh, 0xc2b2ae3d))
  const b = mix(a ^ 0x27d4eb2f)
  return ((a >>> 5) * 0x4000000 + (b >>> 6)) / 0x20000000000000
}
