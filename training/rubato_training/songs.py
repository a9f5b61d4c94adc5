"""The performances of a dataset in beats as MIDI files: a quarter note is a beat, bars of four begin at 0, chords lie beside."""

import json
import os

import mido

from .language import STEP_MS, quantize
from .midi import BEAT_MS
from .refused import Refused
from .whole import write_whole

STEPS_PER_BEAT = round(BEAT_MS / STEP_MS)
# At this tempo the times of the file are those of the language (language.py): 125 beats a minute.
TEMPO = round(BEAT_MS * 1000)


def write_songs(dataset, split, out):
    """Writes NAME.mid, and NAME.chords.json where there are chords, into the folder `out`. @returns how many

    The chords are [[beat, bits of the pitch classes, bass or -1], ...].
    """
    if not dataset.kind.in_beats:
        raise Refused("Only music in beats (`tokenize --pop` or `--drums`) has bars that a MIDI file could keep.")
    os.makedirs(out, exist_ok=True)
    pieces = {}
    for index, name in enumerate(split.names):
        stem = os.path.splitext(os.path.basename(name))[0]
        pieces[stem] = pieces.get(stem, 0) + 1
        place = os.path.join(out, stem if pieces[stem] == 1 else f"{stem}.{pieces[stem]}")
        _midi(split.performance(index)).save(place + ".mid")
        if dataset.kind.has_chords:
            chords = [[start / BEAT_MS, int(tones), int(bass)] for start, tones, bass in split.chords_of(index).tolist()]
            write_whole(place + ".chords.json", json.dumps(chords))
    return len(split)


def _midi(notes):
    edges = []
    # Of notes that overlap at one pitch a file can't say which one ends.
    for start, end, pitch, velocity in quantize(notes, 0.0).tolist():
        edges.append((start, 1, mido.Message("note_on", note=pitch, velocity=velocity)))
        edges.append((end, 0, mido.Message("note_off", note=pitch)))
    file = mido.MidiFile(ticks_per_beat=STEPS_PER_BEAT)
    track = file.add_track()
    track.append(mido.MetaMessage("set_tempo", tempo=TEMPO))
    now = 0
    for step, _, message in sorted(edges, key=lambda edge: edge[:2]):
        track.append(message.copy(time=step - now))
        now = step
    return file
