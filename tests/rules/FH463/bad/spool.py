# engine: code
"""Keeps work for later."""

import tempfile


def name():
    return tempfile.mktemp(suffix=".csv")  # finds: FH463


def remember(line):
    with open("/tmp/spool.log", "a") as file:  # finds: FH463
        file.write(line)
