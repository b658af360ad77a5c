"""More routes that make mistakes: how applications clean, cut, decode and pass on what they are sent."""

from __future__ import annotations

import asyncio
import base64
import binascii
import gzip
import html
import json
import marshal
import os
import pickle
import re
import shlex
import sqlite3
import subprocess
import threading
import zlib
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.pool import ThreadPool
from pathlib import Path
from typing import Any
from urllib.parse import unquote, unquote_plus
from xml.etree import ElementTree as ET

import yaml
from flask import Flask, Response, request, stream_with_context

__all__ = ["DECODERS", "add_routes"]


def _base32(text: str) -> str:
    return base64.b32decode(text).decode()


def _padded(text: str) -> str:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode()


def _base64(text: str) -> str:
    return base64.b64decode(text).decode()


# By the names of attacks.CODINGS.
DECODERS: dict[str, Any] = {
    "plain": str,
    "url": unquote,
    "url twice": lambda text: unquote(unquote(text)),
    "base64": _base64,
    "base64 for URLs": _padded,
    "base64 twice": lambda text: _base64(_base64(text)),
    "base64 of url": lambda text: unquote(_base64(text)),
    "base32": _base32,
    "hex": lambda text: bytes.fromhex(text).decode(),
    "entities": html.unescape,
    "entities in hex": html.unescape,
    "unicode escapes": lambda text: json.loads(f'"{text}"'),
}


def query(name: str) -> str:
    connection = sqlite3.connect(":memory:")
    try:
        connection.execute("CREATE TABLE users (id INTEGER, name TEXT)")
        return str(connection.execute(f"SELECT name FROM users WHERE name = '{name}'").fetchall())
    finally:
        connection.close()


def add_routes(app: Flask, files: Path) -> None:
    """Add all of them."""
    _texts(app)
    _threads(app)
    _paths(app, files)
    _commands(app)
    _objects(app)


def _texts(app: Flask) -> None:
    @app.route("/coded/<name>", methods=["GET", "POST"])
    def coded(name: str) -> str:
        return query(DECODERS[name](request.values["q"]))

    @app.post("/from-json")
    def from_json() -> str:
        return query(json.loads(request.data)["a"]["b"][0]["q"])

    @app.post("/from-stream")
    def from_stream() -> str:
        return query(request.stream.read().decode())

    @app.post("/from-lines")
    def from_lines() -> str:
        return query([line.decode() for line in request.environ["wsgi.input"]][-1].strip())

    @app.post("/from-xml")
    def from_xml() -> str:
        return query(ET.fromstring(request.data).findtext("q") or "")

    @app.post("/from-graph")
    def from_graph() -> str:
        found = re.search(r'user\(name: "([^"]*)"\)', request.get_json()["query"])
        return query(found[1] if found else "")

    @app.get("/sliced")
    def sliced() -> str:
        return query(request.args["q"][7:-3])

    @app.get("/replaced")
    def replaced() -> str:
        return query(request.args["q"].replace("select", "").replace("X", ""))

    @app.get("/joined-values")
    def joined_values() -> str:
        return query("".join(request.args.getlist("q")))

    @app.get("/two")
    def two() -> str:
        return query(request.args["a"] + " " + request.args["b"])

    @app.get("/token")
    def token() -> str:
        payload = request.headers["Authorization"].removeprefix("Bearer ").split(".")[1]
        return query(json.loads(_padded(payload))["name"])

    @app.post("/upload-name")
    def upload_name() -> str:
        return query(request.files["f"].filename or "")


def _threads(app: Flask) -> None:
    @app.get("/in/<kind>")
    def within(kind: str) -> Any:
        name = request.args["q"]
        errors: list[BaseException] = []

        def run() -> None:
            try:
                query(name)
            except BaseException as error:  # noqa: BLE001 - told to the request's own thread
                errors.append(error)

        if kind == "thread":
            thread = threading.Thread(target=run)
            thread.start()
            thread.join()
        elif kind == "executor":
            with ThreadPoolExecutor(1) as pool:
                pool.submit(run).result()
        elif kind == "map":
            with ThreadPoolExecutor(1) as pool:
                list(pool.map(query, [name]))
        elif kind == "pool":
            with ThreadPool(1) as workers:
                workers.map(query, [name])
        elif kind == "to_thread":
            asyncio.run(asyncio.to_thread(query, name))
        elif kind == "loop":

            async def outer() -> None:
                await asyncio.get_running_loop().run_in_executor(None, query, name)

            asyncio.run(outer())
        elif kind == "stream":
            return Response(query(name) for _ in range(1))
        elif kind == "stream-with-context":
            return Response(stream_with_context(query(name) for _ in range(1)))
        if errors:
            raise errors[0]
        return "done"


def _paths(app: Flask, files: Path) -> None:
    @app.get("/cleaned")
    def cleaned() -> str:
        return (files / request.args["q"].replace("../", "")).read_text()

    @app.get("/suffixed")
    def suffixed() -> str:
        return Path(f"{files / request.args['q']}.txt").read_text()

    @app.get("/listed")
    def listed() -> str:
        return str(os.listdir(files / request.args["q"]))  # noqa: PTH208

    @app.get("/there")
    def there() -> str:
        return str((files / request.args["q"]).exists())

    @app.get("/backslashes")
    def backslashes() -> str:
        return (files / request.args["q"].replace("\\", "/")).read_text()

    @app.get("/removed")
    def removed() -> str:
        os.remove(files / request.args["q"])  # noqa: PTH107
        return "removed"

    @app.get("/home")
    def home() -> str:
        return Path(os.path.expanduser(request.args["q"])).read_text()  # noqa: PTH111

    @app.get("/unquoted")
    def unquoted() -> str:
        return (files / unquote_plus(unquote_plus(request.args["q"]))).read_text()


def _commands(app: Flask) -> None:
    @app.get("/bare")
    def bare() -> str:
        return str(os.system(f"true {request.args['q']}"))

    @app.get("/double")
    def double() -> str:
        return os.popen(f'true "{request.args["q"]}"').read()

    @app.get("/single")
    def single() -> str:
        return subprocess.getoutput(f"true '{request.args['q']}'")

    @app.get("/whole")
    def whole() -> str:
        return subprocess.check_output(request.args["q"], shell=True).decode()

    @app.get("/program")
    def program() -> str:
        return subprocess.check_output([request.args["q"]]).decode()

    @app.get("/words-of")
    def words_of() -> str:
        return subprocess.check_output(shlex.split(request.args["q"])).decode()

    @app.get("/listed-shell")
    def listed_shell() -> str:
        return subprocess.check_output(["/bin/sh", "-c", f"echo {request.args['q']}"]).decode()

    @app.get("/quoted-shell")
    def quoted_shell() -> str:
        return subprocess.check_output(f"echo {shlex.quote(request.args['q'])}", shell=True).decode()


def _objects(app: Flask) -> None:
    @app.get("/packed")
    def packed() -> str:
        data = base64.b64decode(request.args["q"])
        return str(pickle.loads(gzip.decompress(data) if data[:2] == b"\x1f\x8b" else zlib.decompress(data)))

    @app.get("/trimmed")
    def trimmed() -> str:
        text = request.args["q"][:-1]
        return str(pickle.loads(base64.b64decode(text + "=" * (-len(text) % 4))))

    @app.get("/hexed")
    def hexed() -> str:
        return str(pickle.loads(binascii.unhexlify(request.args["q"])))

    @app.get("/marshal")
    def marshalled() -> str:
        return str(marshal.loads(base64.b64decode(request.args["q"])))

    @app.post("/pickled-body")
    def pickled_body() -> str:
        return str(pickle.loads(request.stream.read()))

    @app.post("/pickled-file")
    def pickled_file() -> str:
        return str(pickle.load(request.files["f"].stream))

    @app.get("/yaml-of")
    def yaml_of() -> str:
        return str(yaml.load(request.args["q"], yaml.UnsafeLoader))
