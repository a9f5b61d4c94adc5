/**
 * The inner loops of the LSTM, AssemblyScript compiled to WebAssembly SIMD128 (`npm run build:kernel`; the built
 * kernel.wasm is committed). No state and no allocation of its own: `network.ts` lays out the memory, packs the weights
 * once and passes byte addresses, all multiples of 16. One step of a big network is bound by how fast its weights come
 * from memory, so everything here serves one end: each weight is read once, in the order in which it lies.
 *
 * A *panel* is 32 columns of a matrix, stored [row][32]: an input is splatted against eight f32x4 accumulators. In
 * a layer's panels the columns are 8 units x 4 gates, [gate i, f, g, o][8 units], so that after its panel the gates of
 * 8 units can be finished. Plain SIMD128 only: relaxed SIMD would round differently from machine to machine.
 *
 * The int16 half (`...Int16`) multiplies 16-bit integers instead, two rows at a time, so that a step reads half the
 * bytes; everything but the products and their sums is the same float32 as in the other half.
 */

/** Columns of a panel x 4 bytes. */
const PANEL_ROW: usize = 128

/**
 * sums[32] = start[32] + inputs[size] * panel[size][32]. A function of its own, not inlined: V8 then keeps everything
 * in registers (inlined it took 15 % longer). The sums go through memory to the gates, once in 512 rows or more.
 */
function panelSums(panel: usize, start: usize, inputs: usize, size: usize, sums: usize): void {
  let s0 = v128.load(start, 0)
  let s1 = v128.load(start, 16)
  let s2 = v128.load(start, 32)
  let s3 = v128.load(start, 48)
  let s4 = v128.load(start, 64)
  let s5 = v128.load(start, 80)
  let s6 = v128.load(start, 96)
  let s7 = v128.load(start, 112)
  const end = inputs + (size << 2)
  for (; inputs < end; inputs += 4) {
    const x = v128.load32_splat(inputs)
    s0 = f32x4.add(s0, f32x4.mul(x, v128.load(panel, 0)))
    s1 = f32x4.add(s1, f32x4.mul(x, v128.load(panel, 16)))
    s2 = f32x4.add(s2, f32x4.mul(x, v128.load(panel, 32)))
    s3 = f32x4.add(s3, f32x4.mul(x, v128.load(panel, 48)))
    s4 = f32x4.add(s4, f32x4.mul(x, v128.load(panel, 64)))
    s5 = f32x4.add(s5, f32x4.mul(x, v128.load(panel, 80)))
    s6 = f32x4.add(s6, f32x4.mul(x, v128.load(panel, 96)))
    s7 = f32x4.add(s7, f32x4.mul(x, v128.load(panel, 112)))
    panel += PANEL_ROW
  }
  v128.store(sums, s0, 0)
  v128.store(sums, s1, 16)
  v128.store(sums, s2, 32)
  v128.store(sums, s3, 48)
  v128.store(sums, s4, 64)
  v128.store(sums, s5, 80)
  v128.store(sums, s6, 96)
  v128.store(sums, s7, 112)
}

/** Rows of an int16 panel that are summed before a conversion to float32: four pairs. */
const GROUP_BYTES: usize = 4 * PANEL_ROW

/**
 * sums[32] = start[32] + scales[32] * (inputs[size] * panel[size][32]) in int16: the panel is stored [size / 2][32][2],
 * so that one `dot` multiplies a pair of inputs with the pairs of four columns and adds the two products. `size` is a
 * multiple of 8.
 *
 * Nothing can overflow: weights reach at most +-8191 and inputs -32768, so the eight products that are summed as whole
 * numbers stay within 8 * 8191 * 32768 = 2,147,221,504, under 2^31. Only then the sum becomes a float32. Converting
 * every two pairs, or every one, would allow weights to +-16383 or +-32767, but took 3 or 8 % longer; the files' float16
 * has 11 bits in any case, and with these 13 the likelihood of real performances changes by less than 0.00001 nats.
 */
function panelSumsInt16(panel: usize, scales: usize, start: usize, inputs: usize, size: usize, sums: usize): void {
  let s0 = f32x4.splat(0)
  let s1 = f32x4.splat(0)
  let s2 = f32x4.splat(0)
  let s3 = f32x4.splat(0)
  let s4 = f32x4.splat(0)
  let s5 = f32x4.splat(0)
  let s6 = f32x4.splat(0)
  let s7 = f32x4.splat(0)
  const end = inputs + (size << 1)
  for (; inputs < end; inputs += 16) {
    const x0 = v128.load32_splat(inputs, 0)
    const x1 = v128.load32_splat(inputs, 4)
    const x2 = v128.load32_splat(inputs, 8)
    const x3 = v128.load32_splat(inputs, 12)
    s0 = f32x4.add(s0, groupSum(panel, x0, x1, x2, x3))
    s1 = f32x4.add(s1, groupSum(panel + 16, x0, x1, x2, x3))
    s2 = f32x4.add(s2, groupSum(panel + 32, x0, x1, x2, x3))
    s3 = f32x4.add(s3, groupSum(panel + 48, x0, x1, x2, x3))
    s4 = f32x4.add(s4, groupSum(panel + 64, x0, x1, x2, x3))
    s5 = f32x4.add(s5, groupSum(panel + 80, x0, x1, x2, x3))
    s6 = f32x4.add(s6, groupSum(panel + 96, x0, x1, x2, x3))
    s7 = f32x4.add(s7, groupSum(panel + 112, x0, x1, x2, x3))
    panel += GROUP_BYTES
  }
  scaleSum(sums, start, scales, s0)
  scaleSum(sums + 16, start + 16, scales + 16, s1)
  scaleSum(sums + 32, start + 32, scales + 32, s2)
  scaleSum(sums + 48, start + 48, scales + 48, s3)
  scaleSum(sums + 64, start + 64, scales + 64, s4)
  scaleSum(sums + 80, start + 80, scales + 80, s5)
  scaleSum(sums + 96, start + 96, scales + 96, s6)
  scaleSum(sums + 112, start + 112, scales + 112, s7)
}

/** Eight inputs with eight rows of four columns. */
@inline
function groupSum(panel: usize, x0: v128, x1: v128, x2: v128, x3: v128): v128 {
  const first = i32x4.add(i32x4.dot_i16x8_s(x0, v128.load(panel, 0)), i32x4.dot_i16x8_s(x1, v128.load(panel, 128)))
  const second = i32x4.add(i32x4.dot_i16x8_s(x2, v128.load(panel, 256)), i32x4.dot_i16x8_s(x3, v128.load(panel, 384)))
  return f32x4.convert_i32x4_s(i32x4.add(first, second))
}

@inline
function scaleSum(to: usize, start: usize, scales: usize, sum: v128): void {
  v128.store(to, f32x4.add(v128.load(start), f32x4.mul(v128.load(scales), sum)))
}

/**
 * to[count] = round(32767 * from[count]) as int16; count a multiple of 8. An h lies within +-1; what lies outside (only
 * a state from elsewhere can) becomes the nearest int16, and NaN 0.
 */
function quantize(from: usize, count: usize, to: usize): void {
  for (const end = to + (count << 1); to < end; to += 16) {
    v128.store(to, i16x8.narrow_i32x4_s(toInt(from), toInt(from + 16)))
    from += 32
  }
}

@inline
function toInt(from: usize): v128 {
  return i32x4.trunc_sat_f32x4_s(f32x4.nearest(f32x4.mul(f32x4.splat(32767), v128.load(from))))
}

/**
 * tanh within 2 units in the last place or so: the rational approximation of Eigen (`ptanh_float`), an odd polynomial
 * of degree 13 over an even one of degree 6. Beyond +-7.9053 tanh is 1 in float32, and the clamp says so.
 */
@inline
function tanh(value: v128): v128 {
  const x = f32x4.max(f32x4.min(value, f32x4.splat(7.90531110763549805)), f32x4.splat(-7.90531110763549805))
  const q = f32x4.mul(x, x)
  let p = f32x4.splat(-2.76076847742355e-16)
  p = f32x4.add(f32x4.mul(p, q), f32x4.splat(2.00018790482477e-13))
  p = f32x4.add(f32x4.mul(p, q), f32x4.splat(-8.60467152213735e-11))
  p = f32x4.add(f32x4.mul(p, q), f32x4.splat(5.12229709037114e-8))
  p = f32x4.add(f32x4.mul(p, q), f32x4.splat(1.48572235717979e-5))
  p = f32x4.add(f32x4.mul(p, q), f32x4.splat(6.37261928875436e-4))
  p = f32x4.add(f32x4.mul(p, q), f32x4.splat(4.89352455891786e-3))
  let d = f32x4.splat(1.19825839466702e-6)
  d = f32x4.add(f32x4.mul(d, q), f32x4.splat(1.18534705686654e-4))
  d = f32x4.add(f32x4.mul(d, q), f32x4.splat(2.268434632439e-3))
  d = f32x4.add(f32x4.mul(d, q), f32x4.splat(4.89352518554385e-3))
  return f32x4.div(f32x4.mul(x, p), d)
}

/** sigmoid(x) = (1 + tanh(x / 2)) / 2. */
@inline
function sigmoid(x: v128): v128 {
  const half = f32x4.splat(0.5)
  return f32x4.add(half, f32x4.mul(half, tanh(f32x4.mul(half, x))))
}

/** Finishes four units of a panel: c' = sigmoid(f) c + sigmoid(i) tanh(g), h' = sigmoid(o) tanh(c'). */
@inline
function finishUnits(sums: usize, cell: usize, hidden: usize): void {
  const i = sigmoid(v128.load(sums, 0))
  const f = sigmoid(v128.load(sums, 32))
  const g = tanh(v128.load(sums, 64))
  const o = sigmoid(v128.load(sums, 96))
  const c = f32x4.add(f32x4.mul(f, v128.load(cell)), f32x4.mul(i, g))
  v128.store(cell, c)
  v128.store(hidden, f32x4.mul(o, tanh(c)))
}

/**
 * One LSTM layer, one step. `weights` [units / 8][size][32], `start` (bias and, in layer 0, the event's row)
 * [units / 8][32], `inputs` [size] whose last `units` are the layer's own previous h, `cell` [units] changed in place,
 * `hidden` [units] for the new h, `sums` [32] scratch. The new h goes elsewhere (into the inputs of the layer above)
 * because later panels still read the old one; it is copied over the old one at the end.
 */
export function lstmLayer(
  weights: usize, start: usize, inputs: usize, size: usize,
  cell: usize, hidden: usize, units: usize, sums: usize,
): void {
  const panelBytes = size * PANEL_ROW
  const end = cell + (units << 2)
  let h = hidden
  for (; cell < end; cell += 32) {
    panelSums(weights, start, inputs, size, sums)
    finishUnits(sums, cell, h)
    finishUnits(sums + 16, cell + 16, h + 16)
    weights += panelBytes
    start += PANEL_ROW
    h += 32
  }
  memory.copy(inputs + ((size - units) << 2), hidden, units << 2)
}

/**
 * `lstmLayer` with int16 weights [units / 8][size / 2][32][2] and their `scales` [units / 8][32], which hold the 1 /
 * 32767 of the inputs too. `quantized` [size] is scratch, int16: state and inputs stay float32, so that a state saved
 * and restored goes on bit for bit.
 */
export function lstmLayerInt16(
  weights: usize, scales: usize, start: usize, inputs: usize, size: usize, quantized: usize,
  cell: usize, hidden: usize, units: usize, sums: usize,
): void {
  quantize(inputs, size, quantized)
  const panelBytes = size * (PANEL_ROW / 2)
  const end = cell + (units << 2)
  let h = hidden
  for (; cell < end; cell += 32) {
    panelSumsInt16(weights, scales, start, quantized, size, sums)
    finishUnits(sums, cell, h)
    finishUnits(sums + 16, cell + 16, h + 16)
    weights += panelBytes
    scales += PANEL_ROW
    start += PANEL_ROW
    h += 32
  }
  memory.copy(inputs + ((size - units) << 2), hidden, units << 2)
}

/** out [panels][32] = bias [panels][32] + inputs [size] * weights [panels][size][32]. */
export function dense(weights: usize, bias: usize, inputs: usize, size: usize, out: usize, panels: usize): void {
  const panelBytes = size * PANEL_ROW
  for (const end = out + panels * PANEL_ROW; out < end; out += PANEL_ROW) {
    panelSums(weights, bias, inputs, size, out)
    weights += panelBytes
    bias += PANEL_ROW
  }
}

/** `dense` with int16 weights [panels][size / 2][32][2]; `scales` [panels][32] and `quantized` [size] as above. */
export function denseInt16(
  weights: usize, scales: usize, bias: usize, inputs: usize, size: usize, quantized: usize,
  out: usize, panels: usize,
): void {
  quantize(inputs, size, quantized)
  const panelBytes = size * (PANEL_ROW / 2)
  for (const end = out + panels * PANEL_ROW; out < end; out += PANEL_ROW) {
    panelSumsInt16(weights, scales, bias, quantized, size, out)
    weights += panelBytes
    scales += PANEL_ROW
    bias += PANEL_ROW
  }
}

/** out [count] = a [count] + scale * b [count]; count a multiple of 4, `out` may be `a`. */
export function addScaled(out: usize, a: usize, b: usize, scale: f32, count: usize): void {
  const s = f32x4.splat(scale)
  for (const end = out + (count << 2); out < end; out += 16) {
    v128.store(out, f32x4.add(v128.load(a), f32x4.mul(s, v128.load(b))))
    a += 16
    b += 16
  }
}
