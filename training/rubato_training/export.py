"""A run's best weights as a model folder that Rubato plays: model.json, weights.safetensors and the beginnings of a card."""

import json
import os

import torch

from .dataset import load
from .evaluate import evaluate
from .midi import Refused
from .train import Options
from .weights import read_model, write_model


def export(run, out, name, data, licence):
    """Writes the model folder `out` from the best checkpoint of `run`. @returns the validation losses (without, with all told)"""
    try:
        kept = torch.load(os.path.join(run, "checkpoint.pt"), map_location="cpu")
    except OSError as error:
        raise Refused(f"{run} holds no run that `train` wrote ({error}).") from None
    options = Options(**kept["options"])
    dataset = load(options.data)
    network, described = read_model(os.path.join(run, "best"))
    network.eval()
    digest = write_model(out, name, network, dataset, described["updates"])
    scores = [evaluate(network, dataset, dataset.validation, given)[0] for given in (False, True)]
    with open(os.path.join(options.data, "dataset.json")) as file:
        counts = json.load(file)
    card = os.path.join(out, "CARD.md")
    if not os.path.exists(card):
        with open(card, "w") as file:
            file.write(_card(name, network, counts, options, described["updates"], scores, digest, data, licence))
    return scores


def _card(name, network, counts, options, updates, scores, digest, data, licence):
    train, validation = counts["train"], counts["validation"]
    begun = f"from {os.path.basename(os.path.normpath(options.start))}" if options.start else "from nothing"
    return f"""# {name}
A Performance RNN (Simon & Oore 2017): {network.layers} LSTM layers of {network.units} units over {counts["events"]} events.

- **Data**: {data}. Trained on {train["performances"]} performances ({train["notes"]} notes, {train["events"]} events); judged by {validation["performances"]} others.
- **Licence of the weights**: {licence}.
- **Training**: {begun}, {updates} updates of {options.rows} streams of {options.steps} events, Adam, learning rate {options.rate:g}, dropout {options.dropout:g}.
- **Validation**: {scores[0]:.4f} nats/event without conditioning, {scores[1]:.4f} with all of it ({validation["events"]} events).
- **Weights file**: weights.safetensors, float16, sha256 `{digest}`.
- **Weaknesses**: not examined yet.
"""
