"""A folder of MIDI files to a dataset: `train.npz` and `validation.npz` of notes, and `dataset.json`.

Notes are kept rather than events, because transposition and stretch change the events. `events` says what the language
is: `performance-388` in steps of 10 ms, or `percussion-388` in steps of 1/48 of a beat and without note-offs.
"""

import csv
import hashlib
import json
import multiprocessing
import os
import sys
from dataclasses import dataclass

import numpy as np

from .language import NOTE, encode, quantize
from .midi import Refused, as_general_midi, read_notes
from .top_line import top_line

LANGUAGES = ("performance-388", "percussion-388")
SPLITS = ("train", "validation")
# One file in so many is for validation where nobody says which: fewer judge badly, more are missed in training.
VALIDATION_SHARE = 10


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

    @property
    def is_percussion(self):
        return self.events == "percussion-388"


def to_events(notes, is_percussion):
    """A performance's notes to (STEP_NOTE, events, clocks). Percussion keeps its place in the bar: its step 0 is a bar's."""
    steps = quantize(notes, 0.0 if is_percussion else None)
    return (steps, *encode(steps, not is_percussion))


def find_files(source):
    """The MIDI files at `source` (a file or a folder with all below it), by name."""
    if os.path.isfile(source):
        return [source]
    found = []
    for folder, folders, files in os.walk(source):
        folders.sort()
        found += [os.path.join(folder, name) for name in sorted(files) if name.lower().endswith((".mid", ".midi"))]
    if not found:
        raise Refused(f"{source} holds no MIDI files (.mid, .midi).")
    return found


def splits_of(files, source, table):
    """Which split each file belongs to: as the CSV `table` says (column split; its test rows are left out), else by its name's hash."""
    if table is None:
        fresh = {path: int(hashlib.sha256(os.path.basename(path).encode()).hexdigest(), 16) for path in files}
        return {path: "train" if fresh[path] % VALIDATION_SHARE else "validation" for path in files}
    with open(table, newline="") as lines:
        rows = {row["midi_filename"]: row for row in csv.DictReader(lines)}
    chosen = {}
    for path in files:
        row = rows.get(os.path.relpath(path, source))
        if row is None or row["split"] not in SPLITS:
            continue
        if row.get("time_signature", "4-4") == "4-4":
            chosen[path] = row["split"]
    return chosen


def _read(job):
    path, is_percussion, is_melody = job
    try:
        notes = read_notes(path, in_beats=is_percussion)
        if is_melody:
            return top_line(notes)
        return as_general_midi(notes) if is_percussion else notes
    except Refused as refused:
        return str(refused)


def tokenize(source, out, events, table=None, validation=None, is_melody=False):
    """Reads the MIDI files of `source` (and of `validation`, a folder of its own) into the dataset folder `out`.

    `is_melody`: nothing but their top lines.
    """
    chosen = splits_of(find_files(source), source, table)
    if validation is not None:
        chosen = dict.fromkeys(chosen, "train") | dict.fromkeys(find_files(validation), "validation")
    is_percussion = events == "percussion-388"
    kept = {split: [] for split in SPLITS}
    with multiprocessing.Pool() as pool:
        jobs = [(path, is_percussion, is_melody) for path in chosen]
        for done, (path, notes) in enumerate(zip(chosen, pool.imap(_read, jobs, 8)), 1):
            if isinstance(notes, str):
                print(notes, file=sys.stderr)
            elif len(notes) > 0:
                kept[chosen[path]].append((os.path.relpath(path, source), notes))
            if sys.stderr.isatty():
                print(f"\r{done}/{len(chosen)} files", end="", file=sys.stderr)
    if sys.stderr.isatty():
        print(file=sys.stderr)
    if not kept["train"]:
        raise Refused("None of the files could be used for training.")
    os.makedirs(out, exist_ok=True)
    counts = {}
    for split, performances in kept.items():
        notes = [notes for _, notes in performances]
        bounds = np.cumsum([0] + [len(each) for each in notes])
        together = np.concatenate(notes) if notes else np.zeros(0, NOTE)
        np.savez(
            os.path.join(out, f"{split}.npz"),
            notes=together,
            bounds=bounds,
            names=np.array([name for name, _ in performances], dtype=str),
        )
        length = sum(len(to_events(each, is_percussion)[1]) for each in notes)
        counts[split] = {"performances": len(notes), "notes": int(bounds[-1]), "events": length}
    with open(os.path.join(out, "dataset.json"), "w") as file:
        json.dump({"events": events, **counts}, file, indent=1)
    return counts


def load(folder):
    """The dataset in `folder`. Raises Refused."""
    try:
        with open(os.path.join(folder, "dataset.json")) as file:
            described = json.load(file)
        splits = []
        for split in SPLITS:
            with np.load(os.path.join(folder, f"{split}.npz")) as arrays:
                splits.append(Split(arrays["notes"], arrays["bounds"], list(arrays["names"])))
    except (OSError, ValueError, KeyError) as error:
        raise Refused(f"{folder} isn't a dataset that `tokenize` wrote ({error}).") from None
    return Dataset(described["events"], *splits)
