"""A folder of MIDI files to a dataset: `train.npz` and `validation.npz` of notes, and `dataset.json`.

Notes are stored rather than events, because transposition and stretch change the events. `events` names the
language: `performance-388` in steps of 10 ms, or `percussion-388` in steps of 1/48 of a beat and without note-offs. A
dataset with chords names its `conditioning` too: its performances are in steps of 1/48 of a beat.
"""

import hashlib
import io
import json
import multiprocessing
import os
import signal
import sys
import zipfile
import zlib
from dataclasses import dataclass, replace

import numpy as np

from .chords import CHORD
from .kind import DRUMS, POP, Kind, kind_of
from .language import NOTE, encode, quantize
from .midi import as_general_midi, read_notes
from .pop909 import read_song
from .progress import Progress
from .recipe import SPLITS, split_by_hash
from .refused import Refused
from .top_line import top_line
from .whole import write_whole

NO_CHORDS = np.zeros(0, CHORD)


@dataclass
class Split:
    """Performances one after the other: notes (NOTE [n]), the first note of each and the end [p + 1], and their files."""

    notes: np.ndarray
    bounds: np.ndarray
    names: list
    # The chords of the performances, one after the other, and their bounds as for the notes; none for kinds without chords.
    chords: np.ndarray
    chord_bounds: np.ndarray

    def __len__(self):
        return len(self.bounds) - 1

    def performance(self, index):
        return self.notes[self.bounds[index] : self.bounds[index + 1]]

    def chords_of(self, index):
        return self.chords[self.chord_bounds[index] : self.chord_bounds[index + 1]]

    def first(self, count):
        """The split of the first `count` performances."""
        return replace(self, bounds=self.bounds[: count + 1], names=self.names[:count], chord_bounds=self.chord_bounds[: count + 1])


@dataclass
class Dataset:
    kind: Kind
    train: Split
    validation: Split
    # How many performances, notes and events each split has.
    counts: dict

    def digest(self):
        """A hash of the notes and splits: it differs for other music and for other splits of the same music."""
        sums = hashlib.sha256(self.kind.events.encode())
        for split in (self.train, self.validation):
            sums.update(split.bounds.tobytes() + split.notes.tobytes())
            if self.kind.has_chords:
                sums.update(split.chord_bounds.tobytes() + split.chords.tobytes())
        return sums.hexdigest()


def to_events(notes, kind):
    """A performance's notes to (STEP_NOTE, events, clocks). In beats it keeps its place in the bar: its step 0 is a bar's."""
    steps = quantize(notes, kind.origin())
    return (steps, *encode(steps, kind.has_ends))


def _read(job):
    """The pieces of a file, (notes, chords) each, or why it can't be used."""
    path, kind, is_melody = job
    try:
        if kind == POP:
            return read_song(path)
        notes = read_notes(path, in_beats=kind.in_beats)
        if is_melody:
            notes = top_line(notes)
        elif kind == DRUMS:
            notes = as_general_midi(notes)
        return [(notes, NO_CHORDS)] if len(notes) > 0 else []
    except Refused as refused:
        return str(refused)


def tokenize(recipe, out):
    """Reads the MIDI files of `recipe` into the dataset folder `out`. @returns what each split holds"""
    files, made_of = recipe.files(), recipe.described()
    os.makedirs(out, exist_ok=True)
    usable = {}
    progress = Progress("Reading", len(files), "files")
    # The processes of the pool ignore Ctrl-C; this process handles it and ends them.
    with multiprocessing.Pool(initializer=signal.signal, initargs=(signal.SIGINT, signal.SIG_IGN)) as pool:
        jobs = [(path, recipe.kind, recipe.is_melody) for path in files]
        for done, (path, pieces) in enumerate(zip(files, pool.imap(_read, jobs, 8)), 1):
            if isinstance(pieces, str):
                print(pieces, file=sys.stderr)
            elif pieces:
                usable[path] = pieces
            progress.show(done)
    by_hash = split_by_hash([recipe.name(path) for path in usable])
    kept = {split: [] for split in SPLITS}
    for path, pieces in usable.items():
        name = recipe.name(path)
        kept[files[path] or by_hash[name]] += [(name, *piece) for piece in pieces]
    if not kept["train"]:
        raise Refused(f"None of the files in {recipe.source} could be used for training.")
    return _write(out, recipe.kind, kept, made_of)


def _write(out, kind, kept, made_of):
    described = os.path.join(out, "dataset.json")
    # dataset.json is written last. If this is stopped before, the arrays may be of different datasets, and without this file
    # they aren't read.
    if os.path.exists(described):
        os.remove(described)
    counts = {}
    for split, performances in kept.items():
        notes, chords = [notes for _, notes, _ in performances], [chords for _, _, chords in performances]
        bounds = _bounds_of(notes)
        arrays = {"notes": np.concatenate([np.zeros(0, NOTE), *notes]), "bounds": bounds}
        arrays["names"] = np.array([name for name, _, _ in performances], dtype=str)
        if kind.has_chords:
            arrays |= {"chords": np.concatenate([NO_CHORDS, *chords]), "chord_bounds": _bounds_of(chords)}
        content = io.BytesIO()
        np.savez(content, **arrays)
        write_whole(os.path.join(out, f"{split}.npz"), content.getvalue())
        length = sum(len(to_events(each, kind)[1]) for each in notes)
        counts[split] = {"performances": len(notes), "notes": int(bounds[-1]), "events": length}
    layout = {"conditioning": kind.layout} if kind.has_chords else {}
    write_whole(described, json.dumps({"events": kind.events, **layout, **counts, "made_of": made_of}, indent=1))
    return counts


def _bounds_of(arrays):
    return np.cumsum([0] + [len(each) for each in arrays])


def renew(folder, recipe):
    """Makes the dataset `folder` of `recipe` unless it exists and was made of the same files; prints where they differ.

    What the recipe leaves open is taken from the existing dataset.
    """
    before = _described(folder) if os.path.exists(os.path.join(folder, "dataset.json")) else None
    made_of = (before or {}).get("made_of")
    if made_of:
        recipe = replace(
            recipe, table=made_of["table"], is_melody=made_of["is_melody"], validation=recipe.validation or made_of["validation"]
        )
        if recipe.fingerprint() == made_of["fingerprint"]:
            return
    if before:
        print(f"{folder} is made anew: the files in {recipe.source} aren't those that it was made of.", file=sys.stderr)
    tokenize(recipe, folder)


def load(folder):
    """The dataset in `folder`. Raises Refused."""
    described = _described(folder)
    kind = _kind_in(described)
    try:
        splits = []
        for split in SPLITS:
            with np.load(os.path.join(folder, f"{split}.npz")) as arrays:
                notes, bounds, names = arrays["notes"], arrays["bounds"], list(arrays["names"])
                chords, chord_bounds = NO_CHORDS, np.zeros(len(bounds), np.int64)
                if kind.has_chords:
                    chords, chord_bounds = arrays["chords"], arrays["chord_bounds"]
            for array, dtype, ends in ((notes, NOTE, bounds), (chords, CHORD, chord_bounds)):
                if array.dtype != dtype or len(ends) != len(names) + 1 or ends[-1] != len(array):
                    raise ValueError(f"{split}.npz doesn't hold together")
            splits.append(Split(notes, bounds, names, chords, chord_bounds))
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, zlib.error) as error:
        raise _not_a_dataset(folder, error) from None
    return Dataset(kind, *splits, {split: described[split] for split in SPLITS})


def _described(folder):
    try:
        with open(os.path.join(folder, "dataset.json")) as file:
            described = json.load(file)
        _kind_in(described)
        for split in SPLITS:
            if set(described[split]) != {"performances", "notes", "events"}:
                raise ValueError(f"the counts of {split}")
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise _not_a_dataset(folder, error) from None
    return described


def _kind_in(described):
    return kind_of(described["events"], described.get("conditioning"))


def _not_a_dataset(folder, error):
    return Refused(f"{folder} isn't a dataset that `tokenize` wrote whole ({error}): give that command again.")
