"""The losses of a run: `loss.csv` in its folder, and a line on the terminal."""

import csv
import io
import os
import sys
import time

from .whole import write_whole

COLUMNS = ["update", "train", "validation"]


class LossLog:
    """Progress on the terminal, and losses in `loss.csv` (update, train nats/event, validation nats/event)."""

    LINE_EVERY = 10

    def __init__(self, folder, update=None):
        """Appends after `update`, that of the checkpoint that the run resumes from; None where the run begins anew."""
        self.path = os.path.join(folder, "loss.csv")
        kept = [] if update is None else _rows_until(self.path, update)
        write_whole(self.path, _text([COLUMNS, *kept]))
        self.sum, self.events, self.since, self.validation = 0.0, 0, time.monotonic(), None

    def update(self, update, options, loss, events, seconds):
        self.sum += loss * events
        self.events += events
        if update % self.LINE_EVERY != 0:
            return
        mean = self.sum / max(self.events, 1)
        speed = self.events / max(time.monotonic() - self.since, 1e-9)
        left = seconds / update * (options.updates - update)
        self._append([update, f"{mean:.5f}", ""])
        told = "" if self.validation is None else f", validation {self.validation:.4f}"
        line = f"{update}/{options.updates}  loss {mean:.4f} nats/event{told}  {speed:,.0f} events/s  {_clock(left)} left"
        print(f"\r{line:<100}" if sys.stderr.isatty() else line, end="" if sys.stderr.isatty() else "\n", file=sys.stderr, flush=True)
        self.sum, self.events, self.since = 0.0, 0, time.monotonic()

    def look(self, update, nats):
        self.validation = nats
        self._append([update, "", f"{nats:.5f}"])
        self.since = time.monotonic()

    def finish(self):
        print(file=sys.stderr)

    def _append(self, row):
        # The file is opened each time, so that Python doesn't try to write again, when it ends, what it couldn't write now.
        try:
            with open(self.path, "a", newline="") as file:
                file.write(_text([row]))
        except OSError as error:
            error.filename = self.path
            raise


def _rows_until(path, update):
    """The rows up to `update`. Later ones were written after the checkpoint that the run resumes from, and come again."""
    if not os.path.exists(path):
        return []
    with open(path, newline="", errors="replace") as file:
        rows = list(csv.reader(file))
    # The last row may be incomplete.
    return [row for row in rows if len(row) == len(COLUMNS) and row[0].isdecimal() and int(row[0]) <= update]


def _text(rows):
    made = io.StringIO()
    csv.writer(made).writerows(rows)
    return made.getvalue()


def _clock(seconds):
    return f"{int(seconds) // 3600}:{int(seconds) % 3600 // 60:02}:{int(seconds) % 60:02}"
