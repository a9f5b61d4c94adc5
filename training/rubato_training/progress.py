"""How far a long piece of work has come, on the terminal."""

import sys


class Progress:
    """`title: done/total what`, over and over on one line; where stderr is no terminal, the title alone, once."""

    def __init__(self, title, total, what):
        self.title, self.total, self.what = title, total, what
        self.is_terminal = sys.stderr.isatty()
        if not self.is_terminal:
            print(f"{title}: {total} {what}", file=sys.stderr)

    def show(self, done):
        if self.is_terminal:
            end = "\n" if done >= self.total else ""
            print(f"\r{self.title}: {done}/{self.total} {self.what}", end=end, file=sys.stderr, flush=True)
