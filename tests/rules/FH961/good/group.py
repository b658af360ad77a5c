# engine: code
"""Shares results with the programs of one group."""

import os
from pathlib import Path


def share(path):
    os.chmod(path, 0o640)
    Path(path).parent.chmod(0o750)
    os.umask(0o077)
