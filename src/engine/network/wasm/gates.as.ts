/** Computes an LSTM's new state from the sums of its gates, in SIMD128; part of kernel.as.ts. */

/**
 * tanh to about 2 units in the last place: the rational approximation of Eigen (`ptanh_float`), an odd polynomial of degree
 * 13 over an even one of degree 6. Beyond +-7.9053 tanh is +-1 in float32, so `x` is clamped there.
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

/** Finishes the eight units of a panel from its sums [32], see kernel.as.ts; `cell` [8] is changed, `hidden` [8] written. */
export function finishPanel(sums: usize, cell: usize, hidden: usize): void {
  finishUnits(sums, cell, hidden)
  finishUnits(sums + 16, cell + 16, hidden + 16)
}
