"""The server's patience: it waits for a client only as long as its bytes are worth."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from typing import Any

import pytest

pytest.importorskip("gunicorn")

from fumehood.practices.https import worker


@pytest.fixture
def pair() -> Iterator[tuple[Any, socket.socket]]:
    ours, theirs = socket.socketpair()
    patient = worker._Patient(ours.family, ours.type, ours.proto, fileno=ours.detach())
    with patient, theirs:
        yield patient, theirs


def test_a_client_that_says_nothing_is_hung_up_on(pair: tuple[Any, socket.socket]) -> None:
    ours, _ = pair
    ours.patience = 0.02
    with pytest.raises(ConnectionResetError, match="too slow"):
        ours.recv(10)


def test_a_client_that_trickles_wears_the_patience_out(pair: tuple[Any, socket.socket]) -> None:
    ours, theirs = pair
    ours.patience = 0.05
    began = ours.patience
    theirs.send(b"a")
    assert ours.recv(10) == b"a"
    assert ours.patience < began + 0.001  # one byte earns a sixteen-thousandth of a second
    with pytest.raises(ConnectionResetError):
        ours.recv(10)


def test_a_client_that_reads_nothing_of_its_answer_is_hung_up_on(pair: tuple[Any, socket.socket]) -> None:
    ours, _ = pair
    ours.patience = 0.05
    with pytest.raises(ConnectionResetError):
        ours.sendall(bytes(50_000_000))


def test_a_long_answer_to_a_client_that_takes_it_is_sent_whole(pair: tuple[Any, socket.socket]) -> None:
    import threading

    ours, theirs = pair
    got = bytearray()

    def take() -> None:
        while piece := theirs.recv(1 << 20):
            got.extend(piece)

    taker = threading.Thread(target=take)
    taker.start()
    ours.sendall(bytes(20_000_000))
    ours.shutdown(socket.SHUT_WR)
    taker.join(20)
    assert len(got) == 20_000_000


def test_what_bytes_earn_never_exceeds_the_first_patience(pair: tuple[Any, socket.socket]) -> None:
    ours, theirs = pair
    theirs.sendall(bytes(100_000))
    ours.recv(100_000)
    assert ours.patience <= worker.PATIENCE
