"""Trains a network on a dataset, from nothing or from a model, and goes on where it was stopped."""

import csv
import json
import os
import sys
import time
from dataclasses import asdict, dataclass

import torch
import torch.distributed as distributed
from torch.nn.parallel import DistributedDataParallel

from .conditioning import LAYOUTS, layout_of
from .dataset import load
from .evaluate import evaluate
from .midi import Refused
from .network import PerformanceRnn, losses
from .picture import draw_losses
from .streams import Streams
from .weights import read_model, write_model

BETAS = (0.9, 0.98)
WARM_UP = 100
# The learning rate falls in a line over this last share of the updates.
DECAY = 0.3
CLIP = 1.0
# Some ten minutes of music. From less a network of six million weights learns the notes by heart, not a style.
LEAST_EVENTS = 20_000
COMFORTABLE_EVENTS = 200_000


@dataclass
class Options:
    """How a run is made; kept beside its checkpoint."""

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
    # Updates from one look at validation (and checkpoint) to the next.
    every: int
    # Looks without a better validation loss after which it stops; 0: never.
    patience: int
    # Events of each validation performance that are looked at.
    look: int
    dropout: float = 0.0


def rate_at(update, options):
    """The learning rate of an update: up in a line over the first 100, down to 0 over the last 30 %."""
    left = (options.updates - update) / (DECAY * options.updates)
    return options.rate * min(1.0, (update + 1) / WARM_UP, left)


def warn_if_small(counts):
    """Says when there is too little to learn from; raises Refused where there is next to nothing."""
    events = counts["train"]["events"]
    if events < LEAST_EVENTS or counts["validation"]["performances"] == 0:
        raise Refused(
            f"The data has {events} events in {counts['train']['performances']} performances to train on and "
            f"{counts['validation']['performances']} to judge by; {LEAST_EVENTS} events (ten minutes of music) and one file to judge by are the least."
        )
    if events < COMFORTABLE_EVENTS:
        print(f"The data is small: {events} events. It will learn habits, hardly a style; an hour or two of playing ({COMFORTABLE_EVENTS} events) does better.", file=sys.stderr)


def train(options):
    """Trains until the updates are done, or validation stops getting better. Goes on from `out`/checkpoint.pt if it is there."""
    world, rank, device = _join()
    dataset = load(options.data)
    with open(os.path.join(options.data, "dataset.json")) as file:
        warn_if_small(json.load(file))
    if options.rows % world != 0:
        raise Refused(f"{options.rows} rows can't be shared by {world} processes.")
    os.makedirs(options.out, exist_ok=True)
    torch.manual_seed(options.seed)
    network = _network(options, dataset).to(device)
    rows = options.rows // world
    streams = Streams(dataset, rows, options.steps, options.seed, rank * rows)
    optimizer = torch.optim.Adam([p for p in network.parameters() if p.requires_grad], lr=options.rate, betas=BETAS)
    state = network.blank(rows, device)
    update, best, worse, seconds = 0, float("inf"), 0, 0.0

    place = os.path.join(options.out, f"checkpoint{rank or ''}.pt")
    if os.path.exists(place):
        kept = torch.load(place, map_location=device)
        if kept["options"] != asdict(options):
            raise Refused(f"{place} is of a run with other options; give another folder, or the same options to go on.")
        network.load_state_dict(kept["network"])
        optimizer.load_state_dict(kept["optimizer"])
        streams.restore(kept["streams"])
        state = kept["state"]
        torch.set_rng_state(kept["random"].cpu())
        update, best, worse, seconds = kept["update"], kept["best"], kept["worse"], kept["seconds"]
        _trim(options.out, update)
    model = DistributedDataParallel(network) if world > 1 else network
    log = _Log(options.out) if rank == 0 else None
    began = time.monotonic() - seconds

    def look():
        nonlocal best, worse
        network.eval()
        nats, _ = evaluate(network, dataset, dataset.validation, False, options.look, device)
        network.train()
        worse = 0 if nats < best else worse + 1
        if nats < best and rank == 0:
            write_model(os.path.join(options.out, "best"), "best", network, dataset, update)
        best = min(best, nats)
        if log:
            log.look(update, nats)

    def keep():
        _save(place, {
            "options": asdict(options), "network": network.state_dict(), "optimizer": optimizer.state_dict(),
            "streams": streams.state(), "state": state, "update": update, "best": best, "worse": worse,
            "random": torch.get_rng_state(), "seconds": time.monotonic() - began,
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
    """This process's place among those that torchrun started: (how many, which, device)."""
    world = int(os.environ.get("WORLD_SIZE", "1"))
    rank = int(os.environ.get("RANK", "0"))
    has_gpu = torch.cuda.is_available()
    device = torch.device("cuda", int(os.environ.get("LOCAL_RANK", "0"))) if has_gpu else torch.device("cpu")
    if has_gpu:
        torch.cuda.set_device(device)
    if world > 1:
        distributed.init_process_group("nccl" if has_gpu else "gloo")
    return world, rank, device


def _network(options, dataset):
    layout = layout_of(dataset.is_percussion)
    if options.start is None:
        return PerformanceRnn(options.layers, options.units, LAYOUTS[layout][0], options.dropout)
    network, described = read_model(options.start)
    if described["conditioning"] != layout:
        raise Refused(f"{options.start} is a model of another kind of music ({described['conditioning']}, not {layout}).")
    network.lstm.dropout = options.dropout
    return network


def _save(path, content):
    torch.save(content, path + ".part")
    os.replace(path + ".part", path)


def _trim(folder, update):
    """Lines of the log written after the checkpoint that is gone on from are made again: takes them away."""
    path = os.path.join(folder, "loss.csv")
    with open(path, newline="") as file:
        rows = list(csv.reader(file))
    with open(path, "w", newline="") as file:
        csv.writer(file).writerows([rows[0]] + [row for row in rows[1:] if int(row[0]) <= update])


class _Log:
    """Progress on the terminal, and losses in `loss.csv` (update, train nats/event, validation nats/event)."""

    LINE_EVERY = 10

    def __init__(self, folder):
        path = os.path.join(folder, "loss.csv")
        is_new = not os.path.exists(path)
        self.file = open(path, "a", newline="")
        self.rows = csv.writer(self.file)
        if is_new:
            self.rows.writerow(["update", "train", "validation"])
        self.sum, self.events, self.since, self.validation = 0.0, 0, time.monotonic(), None

    def update(self, update, options, loss, events, seconds):
        self.sum += loss * events
        self.events += events
        if update % self.LINE_EVERY != 0:
            return
        mean = self.sum / max(self.events, 1)
        speed = self.events / max(time.monotonic() - self.since, 1e-9)
        left = seconds / update * (options.updates - update)
        self.rows.writerow([update, f"{mean:.5f}", ""])
        self.file.flush()
        told = "" if self.validation is None else f", validation {self.validation:.4f}"
        line = f"{update}/{options.updates}  loss {mean:.4f} nats/event{told}  {speed:,.0f} events/s  {_clock(left)} left"
        print(f"\r{line:<100}" if sys.stderr.isatty() else line, end="" if sys.stderr.isatty() else "\n", file=sys.stderr, flush=True)
        self.sum, self.events, self.since = 0.0, 0, time.monotonic()

    def look(self, update, nats):
        self.validation = nats
        self.rows.writerow([update, "", f"{nats:.5f}"])
        self.file.flush()
        self.since = time.monotonic()

    def finish(self):
        self.file.close()
        print(file=sys.stderr)


def _clock(seconds):
    return f"{int(seconds) // 3600}:{int(seconds) % 3600 // 60:02}:{int(seconds) % 60:02}"
