"""Chords over a performance in beats: when each begins, its pitch classes and its bass."""

import re

import numpy as np

from .language import STEP_MS

# `start` as a note's; `tones`: bit n is pitch class n; `bass`: a pitch class. No chord has no tones and NO_BASS.
CHORD = np.dtype([("start", "<f8"), ("tones", "<u2"), ("bass", "i1")])
NO_BASS = -1

_LETTERS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
_ACCIDENTALS = {"": 0, "#": 1, "b": -1}
# Semitones above the root of the qualities that POP909's annotations name (Harte's syntax).
_QUALITIES = {
    "maj": (0, 4, 7), "min": (0, 3, 7), "dim": (0, 3, 6), "aug": (0, 4, 8), "sus2": (0, 2, 7), "sus4": (0, 5, 7),
    "sus4(b7)": (0, 5, 7, 10), "7": (0, 4, 7, 10), "maj7": (0, 4, 7, 11), "min7": (0, 3, 7, 10), "minmaj7": (0, 3, 7, 11),
    "maj6": (0, 4, 7, 9), "min6": (0, 3, 7, 9), "dim7": (0, 3, 6, 9), "hdim7": (0, 3, 6, 10),
}
_DEGREES = {"1": 0, "2": 2, "3": 4, "4": 5, "5": 7, "6": 9, "7": 11}
_LABEL = re.compile(r"([A-G])([#b]?):([^/]+)(?:/([#b]?)([1-7]))?")


def parse_chord(label):
    """A label such as `C#:min7/b7` as (tones, bass); `N` is no chord. Raises ValueError."""
    if label == "N":
        return 0, NO_BASS
    found = _LABEL.fullmatch(label)
    if found is None or found[3] not in _QUALITIES:
        raise ValueError(f"the chord {label}")
    root = (_LETTERS[found[1]] + _ACCIDENTALS[found[2]]) % 12
    bass = root
    if found[5]:
        degree = _DEGREES[found[5]] + _ACCIDENTALS[found[4]]
        # A major seventh below a dominant chord is written /7 as well: the chord's own seventh is meant.
        own = _QUALITIES[found[3]]
        if not found[4] and degree not in own and degree - 1 in own:
            degree -= 1
        bass = (root + degree) % 12
    tones = sum(1 << (root + each) % 12 for each in _QUALITIES[found[3]])
    return tones | 1 << bass, bass


def transposed(chords, semitones):
    """Chords [n] moved by semitones of either sign."""
    up = semitones % 12
    moved = chords.copy()
    tones = chords["tones"].astype(np.int64) << up
    moved["tones"] = (tones | tones >> 12) & 0xFFF
    moved["bass"] = np.where(chords["bass"] == NO_BASS, NO_BASS, (chords["bass"] + up) % 12)
    return moved


def in_force(chords, at):
    """What is in force at steps `at` [n]: tones [n, 12] of 0 and 1, and bass [n, 12] with one 1 or none."""
    starts = np.floor(chords["start"] / STEP_MS + 0.5)
    index = np.searchsorted(starts, at, "right") - 1
    is_before = index < 0
    tones = np.where(is_before, 0, chords["tones"][index]).astype(np.int64)
    bass = np.where(is_before, NO_BASS, chords["bass"][index])
    classes = np.arange(12)
    return (tones[:, None] >> classes) & 1, bass[:, None] == classes
