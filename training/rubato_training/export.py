"""A run's best weights as a model folder that Rubato plays: model.json, weights.safetensors and the beginnings of a card."""

import os
import re
import sys

from .card import card_text, write_card
from .checkpoint import load as load_checkpoint
from .dataset import load
from .evaluate import evaluate
from .kind import kind_of
from .refused import Refused
from .train import checkpoint_path, outcome_of
from .weights import read_model, write_model

# This pattern must accept the same names as src/engine/model/model.ts.
NAME = re.compile(r"[\w. -]{1,64}", re.ASCII)


def export(run, out, name, data, licence=None):
    """Writes the model folder `out` from the best weights of `run`. @returns the validation losses by what they are"""
    if not NAME.fullmatch(name):
        raise Refused(f"The name {name!r} isn't 1 to 64 letters, digits, dots, dashes or spaces: give another with --name.")
    _, kept = load_checkpoint(checkpoint_path(run))
    network, described = read_model(os.path.join(run, "best"))
    network.eval()
    os.makedirs(out, exist_ok=True)
    scores = _judge(network, kept)
    digest = write_model(out, name, network, kind_of(described["events"], described["conditioning"]), described.get("densities"), described["updates"])
    outcome = outcome_of(kept)
    terms = [licence, outcome.base and outcome.base.carried()]
    text = card_text(
        name, described, kept, scores, digest, data,
        "; ".join(term for term in terms if term) or "the trainer's to say",
    )
    aside = write_card(out, text)
    if aside:
        print(f"{out} had another card: it is {aside} now.", file=sys.stderr)
    if outcome.caution():
        print(outcome.caution(), file=sys.stderr)
    return scores


def _judge(network, kept):
    """The validation losses by what they are."""
    folder = kept["options"]["data"]
    dataset = load(folder)
    if dataset.digest() != kept["data"]:
        # The dataset may have been made anew, with other splits: then validation files may have been trained on.
        print(f"{folder} holds other music than the run was trained on: the loss is the best that the run itself measured.", file=sys.stderr)
        return {"without conditioning, at the run's own looks": kept["best"]["nats"]}
    return {
        told: evaluate(network, dataset, dataset.validation, given, is_shown=True)[0]
        for given, told in ((False, "without conditioning"), (True, "with all of it"))
    }
