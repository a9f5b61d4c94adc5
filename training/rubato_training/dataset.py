"""A folder of MIDI files to a dataset: `train.npz` and `validation.npz` of notes, and `dataset.json`.

Notes are stored rather than events, because transposition and stretch change the events. `events` names the
language: `performance-388` in steps of 10 ms, or `percussion-388` in steps of 1/48 of a beat and without note-offs.
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

from .language import NOTE, encode, quantize
from .midi import as_general_midi, read_notes
from .progress import Progress
from .recipe import SPLITS, split_by_hash
from .refused import Refused
from .top_line import top_line
from .whole import write_whole

LANGUAGES = ("performance-388", "percussion-388")


@dataclass
class Split:
    """Performances one after the other: notes (NOTE [n]), the first note of each and the end [p + 1], and their files."""

    notes: np.ndarray
    bounds: np.ndarray
    names: list

    def __len__(self):
        return len(self.bounds) - 1

    def performance(self, index):
        return self.notes[self.bounds[index] : self.bounds[index + 1]]


@dataclass
class Dataset:
    events: str
    train: Split
    validation: Split
    # How many performances, notes and events each split has.
    counts: dict

    @property
    def is_percussion(self):
        return self.events == "percussion-388"

    def digest(self):
        """A hash of the notes and splits: it differs for other music and for other splits of the same music."""
        sums = hashlib.sha256(self.events.encode())
        for split in (self.train, self.validation):
            sums.update(split.bounds.tobytes() + split.notes.tobytes())
        return sums.hexdigest()


def to_events(notes, is_percussion):
    """A performance's notes to (STEP_NOTE, events, clocks). Percussion keeps its place in the bar: its step 0 is a bar's."""
    steps = quantize(notes, 0.0 if is_percussion else None)
    return (steps, *encode(steps, not is_percussion))


def _read(job):
    path, is_percussion, is_melody = job
    try:
        notes = read_notes(path, in_beats=is_percussion)
        if is_melody:
            return top_line(notes)
        return as_general_midi(notes) if is_percussion else notes
    except Refused as refused:
        return str(refused)


def tokenize(recipe, out):
    """Reads the MIDI files of `recipe` into the dataset folder `out`. @returns what each split holds"""
    files, made_of = recipe.files(), recipe.described()
    os.makedirs(out, exist_ok=True)
    is_percussion = recipe.events == "percussion-388"
    usable = {}
    progress = Progress("Reading", len(files), "files")
    # The processes of the pool ignore Ctrl-C; this process handles it and ends them.
    with multiprocessing.Pool(initializer=signal.signal, initargs=(signal.SIGINT, signal.SIG_IGN)) as pool:
        jobs = [(path, is_percussion, recipe.is_melody) for path in files]
        for done, (path, notes) in enumerate(zip(files, pool.imap(_read, jobs, 8)), 1):
            if isinstance(notes, str):
                print(notes, file=sys.stderr)
            elif len(notes) > 0:
                usable[path] = notes
            progress.show(done)
    by_hash = split_by_hash([recipe.name(path) for path in usable])
    kept = {split: [] for split in SPLITS}
    for path, notes in usable.items():
        name = recipe.name(path)
        kept[files[path] or by_hash[name]].append((name, notes))
    if not kept["train"]:
        raise Refused(f"None of the files in {recipe.source} could be used for training.")
    return _write(out, recipe.events, kept, made_of)


def _write(out, events, kept, made_of):
    described = os.path.join(out, "dataset.json")
    # dataset.json is written last. If this is stopped before, the arrays may be of different datasets, and without this file
    # they aren't read.
    if os.path.exists(described):
        os.remove(described)
    counts = {}
    for split, performances in kept.items():
        notes = [notes for _, notes in performances]
        bounds = np.cumsum([0] + [len(each) for each in notes])
        names = np.array([name for name, _ in performances], dtype=str)
        content = io.BytesIO()
        np.savez(content, notes=np.concatenate(notes) if notes else np.zeros(0, NOTE), bounds=bounds, names=names)
        write_whole(os.path.join(out, f"{split}.npz"), content.getvalue())
        length = sum(len(to_events(each, events == "percussion-388")[1]) for each in notes)
        counts[split] = {"performances": len(notes), "notes": int(bounds[-1]), "events": length}
    write_whole(described, json.dumps({"events": events, **counts, "made_of": made_of}, indent=1))
    return counts


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
    try:
        splits = []
        for split in SPLITS:
            with np.load(os.path.join(folder, f"{split}.npz")) as arrays:
                notes, bounds, names = arrays["notes"], arrays["bounds"], list(arrays["names"])
            if notes.dtype != NOTE or len(bounds) != len(names) + 1 or bounds[-1] != len(notes):
                raise ValueError(f"{split}.npz doesn't hold together")
            splits.append(Split(notes, bounds, names))
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, zlib.error) as error:
        raise _not_a_dataset(folder, error) from None
    return Dataset(described["events"], *splits, {split: described[split] for split in SPLITS})


def _described(folder):
    try:
        with open(os.path.join(folder, "dataset.json")) as file:
            described = json.load(file)
        if described["events"] not in LANGUAGES:
            raise ValueError(f"events {described['events']}")
        for split in SPLITS:
            if set(described[split]) != {"performances", "notes", "events"}:
                raise ValueError(f"the counts of {split}")
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise _not_a_dataset(folder, error) from None
    return described


def _not_a_dataset(folder, error):
    return Refused(f"{folder} isn't a dataset that `tokenize` wrote whole ({error}): give that command again.")
