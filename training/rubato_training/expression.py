"""Trains a network of expression: how loud a pianist plays each note of a score, foretold from the notes before and after it.

It learns from what `node build/bench/score-notes.js` writes: performances flattened to bare scores, and how loud each note was played.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from dataclasses import asdict, dataclass

import numpy as np
import torch
from torch import nn

from .checkpoint import load as load_checkpoint
from .checkpoint import save as save_checkpoint
from .lineage import licence_line
from .progress import Progress
from .refused import Refused
from .score_features import BACK, FEATURES, score_features
from .weights import write_safetensors
from .whole import write_whole

# These must equal those in src/engine/expression/expression-network.ts.
DILATIONS = (1, 2, 4, 8, 16, 32, 1, 2, 4, 8)
CENTRE, SPAN = 64, 20
NARROWEST, WIDEST = 0.15, 1.5

WARM_UP = 100
# The learning rate falls linearly over this last share of the updates.
DECAY = 0.6
CLIP = 1.0
HEAD = "update,seconds,loss,correlation,foretold"
# One performance in so many isn't trained on, and judges.
HELD_OUT = 16
# Notes of an excerpt that is learned from.
EXCERPT = 256
# Share of the excerpts whose notes end at the next chord, as printed scores have them without the pedal.
WITHOUT_PEDAL = 0.3


class ExpressionNetwork(nn.Module):
    """Residual dilated convolutions along the notes (after van den Oord et al. 2016, but seeing both ways)."""

    def __init__(self, units):
        super().__init__()
        self.input = nn.Linear(FEATURES, units)
        self.layers = nn.ModuleList(nn.Conv1d(units, units, 3, padding=d, dilation=d) for d in DILATIONS)
        self.output = nn.Linear(units, 2)

    def forward(self, features):
        """[rows, notes, FEATURES] to means and standard deviations [rows, notes], both in SPANs about CENTRE."""
        hidden = self.input(features).transpose(1, 2)
        for layer in self.layers:
            hidden = hidden + torch.relu(layer(hidden))
        mean, spread = self.output(hidden.transpose(1, 2)).unbind(-1)
        return mean, spread.exp().clamp(NARROWEST, WIDEST)


@dataclass
class Options:
    """The options of a run, saved in its checkpoint."""

    notes: str
    out: str
    units: int
    updates: int
    rate: float
    rows: int
    every: int
    seed: int


@dataclass
class Notes:
    """Notes (onset, pitch, length, velocity) and the stretches of them: first, end, number since the piece's beginning or a far one."""

    notes: np.ndarray
    train: list
    held_out: list
    digest: str


def load_notes(folder):
    """Reads what score-notes.js wrote. Raises Refused."""
    try:
        with open(os.path.join(folder, "notes.json")) as file:
            performances = json.load(file)["performances"]
        content = open(os.path.join(folder, "notes.i32"), "rb").read()
        notes = np.frombuffer(content, "<i4").reshape(-1, 4).astype(np.int64)
        is_whole = sum(map(sum, performances)) == len(notes)
    except (ValueError, KeyError, TypeError):
        is_whole = False
    if not is_whole:
        raise Refused(f"{folder} doesn't hold whole notes: write them again with `node build/bench/score-notes.js`.")
    train, held_out, at = [], [], 0
    for number, stretches in enumerate(performances):
        for place, count in enumerate(stretches):
            (held_out if number % HELD_OUT == 0 else train).append((at, at + count, place == 0))
            at += count
    if not train or not held_out:
        raise Refused(f"{folder} has too few performances: {HELD_OUT + 1} are the least.")
    return Notes(notes, train, held_out, hashlib.sha256(content).hexdigest())


def features_of(notes, first, end, is_opening, begin=0):
    """Features and velocities, in SPANs about CENTRE, of the notes first..end of a stretch that begins at `begin`."""
    onset, pitch, length, velocity = notes[first:end].T
    opening = np.arange(first - begin, end - begin) if is_opening else np.full(end - first, 10**6)
    return score_features(onset, pitch, length, opening), ((velocity - CENTRE) / SPAN).astype(np.float32)


def _excerpts(data, options, update):
    """The rows of an update, a function of seed and update alone: excerpts of stretches, transposed, stretched in time."""
    random = np.random.default_rng((options.seed, update))
    lengths = np.array([end - first for first, end, _ in data.train])
    chosen = random.choice(len(lengths), options.rows, p=lengths / lengths.sum())
    inputs = np.zeros((options.rows, EXCERPT, FEATURES), np.float32)
    targets, counts = np.zeros((options.rows, EXCERPT), np.float32), np.zeros((options.rows, EXCERPT), np.float32)
    for row, number in enumerate(chosen):
        begin, end, is_opening = data.train[number]
        first = begin + int(random.integers(max(1, end - begin - EXCERPT + 1)))
        last = min(first + EXCERPT, end)
        # Features look back and ahead, so the notes around the excerpt are seen as well.
        seen_from, seen_to = max(begin, first - 2 * BACK), min(end, last + 2 * BACK)
        seen = data.notes[seen_from:seen_to].copy()
        factor = np.exp(random.uniform(-0.2, 0.2))
        seen[:, 0] = np.round(seen[:, 0] * factor)
        seen[:, 2] = np.maximum(1, np.round(seen[:, 2] * factor))
        seen[:, 1] += random.integers(-3, 4)
        if random.uniform() < WITHOUT_PEDAL:
            _end_at_next_chord(seen)
        made, velocities = features_of(seen, 0, len(seen), is_opening, begin - seen_from)
        own = slice(first - seen_from, last - seen_from)
        count = last - first
        inputs[row, :count], targets[row, :count], counts[row, :count] = made[own], velocities[own], 1
    return inputs, targets, counts


def _end_at_next_chord(notes):
    onsets = np.unique(notes[:, 0])
    after = np.searchsorted(onsets, notes[:, 0], side="right")
    gaps = np.where(after < len(onsets), onsets[np.minimum(after, len(onsets) - 1)] - notes[:, 0], notes[:, 2])
    notes[:, 2] = np.minimum(notes[:, 2], gaps)


def judge(network, data):
    """Correlation of means with the velocities played over all held-out notes, and the deviation that the network foretells."""
    network.eval()
    means, spreads, played = [], [], []
    with torch.no_grad():
        for first, end, is_opening in data.held_out:
            inputs, velocities = features_of(data.notes, first, end, is_opening, first)
            mean, spread = network(torch.from_numpy(inputs)[None])
            means.append(mean[0].numpy())
            spreads.append(spread[0].numpy())
            played.append(velocities)
    network.train()
    mean, spread, velocities = map(np.concatenate, (means, spreads, played))
    return {
        "correlation": float(np.corrcoef(mean, velocities)[0, 1]),
        "foretold": float(SPAN * np.sqrt(mean.var() + (spread**2).mean())),
        "played": float(SPAN * velocities.std()),
    }


def rate_at(update, options):
    left = (options.updates - update) / (DECAY * options.updates)
    return options.rate * min(1.0, (update + 1) / WARM_UP, left)


def train_expression(options):
    """Trains until the updates are done, and writes weights and card. Goes on from `out`/checkpoint.pt if it is there.

    @returns what `judge` says of the weights
    """
    data = load_notes(options.notes)
    os.makedirs(options.out, exist_ok=True)
    torch.manual_seed(options.seed)
    network = ExpressionNetwork(options.units)
    optimizer = torch.optim.Adam(network.parameters(), lr=options.rate)
    place, update, seconds, lines = os.path.join(options.out, "checkpoint.pt"), 0, 0.0, []
    if os.path.exists(place):
        kept, plain = load_checkpoint(place)
        if plain["options"] != asdict(options) or plain["data"] != data.digest:
            raise Refused(f"{place} is of a run with other options or notes: give another folder, or the same to go on.")
        network.load_state_dict(kept["network"])
        optimizer.load_state_dict({"state": kept["moments"], "param_groups": optimizer.state_dict()["param_groups"]})
        update, seconds, lines = plain["update"], plain["seconds"], plain["lines"]
    began, progress = time.monotonic() - seconds, Progress("Expression", options.updates, "updates")
    while update < options.updates:
        for group in optimizer.param_groups:
            group["lr"] = rate_at(update, options)
        loss = _loss(network, *map(torch.from_numpy, _excerpts(data, options, update)))
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), CLIP)
        optimizer.step()
        update += 1
        progress.show(update)
        if update % options.every == 0 or update == options.updates:
            seconds = time.monotonic() - began
            scores = judge(network, data)
            lines.append(f"{update},{seconds:.0f},{loss.item():.4f},{scores['correlation']:.4f},{scores['foretold']:.2f}")
            save_checkpoint(
                place,
                {"network": network.state_dict(), "moments": optimizer.state_dict()["state"]},
                {"options": asdict(options), "data": data.digest, "update": update, "seconds": seconds, "lines": lines},
            )
            write_whole(os.path.join(options.out, "scores.csv"), "\n".join([HEAD, *lines, ""]))
    return _export(network, data, options)


def _loss(network, inputs, targets, counts):
    """Squared error of the means, and the negative log likelihood of the deviations alone, so that these don't excuse the means."""
    mean, spread = network(inputs)
    error = (targets - mean) ** 2
    deviation = error.detach() / (2 * spread**2) + torch.log(spread)
    return ((error + deviation) * counts).sum() / counts.sum()


def tensors_of(network):
    """Names and arrays as src/engine/expression/expression-network.ts reads them: row vectors multiply from the left."""
    made = {"input.weight": network.input.weight.T, "input.bias": network.input.bias}
    for number, layer in enumerate(network.layers):
        # [out, in, tap] to [tap * in, out].
        made[f"layer.{number}.weight"] = layer.weight.permute(2, 1, 0).reshape(-1, layer.out_channels)
        made[f"layer.{number}.bias"] = layer.bias
    made["output.weight"], made["output.bias"] = network.output.weight.T, network.output.bias
    return {name: value.detach().numpy() for name, value in made.items()}


def _export(network, data, options):
    scores = judge(network, data)
    digest = write_safetensors(os.path.join(options.out, "weights.safetensors"), tensors_of(network))
    parameters = sum(parameter.numel() for parameter in network.parameters())
    performances = {name: sum(1 for stretch in getattr(data, name) if stretch[2]) for name in ("train", "held_out")}
    write_whole(os.path.join(options.out, "CARD.md"), f"""# {os.path.basename(os.path.abspath(options.out))}
How loud a pianist plays each note of a score: {len(DILATIONS)} residual dilated convolutions of {options.units} units along the notes. {parameters} parameters.

- **Data**: flattened performances, {performances['train']} trained on ({sum(end - first for first, end, _ in data.train)} notes), {performances['held_out']} of the same split held out.
{licence_line("that of the data")}
- **Training**: {options.updates} updates of {options.rows} excerpts of {EXCERPT} notes, Adam, learning rate {options.rate:g}.
- **Held-out performances**: correlation with the velocities played {scores['correlation']:.3f} over all notes; spread foretold {scores['foretold']:.1f}, played {scores['played']:.1f}.
- **Weights file**: weights.safetensors, float16, sha256 `{digest}`.
""")
    return scores
