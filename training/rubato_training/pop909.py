"""POP909 (Wang et al. 2020, music-x-lab) to performances in beats with their chords.

A song is a folder, NNN/NNN.mid, with annotations beside it. `beat_midi.txt` fits the notes, but counts half as many beats in
some songs, and its bars jump by half of one; `beat_audio.txt` fits less well, but counts the beats and bars that are heard.
So the beats are those of the first, at the rate of the second, which says where bars begin; where it jumps, a song is cut.
"""

import os
import re

import numpy as np

from .chords import CHORD, parse_chord
from .language import NOTE
from .midi import BEAT_MS, read_notes
from .refused import Refused

BAR = 4
# The songs whose number ends in these digits are validation, and kept out of all of it.
VALIDATION_DIGIT, UNREAD_DIGIT = "8", "9"
# The least vector strength of note-ons on sixteenths: below, the beats don't fit, or the song is in triplets.
LEAST_ON_SIXTEENTHS = 0.8
# The least vector strength of the one file's beats on the other's: below, one of them counts another beat.
LEAST_AGREEMENT = 0.7
# The least share of notes that are tones of their chord: below, the chords are another song's. Songs have some 0.86.
LEAST_CHORD_TONES = 0.6
# Shorter pieces of a song, in bars, teach less than the blank state at their beginning confuses.
LEAST_BARS = 16
# Downbeats, on either side, that must outvote one that jumps.
NEIGHBOURS = 3
# Chords change on whole eighths.
CHORD_GRID = 2

_SONG = re.compile(r"(\d{3})[/\\]\1\.mid")


def split_of(name):
    """The split of a file named from POP909's folder; None for one that isn't read."""
    found = _SONG.fullmatch(name)
    if found is None or found[1].endswith(UNREAD_DIGIT):
        return None
    return "validation" if found[1].endswith(VALIDATION_DIGIT) else "train"


def read_song(path):
    """The pieces of the song at `path`: [(NOTE [n], CHORD [m])], times in 1/480 of a beat from the beginning of a bar.

    Raises Refused, naming the file, where its annotations don't agree.
    """
    folder = os.path.dirname(path)
    notes = read_notes(path)
    by_notes, by_ear = (_table(os.path.join(folder, f"beat_{kind}.txt")) for kind in ("midi", "audio"))
    to_beats = _beat_clock(path, by_notes, by_ear)
    starts = to_beats(notes["start"] / 1000)
    if _strength(starts * 4) < LEAST_ON_SIXTEENTHS:
        raise Refused(f"{path}: its notes don't lie on the sixteenths of its beats.")
    heard = to_beats(by_ear[:, 0])
    if _strength(heard) < LEAST_AGREEMENT:
        raise Refused(f"{path}: its two files of beats don't agree.")
    timed = notes.copy()
    timed["start"], timed["end"] = starts * BEAT_MS, to_beats(notes["end"] / 1000) * BEAT_MS
    chords = _chords(os.path.join(folder, "chord_midi.txt"), to_beats)
    downbeats = np.round(heard[by_ear[:, 1] == 1]).astype(int)
    pieces = [_piece(timed, chords, first, last) for first, last in _steady(downbeats)]
    kept = [piece for piece in pieces if piece is not None]
    if not kept:
        raise Refused(f"{path}: nowhere do {LEAST_BARS} bars of four with fitting chords follow each other.")
    return kept


def _table(path):
    try:
        return np.loadtxt(path, ndmin=2)
    except (OSError, ValueError) as error:
        raise Refused(f"{path} can't be read ({error}).") from None


def _beat_clock(path, by_notes, by_ear):
    """From seconds to beats, counted at the rate that is heard."""
    times = by_notes[:, 0]
    if len(times) < 2 * BAR or len(by_ear) < 2 * BAR or np.any(np.diff(times) <= 0):
        raise Refused(f"{path} has too few beats.")
    ratio = np.median(np.diff(times)) / np.median(np.diff(by_ear[:, 0]))
    rate = round(ratio)
    if rate not in (1, 2) or abs(ratio / rate - 1) > 0.1:
        raise Refused(f"{path}: its two files of beats count at {ratio:.2f} times each other's rate.")
    count = np.arange(len(times)) * float(rate)

    def to_beats(seconds):
        before, after = (times[0] - seconds) / (times[1] - times[0]), (seconds - times[-1]) / (times[-1] - times[-2])
        return np.interp(seconds, times, count) - rate * np.maximum(before, 0) + rate * np.maximum(after, 0)

    return to_beats


def _strength(turns):
    """The vector strength of `turns` on whole numbers: 1 where all lie equally, 0 where they are spread."""
    return abs(np.exp(2j * np.pi * turns).mean()) if len(turns) else 0.0


def _chords(path, to_beats):
    try:
        with open(path) as lines:
            rows = [line.split() for line in lines if line.strip()]
        made = np.zeros(len(rows), CHORD)
        for n, (start, _, label) in enumerate(rows):
            made[n] = (float(start), *parse_chord(label))
    except (OSError, ValueError) as error:
        raise Refused(f"{path} can't be read ({error}).") from None
    made["start"] = np.round(to_beats(made["start"]) * CHORD_GRID) / CHORD_GRID * BEAT_MS
    return made[np.argsort(made["start"], kind="stable")]


def _steady(downbeats):
    """The (first, end) beats of the stretches in which downbeats are whole bars apart."""
    phases = downbeats % BAR
    votes = [np.bincount(phases[max(0, n - NEIGHBOURS) : n + NEIGHBOURS + 1], minlength=BAR).argmax() for n in range(len(phases))]
    stretches = []
    for beat, phase, vote in zip(downbeats, phases, votes):
        if phase != vote:
            continue
        if stretches and stretches[-1][0] % BAR == phase and beat - stretches[-1][1] <= 2 * BAR:
            stretches[-1][1] = beat
        else:
            stretches.append([beat, beat])
    return [(first, last + BAR) for first, last in stretches]


def _piece(notes, chords, first, end):
    """The notes and chords from beat `first` to `end`, from the first bar that has notes; None where it is no use."""
    inside = notes[(notes["start"] >= (first - 1 / 96) * BEAT_MS) & (notes["start"] < (end - 1 / 96) * BEAT_MS)].copy()
    if len(inside) == 0:
        return None
    first += int((inside["start"][0] / BEAT_MS - first + 1 / 96) // BAR) * BAR
    if end - first < LEAST_BARS * BAR:
        return None
    origin = first * BEAT_MS
    inside["start"] -= origin
    inside["end"] = np.minimum(inside["end"], end * BEAT_MS) - origin
    within = np.flatnonzero(chords["start"] < end * BEAT_MS)
    from_here = max(0, int(np.searchsorted(chords["start"], origin, "right")) - 1)
    own = chords[from_here : len(within)].copy()
    own["start"] = np.maximum(own["start"] - origin, 0)
    if len(own) == 0 or _moves_on_half_bars(own) or _chord_tones(inside, own) < LEAST_CHORD_TONES:
        return None
    return inside.astype(NOTE), own


def _moves_on_half_bars(chords):
    """Whether more chords begin on third beats than on first ones: then bars are taken to begin in their middle."""
    beats = np.round(chords["start"][1:] / BEAT_MS * CHORD_GRID) / CHORD_GRID % BAR
    return np.count_nonzero(beats == 2) > np.count_nonzero(beats == 0)


def _chord_tones(notes, chords):
    index = np.searchsorted(chords["start"], notes["start"] + BEAT_MS / 8, "right") - 1
    tones = chords["tones"][np.maximum(index, 0)].astype(np.int64)
    has_chord = tones > 0
    is_tone = (tones >> (notes["pitch"] % 12)) & 1
    return is_tone[has_chord].mean() if has_chord.any() else 0.0
