"""The melody of a performance: what is struck above all that sounds, as bench/melody.ts has it."""

import numpy as np

# From middle C up: below it the left hand plays alone.
LOWEST = 60
# A new note within so many ms of the last one is of the same chord: its top alone is melody.
CHORD_MS = 30.0


def top_line(notes):
    """NOTE [n] by start to the notes of its top line, each ended where the next begins."""
    line = []
    for note in notes:
        if note["pitch"] < LOWEST:
            continue
        last = line[-1] if line else None
        if last is not None and note["start"] - last["start"] < CHORD_MS:
            if note["pitch"] > last["pitch"]:
                line[-1] = note
        elif last is None or last["end"] <= note["start"] or last["pitch"] <= note["pitch"]:
            line.append(note)
    made = np.array(line, notes.dtype)
    if len(made) > 1:
        made["end"][:-1] = np.minimum(made["end"][:-1], made["start"][1:])
    return made
