# engine: code
"""Shares results with another program."""

import os
from pathlib import Path


def share(path):
    os.chmod(path, 0o777)  # finds: FH961
    Path(path).parent.chmod(0o666)  # finds: FH961
