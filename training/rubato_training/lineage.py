"""What weights were trained on from, and its licence, which carries on to them."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass

from .whole import write_whole

_LICENCE = re.compile(r"^- \*\*Licence of the weights\*\*: *(.*(?:\n[ \t]+\S.*)*)", re.MULTILINE)


@dataclass
class Base:
    """The model that a run began with: its name, and the licence that its card names (None: it names none)."""

    name: str
    licence: str | None

    def carried(self):
        """The clause of a card."""
        licence = self.licence or "not named by its card, so its maker is to be asked"
        return f"trained on from {self.name}, whose licence carries on: {licence}"


def base_of(folder, name):
    """The base in the model folder `folder`, whose model.json calls it `name`."""
    return Base(name, _licence_in(os.path.join(folder, "CARD.md")))


def licence_line(text):
    """The line of a card that `base_of` finds again."""
    return f"- **Licence of the weights**: {text.rstrip('.')}."


def write_licence(folder, base):
    """A card with nothing but the licence, so that a run that starts from another run's own weights carries it on too."""
    write_whole(os.path.join(folder, "CARD.md"), f"# best\n{licence_line(base.carried())}\n")


def _licence_in(card):
    if not os.path.exists(card):
        return None
    with open(card, encoding="utf-8", errors="replace") as file:
        found = _LICENCE.search(file.read())
    # Indented lines continue the line before.
    return " ".join(found[1].split()) or None if found else None
