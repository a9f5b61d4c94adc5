"""What a network is told for each event of the music to come: the layouts of src/engine/model/conditioning.ts.

`rubato-17`: [0] log2(1 + density) / 5, [1-12] pitch classes, [13] mean velocity / 127, [14-16] 1 where each is given.
`beat-14`: [0] log2(1 + density) / 5, [1] mean velocity / 127, [2-3] 1 where each is given, [4-13] sine and cosine of the
place in the bar, half bar, beat, eighth and sixteenth, always given.
`beat-chord-39`: [0] log2(1 + density) / 5, [1] mean velocity / 127, [2-13] 1 for each pitch class of the chord in force,
[14-25] 1 for its bass, [26-28] 1 where density, velocity and chord are given, [29-38] the place in the bar as above.
Density and velocity look 3 s ahead, pitch classes 5 s, from the moment at which the event is drawn.
"""

import numpy as np

from .chords import in_force

SOON = 300
LATER = 500
SECONDS = 3
BAR = 4 * 48
# Periods in a bar of the phases: bar, half bar, beat, eighth, sixteenth.
PHASE_TURNS = (1, 2, 4, 8, 16)

# For each layout its size, and for each group its columns and the column that says whether it is given.
LAYOUTS = {
    "rubato-17": (17, ((slice(0, 1), 14), (slice(1, 13), 15), (slice(13, 14), 16))),
    "beat-14": (14, ((slice(0, 1), 2), (slice(1, 2), 3))),
    "beat-chord-39": (39, ((slice(0, 1), 26), (slice(1, 2), 27), (slice(2, 26), 28))),
}


def coming(notes, at, layout, chords=None):
    """The vectors [n, size] float32 for events drawn at steps `at` [n] of a performance (STEP_NOTE by start), all given.

    `chords` (CHORD by start): those of the performance, for a layout that has them.
    """
    size, groups = LAYOUTS[layout]
    starts = notes["start"]
    lo = np.searchsorted(starts, at, "left")
    soon = np.searchsorted(starts, at + SOON, "left")
    count = soon - lo
    sums = np.concatenate([[0], np.cumsum(notes["velocity"].astype(np.int64))])
    mean = np.where(count > 0, (sums[soon] - sums[lo]) / np.maximum(count, 1), 0)
    density = np.log2(1 + count / SECONDS) / 5
    vectors = np.zeros((len(at), size), np.float32)
    for _, flag in groups:
        vectors[:, flag] = 1
    vectors[:, 0] = density
    if layout == "rubato-17":
        later = np.searchsorted(starts, at + LATER, "left")
        classes = np.zeros((len(notes) + 1, 12), np.int32)
        np.cumsum(notes["pitch"][:, None] % 12 == np.arange(12), axis=0, out=classes[1:])
        histogram = classes[later] - classes[lo]
        vectors[:, 1:13] = histogram / np.maximum(histogram.sum(1, keepdims=True), 1)
        vectors[:, 13] = mean / 127
    else:
        vectors[:, 1] = mean / 127
        vectors[:, -10:] = phases(at)
    if layout == "beat-chord-39":
        vectors[:, 2:14], vectors[:, 14:26] = in_force(chords, at)
    return vectors


def phases(at):
    """Sine and cosine of the place in the bar at steps `at` [n]: [n, 10]."""
    turns = 2 * np.pi * np.asarray(at)[:, None] * np.array(PHASE_TURNS) / BAR
    return np.stack([np.sin(turns), np.cos(turns)], axis=2).reshape(len(turns), -1)


def withhold(vectors, layout, given):
    """Sets to 0, in place, the groups of `vectors` that aren't `given` (one bool a group), and their flags."""
    for (columns, flag), is_given in zip(LAYOUTS[layout][1], given):
        if not is_given:
            vectors[..., columns] = 0
            vectors[..., flag] = 0
