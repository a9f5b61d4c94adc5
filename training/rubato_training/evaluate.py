"""How well a network predicts a split: nats/event, whole performances from a blank state, as `rubato eval` does."""

import numpy as np
import torch

from .conditioning import LAYOUTS, coming, withhold
from .dataset import to_events
from .language import FIRST_INPUT
from .network import losses
from .progress import Progress

# Most performances that are evaluated side by side, and most events in a call.
ROWS = 32
STEPS = 256


@torch.no_grad()
def evaluate(network, dataset, split, given, most=None, device=torch.device("cpu"), is_shown=False):
    """Mean nats/event over `split`, and the number of events. `given`: tell the network what is to come.

    `most` limits each performance to its first so many events (for quick evaluations while training).
    `is_shown`: progress is told.
    """
    layout = dataset.kind.layout
    size, groups = LAYOUTS[layout]
    performances = []
    for index in range(len(split)):
        steps, events, at = to_events(split.performance(index), dataset.kind)
        performances.append((events[:most], at[:most], steps, split.chords_of(index)))
    # Performances of similar length are evaluated together, so that less is computed for padding.
    performances.sort(key=lambda performance: -len(performance[0]))
    progress = None
    if is_shown:
        total = sum(len(events) for events, *_ in performances)
        progress = Progress(f"Judging {'with' if given else 'without'} conditioning", total, "events")
    nats, events_seen = 0.0, 0
    for first in range(0, len(performances), ROWS):
        batch = performances[first : first + ROWS]
        longest, rows = len(batch[0][0]), len(batch)
        state = network.blank(rows, device)
        inputs = np.full((longest, rows), FIRST_INPUT, np.int64)
        targets = np.zeros((longest, rows), np.int64)
        counts = np.zeros((longest, rows), np.float32)
        vectors = np.zeros((longest, rows, size), np.float32)
        for row, (events, at, steps, chords) in enumerate(batch):
            length = len(events)
            targets[:length, row], inputs[1:length, row] = events, events[:-1]
            counts[:length, row] = 1
            vectors[:length, row] = coming(steps, at, layout, chords)
        withhold(vectors, layout, [given] * len(groups))
        for start in range(0, longest, STEPS):
            part = slice(start, start + STEPS)
            tensors = (torch.from_numpy(array[part]).to(device) for array in (inputs, vectors, targets, counts))
            event, vector, target, count = tensors
            logits, state = network(event, vector, state)
            nats += (losses(logits, target) * count).double().sum().item()
            events_seen += int(count.sum())
            if progress:
                progress.show(events_seen)
    return nats / max(events_seen, 1), events_seen
