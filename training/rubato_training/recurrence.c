/*
 * The recurrent part of one LSTM layer over a chunk, forward and backward, on the CPU.
 *
 * [rows, K] x [K, 32] bf16 products with float32 sums: on AMX tiles where the compiler targets them (2 x 2 tiles of sums),
 * else in plain loops that the compiler vectorises. The gates are finished in the same pass, 16 units at a time. Threads
 * share the units; all of them wait for each other once a step, since a step needs the whole h (or all the gates'
 * gradients) of the step before.
 *
 * rows (the batch) is a multiple of 32, units a multiple of 32. Gates in the order i, f, g, o. A panel is 32 columns, as
 * two tiles of 16, its rows in pairs: [K / 32][2 tiles][16 pairs][16 columns][2].
 */
#include <math.h>
#include <omp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#ifdef __SSE__
#include <immintrin.h>
#endif
#ifdef __AMX_BF16__
#include <sys/syscall.h>
#include <unistd.h>
#endif

#define ROWS 32
#define TILE 16
#define PANEL (2 * TILE)
/* Beyond these exp overflows or says nothing new; fast-math doesn't forgive infinities. */
#define STEEPEST 30.0f

typedef uint16_t bf16;

static inline bf16 narrow(float x) {
  uint32_t bits;
  memcpy(&bits, &x, 4);
  return (bf16)((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}
static inline float widen(bf16 x) {
  uint32_t bits = (uint32_t)x << 16;
  float value;
  memcpy(&value, &bits, 4);
  return value;
}
static inline float clamped(float x) { return x < -STEEPEST ? -STEEPEST : x > STEEPEST ? STEEPEST : x; }
static inline float sigmoid(float x) { return 1.0f / (1.0f + expf(-clamped(x))); }
static inline float tangent(float x) { return 2.0f / (1.0f + expf(-2.0f * clamped(x))) - 1.0f; }

/* Whether this machine lets the process use what the code was compiled for: 1, or 0. */
int recurrence_ready(void) {
#ifdef __AMX_BF16__
  /* arch_prctl(ARCH_REQ_XCOMP_PERM, XFEATURE_XTILEDATA): Linux hands out the tiles on request. */
  return syscall(SYS_arch_prctl, 0x1023, 18) == 0;
#else
  return 1;
#endif
}

/* Columns col0.. and col1.. (16 each) of the [depth, *] matrix whose element (k, c) is w[k * row + c * column]. */
static void pack(const float *w, long row, long column, long depth, long col0, long col1, bf16 *out) {
  for (long block = 0; block < depth; block += 32)
    for (int tile = 0; tile < 2; tile++)
      for (int pair = 0; pair < 16; pair++)
        for (int c = 0; c < TILE; c++)
          for (int half = 0; half < 2; half++)
            *out++ = narrow(w[(block + 2 * pair + half) * row + ((tile ? col1 : col0) + c) * column]);
}

/* Gradients fade into numbers so small that each costs a hundred times its time: they are 0 here, and only here. */
static unsigned flush(void) {
#ifdef __SSE__
  const unsigned before = _mm_getcsr();
  _mm_setcsr(before | 0x8040);
  return before;
#else
  return 0;
#endif
}
static void restore(unsigned before) {
#ifdef __SSE__
  _mm_setcsr(before);
#else
  (void)before;
#endif
}

#ifdef __AMX_BF16__
static void prepare(void) {
  /* Anew in each thread and call: oneDNN, called in between, configures them for itself. */
  struct {
    uint8_t palette, start, reserved[14];
    uint16_t bytes[16];
    uint8_t rows[16];
  } config = {.palette = 1};
  for (int tile = 0; tile < 8; tile++) {
    config.bytes[tile] = 64;
    config.rows[tile] = 16;
  }
  _tile_loadconfig(&config);
}
static void finish(void) { _tile_release(); }

/* sums [32][32] = a [32, depth] x panel. */
static void multiply(const bf16 *a, long row, const bf16 *panel, long depth, float *sums) {
  _tile_zero(0);
  _tile_zero(1);
  _tile_zero(2);
  _tile_zero(3);
  for (long k = 0; k < depth; k += 32, panel += 1024) {
    _tile_loadd(4, a + k, row * 2);
    _tile_loadd(6, panel, 64);
    _tile_dpbf16ps(0, 4, 6);
    _tile_loadd(7, panel + 512, 64);
    _tile_dpbf16ps(1, 4, 7);
    _tile_loadd(5, a + 16 * row + k, row * 2);
    _tile_dpbf16ps(2, 5, 6);
    _tile_dpbf16ps(3, 5, 7);
  }
  _tile_stored(0, sums, PANEL * 4);
  _tile_stored(1, sums + TILE, PANEL * 4);
  _tile_stored(2, sums + 16 * PANEL, PANEL * 4);
  _tile_stored(3, sums + 16 * PANEL + TILE, PANEL * 4);
}
#else
static void prepare(void) {}
static void finish(void) {}

static void multiply(const bf16 *a, long row, const bf16 *panel, long depth, float *sums) {
  for (int first = 0; first < ROWS; first += 4) {
    float s[4][PANEL] = {{0}};
    const uint32_t *pairs = (const uint32_t *)panel;
    for (long block = 0; block < depth; block += 32, pairs += 2 * 16 * TILE)
      for (int pair = 0; pair < 16; pair++)
        for (int tile = 0; tile < 2; tile++) {
          const uint32_t *w = pairs + (tile * 16 + pair) * TILE;
          for (int r = 0; r < 4; r++) {
            const float even = widen(a[(first + r) * row + block + 2 * pair]);
            const float odd = widen(a[(first + r) * row + block + 2 * pair + 1]);
            for (int c = 0; c < TILE; c++) {
              const uint32_t low = w[c] << 16, high = w[c] & 0xffff0000u;
              float x, y;
              memcpy(&x, &low, 4);
              memcpy(&y, &high, 4);
              s[r][tile * TILE + c] += even * x + odd * y;
            }
          }
        }
    memcpy(sums + first * PANEL, s, sizeof s);
  }
}
#endif

static void *aligned(size_t bytes) { return aligned_alloc(64, (bytes + 63) & ~(size_t)63); }

/*
 * inputs [steps][rows][4 units] bf16: what comes from below, with the bias. recurrent [4 units][units] float32, as PyTorch
 * has it. h [steps + 1][rows][units] bf16 and c [steps + 1][rows][units] float32, whose first is given. gates
 * [steps][rows][4 units] bf16 gets the gates after their functions, for the way back. 0, or 1 where there is no memory.
 */
int recurrence_forward(long steps, long rows, long units, const bf16 *inputs, const float *recurrent, bf16 *h, float *c,
                       bf16 *gates) {
  const long columns = 4 * units, panel_size = units * PANEL;
  bf16 *panels = aligned(sizeof(bf16) * units * columns);
  if (!panels) return 1;
#pragma omp parallel
  {
    float sums[2][ROWS * PANEL] __attribute__((aligned(64)));
    const unsigned rounding = flush();
    prepare();
#pragma omp for
    for (long u = 0; u < units; u += TILE) {
      pack(recurrent, 1, units, units, u, units + u, panels + u / TILE * 2 * panel_size);
      pack(recurrent, 1, units, units, 2 * units + u, 3 * units + u, panels + (u / TILE * 2 + 1) * panel_size);
    }
    for (long t = 0; t < steps; t++) {
      const bf16 *before = h + t * rows * units;
#pragma omp for schedule(static)
      for (long u = 0; u < units; u += TILE)
        for (long r = 0; r < rows; r += ROWS) {
          for (int half = 0; half < 2; half++)
            multiply(before + r * units, units, panels + (u / TILE * 2 + half) * panel_size, units, sums[half]);
          for (int i = 0; i < ROWS; i++) {
            const long at = (t * rows + r + i) * columns + u, cell = (t * rows + r + i) * units + u;
            const float *first = sums[0] + i * PANEL, *second = sums[1] + i * PANEL;
#pragma omp simd
            for (int j = 0; j < TILE; j++) {
              const float gi = sigmoid(first[j] + widen(inputs[at + j]));
              const float gf = sigmoid(first[TILE + j] + widen(inputs[at + units + j]));
              const float gg = tangent(second[j] + widen(inputs[at + 2 * units + j]));
              const float go = sigmoid(second[TILE + j] + widen(inputs[at + 3 * units + j]));
              const float next = gf * c[cell + j] + gi * gg;
              c[cell + rows * units + j] = next;
              h[cell + rows * units + j] = narrow(go * tangent(next));
              gates[at + j] = narrow(gi);
              gates[at + units + j] = narrow(gf);
              gates[at + 2 * units + j] = narrow(gg);
              gates[at + 3 * units + j] = narrow(go);
            }
          }
        }
    }
    finish();
    restore(rounding);
  }
  free(panels);
  return 0;
}

/*
 * gradients [steps][rows][4 units] bf16 gets those of `inputs`. dh [steps][rows][units] bf16: the loss's of each h. Those
 * of the last h and c beyond dh are 0: chunks are cut there.
 */
int recurrence_backward(long steps, long rows, long units, const float *recurrent, const float *c, const bf16 *gates,
                        const bf16 *dh, bf16 *gradients) {
  const long columns = 4 * units, panel_size = columns * PANEL;
  bf16 *panels = aligned(sizeof(bf16) * units * columns);
  float *back = aligned(sizeof(float) * rows * units), *carry = aligned(sizeof(float) * rows * units);
  if (!panels || !back || !carry) {
    free(panels), free(back), free(carry);
    return 1;
  }
  memset(back, 0, sizeof(float) * rows * units);
  memset(carry, 0, sizeof(float) * rows * units);
#pragma omp parallel
  {
    float sums[ROWS * PANEL] __attribute__((aligned(64)));
    const unsigned rounding = flush();
    prepare();
#pragma omp for
    for (long u = 0; u < units; u += PANEL)
      pack(recurrent, units, 1, columns, u, u + TILE, panels + u / PANEL * panel_size);
    for (long t = steps - 1; t >= 0; t--) {
#pragma omp for schedule(static)
      for (long u = 0; u < units; u += PANEL)
        for (long r = 0; r < rows; r++) {
          const long at = (t * rows + r) * columns + u, cell = (t * rows + r) * units + u, here = r * units + u;
#pragma omp simd
          for (int j = 0; j < PANEL; j++) {
            const float gi = widen(gates[at + j]), gf = widen(gates[at + units + j]);
            const float gg = widen(gates[at + 2 * units + j]), go = widen(gates[at + 3 * units + j]);
            const float squashed = tangent(c[cell + rows * units + j]);
            const float up = widen(dh[cell + j]) + back[here + j];
            const float dc = carry[here + j] + up * go * (1 - squashed * squashed);
            carry[here + j] = dc * gf;
            gradients[at + j] = narrow(dc * gg * gi * (1 - gi));
            gradients[at + units + j] = narrow(dc * c[cell + j] * gf * (1 - gf));
            gradients[at + 2 * units + j] = narrow(dc * gi * (1 - gg * gg));
            gradients[at + 3 * units + j] = narrow(up * squashed * go * (1 - go));
          }
        }
#pragma omp for schedule(static)
      for (long u = 0; u < units; u += PANEL)
        for (long r = 0; r < rows; r += ROWS) {
          multiply(gradients + (t * rows + r) * columns, columns, panels + u / PANEL * panel_size, columns, sums);
          for (int i = 0; i < ROWS; i++) memcpy(back + (r + i) * units + u, sums + i * PANEL, sizeof(float) * PANEL);
        }
    }
    finish();
    restore(rounding);
  }
  free(panels), free(back), free(carry);
  return 0;
}
