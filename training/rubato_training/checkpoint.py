"""The state of a run: `checkpoint.pt`, of tensors and one JSON text, which every PyTorch since 1.13 loads as mere weights."""

import io
import json
import os

import torch

from .refused import Refused
from .whole import write_whole

PLAIN = "plain"


def save(path, tensors, plain):
    """Writes nested dicts, lists and tuples of `tensors`, and `plain` values (numbers, texts, dicts and lists of them)."""
    content = io.BytesIO()
    # PyTorch 1.13 doesn't read floats with weights_only; as JSON text every version reads them.
    torch.save({**tensors, PLAIN: json.dumps(plain)}, content)
    write_whole(path, content.getvalue())


def load(path, device="cpu"):
    """What `save` wrote: (tensors, plain). Raises Refused."""
    if not os.path.exists(path):
        raise Refused(f"{path} isn't there: `train` writes it at its second evaluation on validation.")
    try:
        with open(path, "rb") as file:
            tensors = torch.load(file, map_location=device, weights_only=True)
        return tensors, json.loads(tensors.pop(PLAIN))
    except OSError:
        raise
    except Exception:
        # PyTorch raises errors of many types for a damaged file.
        raise Refused(
            f"{path} isn't a checkpoint that can be read (cut short, or of an earlier version): "
            "move it away and the run begins anew."
        ) from None
