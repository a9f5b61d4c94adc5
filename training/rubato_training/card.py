"""The card of an exported model: CARD.md, beside its model.json and weights."""

import os

from .lineage import licence_line
from .whole import write_whole


def card_text(name, described, kept, scores, digest, data, licence):
    """The card's text. `described`: the model.json; `kept`: the plain values of the run's checkpoint; `scores`: losses by what they are."""
    network, updates = described["network"], described["updates"]
    train, validation = kept["counts"]["train"], kept["counts"]["validation"]
    options, base = kept["options"], kept["best"]["base"]
    others = "another" if validation["performances"] == 1 else f"{validation['performances']} others"
    begun = f"from {base['name']}" if base else "from nothing"
    judged = ", ".join(f"{nats:.4f} nats/event {what}" for what, nats in scores.items())
    return f"""# {name}
A Performance RNN (Simon & Oore 2017): {network["layers"]} LSTM layers of {network["units"]} units over {described["events"]} events.

- **Data**: {data}. Trained on {train["performances"]} performances ({train["notes"]} notes, {train["events"]} events); judged by {others}.
{licence_line(licence)}
- **Training**: {begun}, {updates} updates of {options["rows"]} streams of {options["steps"]} events, Adam, learning rate {options["rate"]:g}, dropout {options["dropout"]:g}.
- **Validation**: {judged} ({validation["events"]} events).
- **Weights file**: weights.safetensors, float16, sha256 `{digest}`.
- **Weaknesses**: not examined yet.
"""


def write_card(folder, text):
    """Writes the card. @returns where the one that was there went if it said anything else (a hand may have edited it), or None"""
    path, aside = os.path.join(folder, "CARD.md"), None
    if os.path.exists(path):
        with open(path, encoding="utf-8", errors="replace") as file:
            is_same = file.read() == text
        if not is_same:
            aside = _free(path + ".old")
            os.replace(path, aside)
    write_whole(path, text)
    return aside


def _free(path):
    """`path`, or the first of `path`.2, `path`.3, ... that doesn't exist yet."""
    number, free = 1, path
    while os.path.exists(free):
        number += 1
        free = f"{path}.{number}"
    return free
