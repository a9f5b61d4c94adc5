"""Trains a network on a dataset, from random weights or from a model; resumes a run that was stopped."""

from __future__ import annotations

import os
import sys
import time
from dataclasses import asdict, dataclass

import torch
import torch.distributed as distributed
from torch.nn.parallel import DistributedDataParallel

from .conditioning import LAYOUTS
from .checkpoint import load as load_checkpoint
from .checkpoint import save as save_checkpoint
from .dataset import load
from .densities import minute_densities
from .evaluate import evaluate
from .lineage import Base, base_of, write_licence
from .loss_log import LossLog
from .network import PerformanceRnn, losses
from .picture import draw_losses
from .refused import Refused
from .streams import Streams
from .weights import read_model, write_model

BETAS = (0.9, 0.98)
WARM_UP = 100
# The learning rate falls linearly over this last share of the updates.
DECAY = 0.3
CLIP = 1.0
# About ten minutes of music. With less, a network of six million weights memorises the notes and learns no style.
LEAST_EVENTS = 20_000
COMFORTABLE_EVENTS = 200_000


@dataclass
class Options:
    """The options of a run, saved in its checkpoint."""

    data: str
    out: str
    start: str | None
    layers: int
    units: int
    updates: int
    rate: float
    rows: int
    steps: int
    seed: int
    # Updates between two evaluations on the validation split, each of which also writes a checkpoint.
    every: int
    # Training stops after this many evaluations without a better validation loss; 0 for never.
    patience: int
    # How many events of each validation performance are evaluated.
    look: int
    dropout: float = 0.0


def rate_at(update, options):
    """The learning rate of an update: it rises linearly over the first 100 and falls to 0 over the last 30 %."""
    left = (options.updates - update) / (DECAY * options.updates)
    return options.rate * min(1.0, (update + 1) / WARM_UP, left)


def warn_if_small(counts):
    """Prints a warning when there is little to learn from; raises Refused when there is too little."""
    events = counts["train"]["events"]
    if events < LEAST_EVENTS:
        raise Refused(
            f"The data has {events} events in {counts['train']['performances']} performances to train on; "
            f"{LEAST_EVENTS} events (ten minutes of music) are the least: add files."
        )
    if counts["validation"]["performances"] == 0:
        raise Refused(
            "The data has no file to judge by: add a second one, or name a folder of others "
            "(`tokenize --validation FOLDER`, or `train --validation FOLDER` on a folder of MIDI files)."
        )
    if events < COMFORTABLE_EVENTS:
        print(f"The data is small: {events} events. The network will learn habits, hardly a style; an hour or two of playing ({COMFORTABLE_EVENTS} events) does better.", file=sys.stderr)


@dataclass
class Outcome:
    """The best validation loss of a run, the update that reached it, and what the run began with."""

    nats: float
    update: int
    base: Base | None

    def caution(self):
        """A sentence where training made nothing better than at the start, else None."""
        if self.update > 0:
            return None
        begun = f"these are the weights of {self.base.name} as they were" if self.base else "these weights have learned nothing"
        return f"Nothing got better on validation than it was at update 0: {begun}."


def checkpoint_path(run, rank=0):
    return os.path.join(run, f"checkpoint{rank or ''}.pt")


def train(options):
    """Trains until the updates are done, or validation stops getting better. Goes on from `out`/checkpoint.pt if it is there.

    @returns its Outcome
    """
    world, rank, device = _join()
    dataset = load(options.data)
    warn_if_small(dataset.counts)
    if options.rows % world != 0:
        raise Refused(f"{options.rows} rows can't be shared by {world} processes.")
    os.makedirs(options.out, exist_ok=True)
    torch.manual_seed(options.seed)
    network, base = _network(options, dataset)
    network = network.to(device)
    rows = options.rows // world
    streams = Streams(dataset, rows, options.steps, options.seed, rank * rows)
    optimizer = torch.optim.Adam([p for p in network.parameters() if p.requires_grad], lr=options.rate, betas=BETAS)
    state = network.blank(rows, device)
    update, best, worse, seconds = 0, Outcome(float("inf"), 0, base), 0, 0.0
    densities, digest = minute_densities(dataset), dataset.digest()

    place = checkpoint_path(options.out, rank)
    is_begun = os.path.exists(place)
    if is_begun:
        kept, plain = load_checkpoint(place, device)
        _expect_same(place, options, digest, plain)
        network.load_state_dict(kept["network"])
        optimizer.load_state_dict({"state": kept["moments"], "param_groups": optimizer.state_dict()["param_groups"]})
        streams.restore(plain["streams"])
        state = kept["state"]
        torch.set_rng_state(kept["random"].cpu())
        update, worse, seconds, best = plain["update"], plain["worse"], plain["seconds"], outcome_of(plain)
    model = DistributedDataParallel(network) if world > 1 else network
    log = LossLog(options.out, update if is_begun else None) if rank == 0 else None
    began = time.monotonic() - seconds

    def look():
        nonlocal worse
        network.eval()
        nats, _ = evaluate(network, dataset, dataset.validation, False, options.look, device)
        network.train()
        worse = 0 if nats < best.nats else worse + 1
        if worse == 0:
            best.nats, best.update = nats, update
            if rank == 0:
                folder = os.path.join(options.out, "best")
                write_model(folder, "best", network, dataset.kind, densities, update)
                if best.base:
                    write_licence(folder, best.base)
        if log:
            log.look(update, nats)

    def keep():
        # Only the moments of the optimizer are saved; its options come from the command.
        save_checkpoint(place, {
            "network": network.state_dict(), "moments": optimizer.state_dict()["state"], "state": state,
            "random": torch.get_rng_state(),
        }, {
            "options": asdict(options), "data": digest, "counts": dataset.counts, "streams": streams.state(),
            "update": update, "worse": worse, "seconds": time.monotonic() - began, "best": asdict(best),
        })

    if update == 0:
        look()
    while update < options.updates and not (options.patience and worse >= options.patience):
        for group in optimizer.param_groups:
            group["lr"] = rate_at(update, options)
        chunk = streams.next()
        blank = torch.from_numpy(chunk.begins).to(device)[None, :, None]
        state = tuple(torch.where(blank, torch.zeros((), device=device), part) for part in state)
        inputs, vectors, targets, counts = (
            torch.from_numpy(array).to(device) for array in (chunk.inputs, chunk.vectors, chunk.targets, chunk.counts)
        )
        logits, state = model(inputs, vectors, state)
        count = counts.sum()
        loss = (losses(logits, targets) * counts).sum() / count.clamp(min=1)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), CLIP)
        optimizer.step()
        update += 1
        if log:
            log.update(update, options, loss.item(), int(count.item()) * world, time.monotonic() - began)
        if update % options.every == 0 or update == options.updates:
            look()
            keep()
    if log:
        log.finish()
        draw_losses(options.out)
    if world > 1:
        distributed.destroy_process_group()
    return best


def _join():
    """This process among those that torchrun started: (how many there are, its number, its device)."""
    world = int(os.environ.get("WORLD_SIZE", "1"))
    rank = int(os.environ.get("RANK", "0"))
    has_gpu = torch.cuda.is_available()
    device = torch.device("cuda", int(os.environ.get("LOCAL_RANK", "0"))) if has_gpu else torch.device("cpu")
    if has_gpu:
        torch.cuda.set_device(device)
    if world > 1:
        distributed.init_process_group("nccl" if has_gpu else "gloo")
    return world, rank, device


def outcome_of(plain):
    """The best so far of a checkpoint's plain values."""
    best = plain["best"]
    return Outcome(best["nats"], best["update"], best["base"] and Base(**best["base"]))


def _expect_same(place, options, digest, plain):
    """Raises Refused where the checkpoint at `place` is of another run. How many updates it is to have may be changed."""
    before, now = plain["options"], asdict(options)
    others = [f"{name} {before.get(name)}, not {now[name]}" for name in now if name != "updates" and before.get(name) != now[name]]
    if others:
        raise Refused(f"{place} is of a run with other options ({'; '.join(others)}): give another folder, or the same options to go on.")
    if plain["data"] != digest:
        raise Refused(f"{place} is of a run on other music than {options.data} holds now: give another folder for a run on this music.")


def _network(options, dataset):
    """The network that a run begins with, and the Base it is, if any."""
    layout = dataset.kind.layout
    if options.start is None:
        return PerformanceRnn(options.layers, options.units, LAYOUTS[layout][0], options.dropout), None
    network, described = read_model(options.start)
    if described["conditioning"] != layout:
        raise Refused(f"{options.start} is a model of another kind of music ({described['conditioning']}, not {layout}).")
    network.lstm.dropout = options.dropout
    return network, base_of(options.start, str(described["name"]))
