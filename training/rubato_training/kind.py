"""The kinds of music that models learn: what their events, their time and their conditioning are."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Kind:
    """`events`: the language; `layout`: that of the conditioning vector (conditioning.py); `in_beats`: whether time is the beat."""

    events: str
    layout: str
    in_beats: bool

    @property
    def has_ends(self):
        """Whether notes have lengths."""
        return self.events == "performance-388"

    @property
    def has_chords(self):
        return self.layout == "beat-chord-39"

    def origin(self):
        """The time of step 0: the beginning of a bar where time is the beat, else (None) the first note-on."""
        return 0.0 if self.in_beats else None


PIANO = Kind("performance-388", "rubato-17", False)
DRUMS = Kind("percussion-388", "beat-14", True)
POP = Kind("performance-388", "beat-chord-39", True)
KINDS = (PIANO, DRUMS, POP)


def kind_of(events, layout=None):
    """The kind of a model.json or dataset.json. Datasets name a layout only where the events leave a choice.

    Raises ValueError.
    """
    for kind in KINDS:
        if kind.events == events and layout in (None, kind.layout):
            return kind
    raise ValueError(f"events {events}, conditioning {layout}")
