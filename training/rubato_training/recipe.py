"""What a dataset is made of: MIDI files, the split that each belongs to, and whether the files have changed."""

from __future__ import annotations

import csv
import hashlib
import json
import os
from dataclasses import dataclass
from pathlib import Path

from .kind import POP, Kind
from .pop909 import split_of
from .refused import Refused

SPLITS = ("train", "validation")
# One file in this many is for validation where the user chooses none. A larger number leaves too few files to judge by; a
# smaller one takes more of them from training.
VALIDATION_SHARE = 10


@dataclass
class Recipe:
    """The folder of files, their kind, and the source of the split: a CSV table, a folder of validation files, or chance.

    POP909 has a split of its own (pop909.py).
    """

    source: str
    kind: Kind
    table: str | None = None
    validation: str | None = None
    # Whether only the top lines of the files are learned.
    is_melody: bool = False

    def files(self):
        """The files by name (relative to the source), and the split each is put in; None where `split_by_hash` is to say."""
        files = {path: None for path in find_files(self.source)}
        if self.kind == POP:
            return _songs(files, self)
        if self.table is not None:
            files = _by_table(files, self.source, self.table)
        if self.validation is not None:
            judges = find_files(self.validation)
            # The folder of validation files may lie inside the source.
            real = {os.path.realpath(path) for path in judges}
            files = {path: "train" for path in files if os.path.realpath(path) not in real} | dict.fromkeys(judges, "validation")
            if "train" not in files.values():
                raise Refused(f"All files of {self.source} are in {self.validation} too: none is left to train on.")
        return files

    def name(self, path):
        base = os.path.dirname(self.source) if os.path.isfile(self.source) else self.source
        return Path(os.path.relpath(path, base or ".")).as_posix()

    def fingerprint(self):
        """A text that differs when files were added, removed or changed (by name, size and time) or are read in another way."""
        files = [(self.name(path), split, *_stamp(path)) for path, split in self.files().items()]
        table = self.table and _stamp(self.table)
        return hashlib.sha256(json.dumps([self.kind.events, self.is_melody, table, files]).encode()).hexdigest()

    def described(self):
        """The recipe as dataset.json has it: `is_melody` and all else that can't be read from the files."""
        return {
            "table": self.table and os.path.abspath(self.table),
            "validation": self.validation and os.path.abspath(self.validation),
            "is_melody": self.is_melody,
            "fingerprint": self.fingerprint(),
        }


def _songs(files, recipe):
    splits = {path: split_of(recipe.name(path)) for path in files}
    songs = {path: split for path, split in splits.items() if split is not None}
    if not songs:
        raise Refused(f"{recipe.source} isn't POP909: it has no 001/001.mid with beat_midi.txt, beat_audio.txt and chord_midi.txt beside it.")
    return songs


def find_files(source):
    """The MIDI files at `source` (a file or a folder with all below it), by name."""
    if os.path.isfile(source):
        return [source]
    if not os.path.exists(source):
        raise Refused(f"There is no folder {source}: check its name.")

    def fail(error):
        raise error

    found = []
    for folder, folders, files in os.walk(source, onerror=fail):
        folders.sort()
        found += [os.path.join(folder, name) for name in sorted(files) if name.lower().endswith((".mid", ".midi"))]
    if not found:
        raise Refused(f"{source} holds no MIDI files (.mid, .midi).")
    return found


def split_by_hash(names):
    """Chooses one in ten of `names` for validation, by lowest hash; at least one where there are two, and never all."""
    order = sorted(names, key=lambda name: hashlib.sha256(name.encode(errors="surrogateescape")).hexdigest())
    count = max(1, round(len(order) / VALIDATION_SHARE)) if len(order) > 1 else 0
    judges = set(order[:count])
    return {name: "validation" if name in judges else "train" for name in names}


def _stamp(path):
    # A broken link counts as a file, and is reported like other files that can't be read.
    known = os.stat(path) if os.path.exists(path) else os.lstat(path)
    return known.st_size, known.st_mtime_ns


def _by_table(files, source, table):
    """The files that the CSV `table` puts in a split; its test rows are left out."""
    rows = _rows(table)
    chosen = {}
    for path in files:
        row = rows.get(os.path.relpath(path, source))
        if row is None or row["split"] not in SPLITS:
            continue
        if row.get("time_signature", "4-4") == "4-4":
            chosen[path] = row["split"]
    if not chosen:
        raise Refused(
            f"{table} puts none of the files in {source} in a split: its column midi_filename must name them as seen "
            "from that folder, its column split must say train or validation."
        )
    return chosen


def _rows(table):
    try:
        # Spreadsheet programs begin CSV files with a byte order mark.
        with open(table, newline="", encoding="utf-8-sig") as lines:
            reader = csv.DictReader(lines)
            rows = list(reader)
            columns = reader.fieldnames or []
    except (UnicodeDecodeError, csv.Error) as error:
        raise Refused(f"{table} isn't a CSV table in UTF-8 ({error}): save it as one.") from None
    for column in ("midi_filename", "split"):
        if column not in columns:
            raise Refused(f"{table} lacks the column {column}: its first line must name midi_filename and split.")
    return {row["midi_filename"]: row for row in rows}
