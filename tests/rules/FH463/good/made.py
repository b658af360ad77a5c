# engine: code
"""Keeps work for later, in files of its own."""

import tempfile


def keep(data):
    with tempfile.NamedTemporaryFile(suffix=".csv", delete=False) as file:
        file.write(data)
    return file.name


def read():
    with open("/tmp/spool.log") as file:
        return file.read()


def build():
    with open("/tmp/build.log", "w") as file:
        file.write("started by hand")
