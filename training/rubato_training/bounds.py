"""The numbers that the commands take: types for argparse, whose errors name what is meant."""

import argparse
import math


def whole(least, most=None, step=1):
    """Whole numbers from `least` to `most` (None: without end), multiples of `step`."""
    kind = "a whole number" if step == 1 else f"a multiple of {step}"
    end = "up" if most is None else f"to {most}"

    def read(text):
        try:
            value = int(text)
        except ValueError:
            value = None
        if value is None or value < least or most is not None and value > most or value % step != 0:
            raise argparse.ArgumentTypeError(f"{text!r} isn't {kind} from {least} {end}")
        return value

    return read


def share(text):
    """A number from 0 to under 1."""
    return _number(text, lambda value: 0 <= value < 1, "from 0 to under 1")


def rate(text):
    """A learning rate."""
    return _number(text, lambda value: 0 < value <= 1, "over 0, up to 1")


def _number(text, is_right, range_told):
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not is_right(value):
        raise argparse.ArgumentTypeError(f"{text!r} isn't a number {range_told}")
    return value
