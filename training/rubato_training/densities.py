"""How many notes a second the minutes of a dataset have: the aims of a pianist that nobody steers (src/engine/sampling/tide.ts)."""

import numpy as np

# These shares must equal DENSITY_SHARES in src/engine/language/idiom.ts.
SHARES = (0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95)
# With fewer minutes the outer percentiles mean nothing.
LEAST_MINUTES = 20
MINUTE_MS = 60_000.0


def minute_densities(dataset):
    """Note-ons a second by SHARES of the whole minutes of the training split in which something is played, to a tenth.

    None where there are few minutes, and in beats, of which a minute has any number.
    """
    if dataset.kind.in_beats:
        return None
    minutes = []
    for index in range(len(dataset.train)):
        starts = dataset.train.performance(index)["start"]
        whole = int((starts.max() - starts.min()) // MINUTE_MS)
        counts = np.bincount(((starts - starts.min()) // MINUTE_MS).astype(int))[:whole]
        minutes.extend(counts[counts > 0] / 60)
    if len(minutes) < LEAST_MINUTES:
        return None
    return [max(0.1, round(float(value), 1)) for value in np.quantile(minutes, SHARES)]
