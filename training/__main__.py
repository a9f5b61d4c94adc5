"""`python3 training COMMAND`: trains the models that Rubato plays. See README.md in this folder."""

import sys

from rubato_training.cli import main

sys.exit(main())
