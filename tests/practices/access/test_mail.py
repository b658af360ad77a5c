"""Mail arrives, by the way that is configured, and an answer does not wait for it."""

from __future__ import annotations

import socketserver
import threading
from contextlib import contextmanager
from email import message_from_bytes
from email.message import EmailMessage

import pytest
from flask import Flask

from fumehood import Fumehood
from fumehood.settings import ConfigurationError


class _Post(socketserver.StreamRequestHandler):
    """As much of SMTP (RFC 5321) as a client needs to leave a message."""

    def handle(self):
        self.wfile.write(b"220 post\r\n")
        while line := self.rfile.readline():
            verb = line[:4].upper()
            self.server.heard.append(line)
            if verb == b"DATA":
                self.wfile.write(b"354 go on\r\n")
                lines = []
                while (line := self.rfile.readline()) != b".\r\n":
                    lines.append(line)
                self.server.arrived.append(b"".join(lines))
                self.server.event.set()
            if verb == b"QUIT":
                self.wfile.write(b"221 bye\r\n")
                return
            self.wfile.write(b"250 ok\r\n")


@contextmanager
def serving(address):
    server = socketserver.ThreadingTCPServer((address, 0), _Post)
    server.daemon_threads = True
    server.arrived, server.heard, server.event = [], [], threading.Event()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def post():
    with serving("127.0.0.1") as server:
        yield server


def mailer(**settings):
    app = Flask("notebook")
    app.testing = True
    Fumehood(app, settings=settings)
    return app, app.extensions["fumehood"].mailer


def letter():
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "a@example.org", "b@example.org", "Hello"
    message.set_content("Use https://localhost/reset/x")
    return message


def test_mail_arrives_by_smtp(post):
    _, send = mailer(mail=f"smtp://127.0.0.1:{post.server_address[1]}")
    send(letter())
    assert post.event.wait(20)
    arrived = message_from_bytes(post.arrived[0])
    assert (arrived["To"], arrived["Subject"]) == ("b@example.org", "Hello")


def test_an_answer_does_not_wait_for_a_server_that_is_down(caplog):
    _, send = mailer(mail="smtp://127.0.0.1:9")
    send(letter())
    send._thread.shutdown(wait=True)
    assert "could not be sent" in caplog.text
    assert "b@example.org" not in caplog.text


def test_neither_password_nor_mail_goes_in_clear_text_to_another_host(caplog):
    with serving("127.0.0.2") as post:  # not loopback, as far as the rule knows
        _, send = mailer(mail=f"smtp://user:secretword@127.0.0.2:{post.server_address[1]}")
        send(letter())
        send._thread.shutdown(wait=True)
        assert post.heard
        assert post.arrived == []
        assert not any(line.startswith((b"AUTH", b"MAIL")) for line in post.heard)
    assert "could not be sent" in caplog.text
    assert "secretword" not in caplog.text


def test_mail_goes_to_the_log_by_default(caplog):
    _, send = mailer()
    send(letter())
    assert "https://localhost/reset/x" in caplog.text


def test_an_apps_own_mailer_gets_the_message():
    app, sent = Flask("notebook"), []
    app.testing = True
    Fumehood(app, mailer=sent.append)
    app.extensions["fumehood"].mailer(letter())
    assert [message["Subject"] for message in sent] == ["Hello"]


@pytest.mark.parametrize("address", ["pigeon://host", "smtp://", "smtp://host:port", "mail.example.org"])
def test_an_address_that_is_none_stops_the_start_and_is_not_repeated(address):
    with pytest.raises(ConfigurationError, match="FUMEHOOD_MAIL") as stopped:
        mailer(mail=address)
    assert "pigeon" not in str(stopped.value)
