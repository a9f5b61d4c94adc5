"""The melody of a performance: the notes that start above everything that sounds, as in bench/melody.ts."""

import numpy as np

# Only notes from middle C up count, because below it the left hand plays alone.
LOWEST = 60
# Notes that start within this many ms of each other are a chord, of which only the highest is melody.
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
