"""Endless batches for training: streams of performances one after the other, cut into chunks.

All of it is a function of (seed, stream, number of the performance, chunk), so that a run resumes
from a checkpoint as if it had never stopped: only the position of each stream is saved.
"""

from dataclasses import dataclass

import numpy as np

from .chords import transposed
from .conditioning import LAYOUTS, coming, withhold
from .dataset import to_events
from .language import FIRST_INPUT

# Limits of transposition (semitones) and stretch (tempo) within which hands could still play the performance.
TRANSPOSITIONS = (-5, 6)
STRETCHES = (0.9, 1.1)
KEYBOARD = (21, 108)
# What is in beats isn't stretched: its time is the beat. Percussion isn't transposed either, because its pitches are
# instruments; its loudness varies.
LOUDNESS = (0.8, 1.15)
# The share of chunks in which each group of the conditioning is given (see the model card).
GIVEN = 0.6


@dataclass
class Chunk:
    """What the network learns from, [steps, rows] events: `inputs`, `vectors` [.., size]; `targets`; `counts`, 0 after a performance's end."""

    inputs: np.ndarray
    vectors: np.ndarray
    targets: np.ndarray
    counts: np.ndarray
    # The rows in which a performance begins with this chunk, so that their state must be blank.
    begins: np.ndarray


class Streams:
    def __init__(self, dataset, rows, steps, seed, first_row=0):
        self.split, self.kind = dataset.train, dataset.kind
        self.rows, self.steps, self.seed, self.first_row = rows, steps, seed, first_row
        # For each stream the number of its current performance, and the position in it.
        self.places = np.zeros((rows, 2), np.int64)
        self.current = [None] * rows
        self.chunks = 0

    def _random(self, *place):
        return np.random.default_rng([self.seed, *place])

    def _performance(self, row):
        """The events, clocks and vectors of a stream's performance, augmented."""
        number = self.places[row, 0]
        stream = self.first_row + row
        # Each stream plays all performances in an order of its own.
        order = self._random(1, stream, number // len(self.split)).permutation(len(self.split))
        random = self._random(2, stream, number)
        index = order[number % len(self.split)]
        notes, chords = self.split.performance(index).copy(), self.split.chords_of(index)
        if not self.kind.has_ends:
            loud = random.uniform(*LOUDNESS)
            notes["velocity"] = np.clip(np.round(notes["velocity"] * loud), 1, 127)
        else:
            lowest, highest = int(notes["pitch"].min()), int(notes["pitch"].max())
            least = min(0, max(TRANSPOSITIONS[0], KEYBOARD[0] - lowest))
            most = max(0, min(TRANSPOSITIONS[1], KEYBOARD[1] - highest))
            semitones = random.integers(least, most + 1)
            notes["pitch"] += np.uint8(semitones % 256)
            chords = transposed(chords, semitones)
            if not self.kind.in_beats:
                stretch = random.uniform(*STRETCHES)
                notes["start"] *= stretch
                notes["end"] *= stretch
        steps, events, at = to_events(notes, self.kind)
        return events, coming(steps, at, self.kind.layout, chords)

    def next(self):
        """The next chunk of all streams."""
        size, groups = LAYOUTS[self.kind.layout]
        shape = (self.steps, self.rows)
        chunk = Chunk(
            np.full(shape, FIRST_INPUT, np.int64),
            np.zeros((*shape, size), np.float32),
            np.zeros(shape, np.int64),
            np.zeros(shape, np.float32),
            self.places[:, 1] == 0,
        )
        given = self._random(3, self.first_row, self.chunks).random((self.rows, len(groups))) < GIVEN
        for row in range(self.rows):
            if self.current[row] is None:
                self.current[row] = self._performance(row)
            events, vectors = self.current[row]
            start = self.places[row, 1]
            stop = min(start + self.steps, len(events))
            count = stop - start
            chunk.targets[:count, row] = events[start:stop]
            chunk.inputs[1:count, row] = events[start : stop - 1]
            if start > 0:
                chunk.inputs[0, row] = events[start - 1]
            chunk.vectors[:count, row] = vectors[start:stop]
            withhold(chunk.vectors[:, row], self.kind.layout, given[row])
            chunk.counts[:count, row] = 1
            self.places[row, 1] = stop
            if stop == len(events):
                self.places[row] = (self.places[row, 0] + 1, 0)
                self.current[row] = None
        self.chunks += 1
        return chunk

    def state(self):
        """The positions of the streams, as plain values for a checkpoint."""
        return {"places": self.places.tolist(), "chunks": self.chunks}

    def restore(self, state):
        self.places, self.chunks = np.array(state["places"], np.int64), state["chunks"]
        self.current = [None] * self.rows
