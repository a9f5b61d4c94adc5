"""`python3 training COMMAND`: trains the models that Rubato plays. See README.md in this folder."""

import os
import signal
import sys


class Stop:
    """Ctrl-C. Libraries that are being loaded may turn it into an error of theirs; `was_asked` tells that it was."""

    was_asked = False

    @classmethod
    def ask(cls, *_):
        cls.was_asked = True
        raise KeyboardInterrupt


def run():
    """Runs the command. @returns the exit code"""
    try:
        from rubato_training.cli import main

        # Each command imports what it needs, so that reading files works without PyTorch.
        return main()
    except BaseException as error:
        if Stop.was_asked:
            print(f"\nStopped. {error if isinstance(error, KeyboardInterrupt) else ''}".rstrip(), file=sys.stderr)
            sys.stderr.flush()
            # If Ctrl-C came while C code was calling Python, Python would end as killed by it, whatever is returned here.
            os._exit(130)
        if not isinstance(error, ModuleNotFoundError) or error.name not in ("torch", "numpy", "mido"):
            raise
        return (
            f"Training needs the Python package {error.name}, which this Python lacks: "
            "apt-get install python3-torch liblapack3 python3-mido, or pip install torch numpy mido."
        )


# The processes of a pool import this file under another name.
if __name__ == "__main__":
    signal.signal(signal.SIGINT, Stop.ask)
    sys.exit(run())
