"""The event language (Simon & Oore 2017, "Performance RNN"): 388 classes, as in src/engine/language/performance.ts.

Time is in milliseconds and steps of 10 ms. For percussion it is the beat: a "millisecond" is then 1/480 of a quarter
note (true milliseconds at 125 beats a minute), so that a step is 1/48 of one.
"""

import numpy as np

EVENT_COUNT = 388
NOTE_ON = 0
NOTE_OFF = 128
TIME_SHIFT = 256
VELOCITY = 356
MAX_SHIFT = 100
# The event that a network is fed before the first event of a performance.
FIRST_INPUT = 355

STEP_MS = 10.0
# Ties are rounded up. Computed times miss a tie by some 1e-12; within this slack, in steps, they count as one.
TIE_SLACK = 1e-6

NOTE = np.dtype([("start", "<f8"), ("end", "<f8"), ("pitch", "u1"), ("velocity", "u1")])
STEP_NOTE = np.dtype([("start", "<i8"), ("end", "<i8"), ("pitch", "u1"), ("velocity", "u1")])


def to_steps(times, origin):
    """Times in ms [n] to whole steps after `origin`, ties up."""
    return np.floor((times - origin) / STEP_MS + 0.5 + TIE_SLACK).astype(np.int64)


def quantize(notes, origin=None):
    """Notes (NOTE [n], any order) on the event clock: STEP_NOTE [m] by start, then pitch.

    Step 0 is `origin`, by default the first note-on. A note lasts at least one step and ends where its pitch is struck
    again; of two strikes of a pitch at one step the louder is kept, with the later end.
    """
    if len(notes) == 0:
        return np.zeros(0, STEP_NOTE)
    first = notes["start"].min() if origin is None else origin
    start = to_steps(notes["start"], first)
    end = np.maximum(start + 1, to_steps(notes["end"], first))
    order = np.lexsort((start, notes["pitch"]))
    start, end = start[order], end[order]
    pitch, velocity = notes["pitch"][order], notes["velocity"][order]

    is_new = np.ones(len(order), bool)
    is_new[1:] = (start[1:] != start[:-1]) | (pitch[1:] != pitch[:-1])
    groups = np.flatnonzero(is_new)
    kept = np.zeros(len(groups), STEP_NOTE)
    kept["start"], kept["pitch"] = start[groups], pitch[groups]
    kept["end"] = np.maximum.reduceat(end, groups)
    kept["velocity"] = np.maximum.reduceat(velocity, groups)
    again = kept["pitch"][1:] == kept["pitch"][:-1]
    kept["end"][:-1][again] = np.minimum(kept["end"][:-1], kept["start"][1:])[again]
    return kept[np.lexsort((kept["pitch"], kept["start"]))]


def encode(notes, has_ends=True):
    """STEP_NOTE [n] to (events [m] int64, the step before each of them [m] int64).

    At one step note-offs come before note-ons, each by pitch; waits over 100 steps are split, the 100s first; a velocity
    comes just before a note-on, only when its bin changes. Without `has_ends` (percussion) there are no note-offs.
    """
    on_key = NOTE_OFF + notes["pitch"].astype(np.int64)
    at = notes["start"]
    key = on_key
    bins = (notes["velocity"].astype(np.int64) - 1 >> 2) + 1
    if has_ends:
        at = np.concatenate([at, notes["end"]])
        key = np.concatenate([key, notes["pitch"].astype(np.int64)])
        bins = np.concatenate([bins, bins])
    order = np.lexsort((key, at))
    at, key, bins = at[order], key[order], bins[order]
    if len(at) == 0:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)

    is_on = key >= NOTE_OFF
    waits = np.diff(at, prepend=0)
    hundreds = np.where(waits > 0, (waits - 1) // MAX_SHIFT, 0)
    shifts = hundreds + (waits > 0)
    on_bins = bins[is_on]
    turns = np.zeros(len(at), np.int64)
    turns[is_on] = np.diff(on_bins, prepend=0) != 0

    last = np.cumsum(shifts + turns + 1) - 1
    events = np.full(last[-1] + 1, TIME_SHIFT + MAX_SHIFT - 1, np.int64)
    events[last] = np.where(is_on, key - NOTE_OFF + NOTE_ON, key + NOTE_OFF)
    turned = turns == 1
    events[last[turned] - 1] = VELOCITY + bins[turned] - 1
    waited = waits > 0
    remainder = (waits - MAX_SHIFT * hundreds)[waited]
    events[(last - turns)[waited] - 1] = TIME_SHIFT + remainder - 1
    return events, clocks(events)


def clocks(events):
    """The step at which each event is drawn, [n]; a time shift is drawn at the step before it."""
    is_shift = (events >= TIME_SHIFT) & (events < VELOCITY)
    lengths = np.where(is_shift, events - TIME_SHIFT + 1, 0)
    return np.cumsum(lengths) - lengths
