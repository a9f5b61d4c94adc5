"""What a network must beat: event frequencies, and the frequencies after the two events before."""

from collections import Counter

import numpy as np

from .dataset import to_events
from .language import EVENT_COUNT, FIRST_INPUT

# Weight of the shorter context in the interpolation, in events: a guess, where Witten-Bell smoothing would count them.
BACK_OFF = 5.0


def baselines(dataset):
    """Nats/event on validation of a unigram and of an interpolated 3-gram, counted on train: (unigram, trigram)."""
    counts = [Counter(), Counter(), Counter()]
    totals = [Counter(), Counter(), Counter()]
    for index in range(len(dataset.train)):
        for context, event in _pairs(dataset, dataset.train, index):
            for order in range(3):
                place = context[2 - order :]
                counts[order][place, event] += 1
                totals[order][place] += 1

    def share(order, context, event):
        below = 1 / EVENT_COUNT if order < 0 else share(order - 1, context, event)
        if order < 0:
            return below
        place = context[2 - order :]
        return (counts[order][place, event] + BACK_OFF * below) / (totals[order][place] + BACK_OFF)

    nats = np.zeros(2)
    events = 0
    for index in range(len(dataset.validation)):
        for context, event in _pairs(dataset, dataset.validation, index):
            nats -= np.log([share(0, context, event), share(2, context, event)])
            events += 1
    return tuple(nats / max(events, 1))


def _pairs(dataset, split, index):
    _, events, _ = to_events(split.performance(index), dataset.kind)
    context = (FIRST_INPUT, FIRST_INPUT)
    for event in events.tolist():
        yield context, event
        context = (context[1], event)
