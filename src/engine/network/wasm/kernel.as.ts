/**
 * The inner loops of the LSTM, AssemblyScript compiled to WebAssembly SIMD128 (`npm run build:kernel`; the built
 * kernel.wasm is committed). No state and no allocation of its own: `network.ts` lays out the memory, packs the weights
 * once and passes byte addresses, all multiples of 16. One step of a big network is bound by how fast its weights come
 * from memory, so everything here serves one end: each weight is read once, in the order in which it is stored.
 *
 * A *panel* is 32 columns of a matrix, stored [row][32]: an input is splatted against eight f32x4 accumulators. In
 * a layer's panels the columns are 8 units x 4 gates, [gate i, f, g, o][8 units], so that after its panel the gates of
 * 8 units can be finished. Plain SIMD128 only: relaxed SIMD would round differently from machine to machine.
 *
 * Two *lanes* (two states of the same network) can be stepped in one reading of the weights. The second lane's own blocks
 * are `lane` bytes after those of the first; a `lane` of 0 means that the first lane is stepped alone.
 *
 * The int16 half (`...Int16`) multiplies 16-bit integers instead, two rows at a time, so that a step reads half the
 * bytes; everything but the products and their sums is the same float32 as in the other half.
 */

import { finishPanel } from './gates.as'

/** Columns of a panel x 4 bytes. */
const PANEL_ROW: usize = 128

/**
 * Bytes of a panel that one lane and then the other is multiplied with, before the next: the second finds them in the
 * first-level cache. With half as many the sums go in and out of registers too often (3 % slower), twice as many share
 * the cache with too much else (up to 60 % slower in float32). Multiplying each weight that is loaded with both lanes at
 * once was slower too, by 10 % or more: 16 registers then hold the sums of half a panel only, or of less.
 */
const BLOCK_BYTES: usize = 8192

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

/** `panelSums` of two lanes. The second lane's `start` is `startLane` bytes after the first's; 0 if they share it. */
function panelSumsOfTwo(
  panel: usize, start: usize, startLane: usize, inputs: usize, size: usize, sums: usize, lane: usize,
): void {
  while (size > 0) {
    const rows = min(size, BLOCK_BYTES / PANEL_ROW)
    panelSums(panel, start, inputs, rows, sums)
    panelSums(panel, start + startLane, inputs + lane, rows, sums + lane)
    // The next block continues from these sums, which are float32 in memory as in registers.
    start = sums
    startLane = lane
    panel += rows * PANEL_ROW
    inputs += rows << 2
    size -= rows
  }
}

/** Rows of an int16 panel that are summed before a conversion to float32: four pairs. */
const GROUP_BYTES: usize = 4 * PANEL_ROW

/**
 * sums[32] += inputs[size] * panel[size][32] in int16: the panel is stored [size / 2][32][2], so that one `dot`
 * multiplies a pair of inputs with the pairs of four columns and adds the two products. `size` is a multiple of 8. The
 * sums come from memory even where they are 0: begun with zeros in registers it took a third longer in Node 20 and 22.
 *
 * Nothing can overflow: weights reach at most +-8191 and inputs -32768, so the eight products that are summed as whole
 * numbers stay within 8 * 8191 * 32768 = 2,147,221,504, under 2^31. Only then the sum becomes a float32. Converting
 * every two pairs, or every one, would allow weights to +-16383 or +-32767, but took 3 or 8 % longer; the files' float16
 * has 11 bits in any case, and with these 13 the likelihood of real performances changes by less than 0.00001 nats.
 */
function addPanelInt16(panel: usize, inputs: usize, size: usize, sums: usize): void {
  let s0 = v128.load(sums, 0)
  let s1 = v128.load(sums, 16)
  let s2 = v128.load(sums, 32)
  let s3 = v128.load(sums, 48)
  let s4 = v128.load(sums, 64)
  let s5 = v128.load(sums, 80)
  let s6 = v128.load(sums, 96)
  let s7 = v128.load(sums, 112)
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
  v128.store(sums, s0, 0)
  v128.store(sums, s1, 16)
  v128.store(sums, s2, 32)
  v128.store(sums, s3, 48)
  v128.store(sums, s4, 64)
  v128.store(sums, s5, 80)
  v128.store(sums, s6, 96)
  v128.store(sums, s7, 112)
}

/** The sums of four columns over eight inputs, given as four pairs, and eight rows. */
@inline
function groupSum(panel: usize, x0: v128, x1: v128, x2: v128, x3: v128): v128 {
  const first = i32x4.add(i32x4.dot_i16x8_s(x0, v128.load(panel, 0)), i32x4.dot_i16x8_s(x1, v128.load(panel, 128)))
  const second = i32x4.add(i32x4.dot_i16x8_s(x2, v128.load(panel, 256)), i32x4.dot_i16x8_s(x3, v128.load(panel, 384)))
  return f32x4.convert_i32x4_s(i32x4.add(first, second))
}

/** sums[32] = start[32] + scales[32] * sums[32]. */
function scaleSums(start: usize, scales: usize, sums: usize): void {
  for (const end = sums + PANEL_ROW; sums < end; sums += 16) {
    v128.store(sums, f32x4.add(v128.load(start), f32x4.mul(v128.load(scales), v128.load(sums))))
    start += 16
    scales += 16
  }
}

/** sums[32] = start[32] + scales[32] * (inputs[size] * panel[size][32]), see `addPanelInt16`. */
function panelSumsInt16(panel: usize, scales: usize, start: usize, inputs: usize, size: usize, sums: usize): void {
  memory.fill(sums, 0, PANEL_ROW)
  addPanelInt16(panel, inputs, size, sums)
  scaleSums(start, scales, sums)
}

/** `panelSumsInt16` of two lanes, with `startLane` and `lane` as in `panelSumsOfTwo`. */
function panelSumsOfTwoInt16(
  panel: usize, scales: usize, start: usize, startLane: usize, inputs: usize, size: usize, sums: usize, lane: usize,
): void {
  memory.fill(sums, 0, PANEL_ROW)
  memory.fill(sums + lane, 0, PANEL_ROW)
  while (size > 0) {
    const rows = min(size, BLOCK_BYTES / (PANEL_ROW / 2))
    addPanelInt16(panel, inputs, rows, sums)
    addPanelInt16(panel, inputs + lane, rows, sums + lane)
    panel += rows * (PANEL_ROW / 2)
    inputs += rows << 1
    size -= rows
  }
  scaleSums(start, scales, sums)
  scaleSums(start + startLane, scales, sums + lane)
}

/**
 * to[count] = round(32767 * from[count]) as int16; count a multiple of 8. An h is within +-1. A value outside (possible only
 * in a restored state) becomes the nearest int16, and NaN becomes 0.
 */
function quantize(from: usize, count: usize, to: usize): void {
  for (const end = to + (count << 1); to < end; to += 16) {
    v128.store(to, i16x8.narrow_i32x4_s(toInt(from), toInt(from + 16)))
    from += 32
  }
}

/** `quantize` for one lane, or for both if `lane` isn't 0. */
function quantizeLanes(from: usize, count: usize, to: usize, lane: usize): void {
  quantize(from, count, to)
  if (lane) quantize(from + lane, count, to + lane)
}

@inline
function toInt(from: usize): v128 {
  return i32x4.trunc_sat_f32x4_s(f32x4.nearest(f32x4.mul(f32x4.splat(32767), v128.load(from))))
}

/**
 * One LSTM layer, one step. `weights` [units / 8][size][32], `start` (bias and, in layer 0, the event's row)
 * [units / 8][32], `inputs` [size] whose last `units` are the layer's own previous h, `cell` [units] changed in place,
 * `hidden` [units] for the new h, `sums` [32] scratch. The new h goes elsewhere (into the inputs of the layer above)
 * because later panels still read the old one; it is copied over the old one at the end. `lane`: see above; `startLane`
 * is that of `start`, 0 where the lanes share it.
 */
export function lstmLayer(
  weights: usize, start: usize, startLane: usize, inputs: usize, size: usize,
  cell: usize, hidden: usize, units: usize, sums: usize, lane: usize,
): void {
  const panelBytes = size * PANEL_ROW
  const end = cell + (units << 2)
  let h = hidden
  for (; cell < end; cell += 32) {
    if (lane) {
      panelSumsOfTwo(weights, start, startLane, inputs, size, sums, lane)
      finishPanel(sums + lane, cell + lane, h + lane)
    } else {
      panelSums(weights, start, inputs, size, sums)
    }
    finishPanel(sums, cell, h)
    weights += panelBytes
    start += PANEL_ROW
    h += 32
  }
  replaceHidden(inputs + ((size - units) << 2), hidden, units, lane)
}

/** Copies the new h [units] over the old one, for one lane, or for both if `lane` isn't 0. */
function replaceHidden(old: usize, hidden: usize, units: usize, lane: usize): void {
  memory.copy(old, hidden, units << 2)
  if (lane) memory.copy(old + lane, hidden + lane, units << 2)
}

/**
 * `lstmLayer` with int16 weights [units / 8][size / 2][32][2] and their `scales` [units / 8][32], which hold the 1 /
 * 32767 of the inputs too. `quantized` [size] is scratch, int16: state and inputs stay float32, so that a state saved
 * and restored goes on bit for bit.
 */
export function lstmLayerInt16(
  weights: usize, scales: usize, start: usize, startLane: usize, inputs: usize, size: usize, quantized: usize,
  cell: usize, hidden: usize, units: usize, sums: usize, lane: usize,
): void {
  quantizeLanes(inputs, size, quantized, lane)
  const panelBytes = size * (PANEL_ROW / 2)
  const end = cell + (units << 2)
  let h = hidden
  for (; cell < end; cell += 32) {
    if (lane) {
      panelSumsOfTwoInt16(weights, scales, start, startLane, quantized, size, sums, lane)
      finishPanel(sums + lane, cell + lane, h + lane)
    } else {
      panelSumsInt16(weights, scales, start, quantized, size, sums)
    }
    finishPanel(sums, cell, h)
    weights += panelBytes
    scales += PANEL_ROW
    start += PANEL_ROW
    h += 32
  }
  replaceHidden(inputs + ((size - units) << 2), hidden, units, lane)
}

/** out [panels][32] = bias [panels][32] + inputs [size] * weights [panels][size][32], the bias that of both lanes. */
export function dense(
  weights: usize, bias: usize, inputs: usize, size: usize, out: usize, panels: usize, lane: usize,
): void {
  const panelBytes = size * PANEL_ROW
  for (const end = out + panels * PANEL_ROW; out < end; out += PANEL_ROW) {
    if (lane) panelSumsOfTwo(weights, bias, 0, inputs, size, out, lane)
    else panelSums(weights, bias, inputs, size, out)
    weights += panelBytes
    bias += PANEL_ROW
  }
}

/** `dense` with int16 weights [panels][size / 2][32][2]; `scales` [panels][32] and `quantized` [size] as above. */
export function denseInt16(
  weights: usize, scales: usize, bias: usize, inputs: usize, size: usize, quantized: usize,
  out: usize, panels: usize, lane: usize,
): void {
  quantizeLanes(inputs, size, quantized, lane)
  const panelBytes = size * (PANEL_ROW / 2)
  for (const end = out + panels * PANEL_ROW; out < end; out += PANEL_ROW) {
    if (lane) panelSumsOfTwoInt16(weights, scales, bias, 0, quantized, size, out, lane)
    else panelSumsInt16(weights, scales, bias, quantized, size, out)
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
