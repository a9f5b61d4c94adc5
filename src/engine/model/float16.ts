/**
 * The value of a float16 (IEEE 754 binary16: sign, 5 bits of exponent with bias 15, 10 bits of fraction), the form in which
 * weights are stored. Every float16 is exact as a float32.
 */
export function float16ToFloat32(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1
  const exponent = (bits >> 10) & 31
  const fraction = bits & 1023
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1 + fraction / 1024) * 2 ** (exponent - 15)
}

/** The values of all 65,536 float16s, 256 KB, made at the first use. A look-up takes a third of the time of computing a value. */
let table: Float32Array | undefined

/** Writes the values of the float16s in `source` [n] to `target` [n or more]. */
export function float16sToFloat32s(source: Uint16Array, target: Float32Array): void {
  table ??= Float32Array.from({ length: 65536 }, (_, bits) => float16ToFloat32(bits))
  for (let i = 0; i < source.length; i++) target[i] = table[source[i]!]!
}
