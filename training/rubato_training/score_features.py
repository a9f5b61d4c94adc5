"""What the network of expression is told of the notes of a score.

The numbers, their order and their scale must be the same in src/engine/expression/score-features.ts, which says what they are for.
"""

import numpy as np

FEATURES = 24
FAR = 400
BACK = 24
NEAR, WIDE = 100, 400
OPENING = 100


def score_features(onset, pitch, length, opening):
    """[notes, FEATURES] float32 of notes ordered by onset and pitch (integers; times in steps of 10 ms).

    `opening`: for each note its number since the beginning of the piece.
    """
    count = len(onset)
    starts = np.flatnonzero(np.r_[True, onset[1:] != onset[:-1]])
    sizes = np.diff(np.r_[starts, count])
    chord = np.repeat(np.arange(len(starts)), sizes)
    times, top, bottom = onset[starts], pitch[starts + sizes - 1], pitch[starts]
    gap = np.diff(times)
    before, after = np.r_[FAR, gap][chord], np.r_[gap, FAR][chord]
    from_bottom = np.arange(count) - starts[chord]
    from_top = sizes[chord] - 1 - from_bottom
    steps = np.diff(pitch)
    up = np.where(from_top > 0, np.r_[steps, 0], 0)
    down = np.where(from_bottom > 0, np.r_[0, steps], 0)
    above, below, since = _sounding(onset, pitch, length)
    height = (pitch - 64) / 16
    return np.stack([
        height, height * height, _brief(before) - 1, _brief(after) - 1, _brief(length) - 1.5,
        np.minimum(length / after, 4) - 1, np.log2(sizes)[chord] - 0.5,
        from_top == 0, from_bottom == 0, np.minimum(from_top, 4) / 2, np.minimum(from_bottom, 4) / 2,
        up / 12, down / 12,
        (pitch - np.r_[top[:1], top[:-1]][chord]) / 12, (pitch - np.r_[top[1:], top[-1:]][chord]) / 12,
        (pitch - np.r_[bottom[:1], bottom[:-1]][chord]) / 12, (pitch - np.r_[bottom[1:], bottom[-1:]][chord]) / 12,
        np.minimum(above, 6) / 2, above == 0, np.minimum(below, 6) / 2, _brief(since) - 2,
        np.log1p(_within(onset, NEAR)) - 2.5, np.log1p(_within(onset, WIDE)) - 3.5, np.exp(-opening / OPENING),
    ], axis=1).astype(np.float32)


def _brief(time):
    return np.log1p(time / 10)


def _sounding(onset, pitch, length):
    count, end = len(onset), onset + length
    above, below, since = np.zeros(count), np.zeros(count), np.full(count, FAR)
    for back in range(1, min(BACK, count - 1) + 1):
        now, then = slice(back, count), slice(0, count - back)
        sounds = (onset[then] < onset[now]) & (end[then] > onset[now])
        above[now] += sounds & (pitch[then] > pitch[now])
        below[now] += sounds & (pitch[then] < pitch[now])
        again = np.where(pitch[then] == pitch[now], onset[now] - onset[then], FAR)
        since[now] = np.minimum(since[now], again)
    return above, below, since


def _within(onset, window):
    return np.searchsorted(onset, onset + window, side="right") - np.searchsorted(onset, onset - window, side="left")
