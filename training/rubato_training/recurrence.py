"""One LSTM layer's recurrent part, compiled for this CPU on first use (recurrence.c); plain PyTorch where it can't be."""

import ctypes
import hashlib
import os
import subprocess
import sys
import tempfile

import torch

ROWS = 32
_SOURCE = os.path.join(os.path.dirname(__file__), "recurrence.c")
_FLAGS = ["-O3", "-march=native", "-mprefer-vector-width=512", "-ffast-math", "-fopenmp", "-fPIC", "-std=gnu11"]


def _compile():
    """Path of the compiled library, kept in the user's cache under a hash of source and processor."""
    with open(_SOURCE, "rb") as file:
        source = file.read()
    compiler = os.environ.get("CC", "cc")
    target = subprocess.run([compiler, "-march=native", "-dM", "-E", "-x", "c", os.devnull], capture_output=True, check=True)
    name = hashlib.sha256(source + target.stdout + " ".join(_FLAGS).encode()).hexdigest()[:16]
    folder = os.path.join(os.environ.get("XDG_CACHE_HOME", os.path.expanduser("~/.cache")), "rubato-training")
    path = os.path.join(folder, f"recurrence-{name}.so")
    if not os.path.exists(path):
        os.makedirs(folder, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder) as scratch:
            compiled, made = os.path.join(scratch, "made.o"), os.path.join(scratch, "made.so")
            subprocess.run([compiler, *_FLAGS, "-c", "-o", compiled, _SOURCE], capture_output=True, check=True)
            # A library linked with -ffast-math would make the whole process round denormal numbers to 0.
            subprocess.run([compiler, "-shared", "-fopenmp", "-o", made, compiled, "-lm"], capture_output=True, check=True)
            os.replace(made, path)
    return path


def _load():
    if os.environ.get("RUBATO_PLAIN_TORCH"):
        return None
    try:
        library = ctypes.CDLL(_compile())
    except (OSError, subprocess.CalledProcessError) as error:
        print(f"The recurrent step can't be compiled here ({error}); PyTorch's own is used, some ten times slower.", file=sys.stderr)
        return None
    if library.recurrence_ready() != 1:
        print("This processor's matrix tiles can't be used; PyTorch's own LSTM is used.", file=sys.stderr)
        return None
    return library


class _Library:
    """Loaded when first asked for."""

    value = None
    is_known = False

    @classmethod
    def get(cls):
        if not cls.is_known:
            cls.value = _load()
            cls.is_known = True
        return cls.value


def is_compiled(units, device):
    """Whether a layer of `units` runs on the compiled step on `device`."""
    return device.type == "cpu" and units % ROWS == 0 and _Library.get() is not None


def _address(tensor):
    return ctypes.c_void_p(tensor.data_ptr())


class Recurrence(torch.autograd.Function):
    """inputs [steps, rows, 4 units] bf16, recurrent [4 units, units] float32, h and c [rows, units] float32.

    Returns all h [steps, rows, units] bf16 and the last c. No gradient goes to the first h and c, nor comes from the last
    c: chunks are cut there (truncated back-propagation through time).
    """

    @staticmethod
    def forward(ctx, inputs, recurrent, h, c):
        steps, rows, columns = inputs.shape
        units = columns // 4
        inputs, recurrent = inputs.contiguous(), recurrent.contiguous()
        all_h = torch.empty(steps + 1, rows, units, dtype=torch.bfloat16)
        all_c = torch.empty(steps + 1, rows, units)
        gates = torch.empty_like(inputs)
        all_h[0], all_c[0] = h, c
        sizes = map(ctypes.c_long, (steps, rows, units))
        if _Library.get().recurrence_forward(*sizes, *map(_address, (inputs, recurrent, all_h, all_c, gates))) != 0:
            raise MemoryError
        ctx.save_for_backward(recurrent, all_h, all_c, gates)
        last = all_c[-1].clone()
        ctx.mark_non_differentiable(last)
        return all_h[1:], last

    @staticmethod
    def backward(ctx, dh, _):
        recurrent, all_h, all_c, gates = ctx.saved_tensors
        steps, rows, columns = gates.shape
        dh = dh.to(torch.bfloat16).contiguous()
        gradients = torch.empty_like(gates)
        sizes = map(ctypes.c_long, (steps, rows, columns // 4))
        if _Library.get().recurrence_backward(*sizes, *map(_address, (recurrent, all_c, gates, dh, gradients))) != 0:
            raise MemoryError
        flat = gradients.view(steps * rows, columns)
        product = flat.t() @ all_h[:-1].reshape(steps * rows, columns // 4)
        return gradients, product.float(), None, None
