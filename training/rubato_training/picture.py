"""The loss curves of a run as a picture, where matplotlib is installed."""

import csv
import io
import os
import sys

from .whole import write_whole


def draw_losses(folder):
    """Draws `loss.csv` as `loss.png`."""
    try:
        import matplotlib

        matplotlib.use("Agg")
        from matplotlib import pyplot
    except ImportError:
        print("No picture of the losses: matplotlib isn't installed. They are in loss.csv.", file=sys.stderr)
        return
    with open(os.path.join(folder, "loss.csv"), newline="") as file:
        rows = list(csv.DictReader(file))
    figure, axes = pyplot.subplots(figsize=(8, 4.5))
    for name, style in (("train", "-"), ("validation", "o-")):
        points = [(int(row["update"]), float(row[name])) for row in rows if row[name]]
        if points:
            axes.plot(*zip(*points), style, label=name, linewidth=1, markersize=3)
    axes.set_xlabel("update")
    axes.set_ylabel("nats/event")
    axes.legend()
    axes.grid(alpha=0.3)
    figure.tight_layout()
    content = io.BytesIO()
    figure.savefig(content, dpi=120)
    write_whole(os.path.join(folder, "loss.png"), content.getvalue())
