"""`python3 training COMMAND`: trains the models that Rubato plays. See README.md in this folder."""

import sys

try:
    from rubato_training.cli import main

    # The commands import what they need themselves: reading files wants no PyTorch.
    sys.exit(main())
except ModuleNotFoundError as missing:
    if missing.name not in ("torch", "numpy", "mido"):
        raise
    sys.exit(
        f"Training needs the Python package {missing.name}, which this Python lacks: "
        "apt-get install python3-torch liblapack3 python3-mido, or pip install torch numpy mido."
    )
