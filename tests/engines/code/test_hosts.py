"""Checks of where an address leads: what makes a request to it harmless, in the ways that people write it."""

from __future__ import annotations

import pytest

import fumehood.practices
from engines.code.reading import project
from fumehood.engines.code import Options, analyse
from fumehood.findings import discover

RULES = [rule for rule in discover(fumehood.practices) if rule.id == "FH445"]
HEAD = """
import ipaddress, re, socket, requests
from urllib.parse import urlparse
from flask import Flask, request, abort
app = Flask(__name__)
"""
ASKED = """
@app.get("/fetch")
def fetch():
    url = request.args["url"]
    if not ok(url):
        abort(400)
    return {"length": len(requests.get(url, timeout=5).content)}
"""
RAISES = """
@app.get("/fetch")
def fetch():
    url = request.args["url"]
    ok(url)
    return {"length": len(requests.get(url, timeout=5).content)}
"""

ENOUGH = {
    "each address of the host": (
        """
def ok(url):
    parts = urlparse(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return False
    try:
        infos = socket.getaddrinfo(parts.hostname, None)
    except socket.gaierror:
        return False
    for info in infos:
        address = ipaddress.ip_address(info[4][0])
        if address.is_private or address.is_loopback or address.is_link_local:
            return False
    return True
""",
        ASKED,
    ),
    "its one address": (
        """
def ok(url):
    host = urlparse(url).hostname
    ip = socket.gethostbyname(host)
    return not ipaddress.ip_address(ip).is_private
""",
        ASKED,
    ),
    "an address that is global": (
        """
def ok(url):
    host = urlparse(url).hostname
    return ipaddress.ip_address(socket.gethostbyname(host)).is_global
""",
        ASKED,
    ),
    "all addresses": (
        """
def ok(url):
    host = urlparse(url).hostname
    return all(ipaddress.ip_address(info[4][0]).is_global for info in socket.getaddrinfo(host, 80))
""",
        ASKED,
    ),
    "not any address": (
        """
def ok(url):
    host = urlparse(url).hostname
    return not any(ipaddress.ip_address(info[4][0]).is_private for info in socket.getaddrinfo(host, 80))
""",
        ASKED,
    ),
    "an exception of its own": (
        """
class Refused(Exception): pass
def ok(url):
    host = urlparse(url).hostname
    for *_, sockaddr in socket.getaddrinfo(host, 80):
        ip = ipaddress.ip_address(sockaddr[0])
        if not ip.is_global:
            raise Refused(host)
""",
        RAISES,
    ),
    "a helper of a helper": (
        """
def blocked(text):
    try:
        ip = ipaddress.ip_address(text)
    except ValueError:
        return True
    return ip.is_private or ip.is_loopback or ip.is_reserved
def ok(url):
    parsed = urlparse(url)
    host = parsed.hostname
    if not host:
        return False
    try:
        infos = socket.getaddrinfo(host, None)
    except OSError:
        return False
    for info in infos:
        if blocked(info[4][0]):
            return False
    return True
""",
        ASKED,
    ),
    "networks that are refused": (
        """
NETS = [ipaddress.ip_network(n) for n in ("10.0.0.0/8", "127.0.0.0/8")]
def ok(url):
    ip = ipaddress.ip_address(socket.gethostbyname(urlparse(url).hostname))
    return not any(ip in net for net in NETS)
""",
        ASKED,
    ),
    "networks in a loop": (
        """
NETS = ["10.0.0.0/8", "127.0.0.0/8"]
def ok(url):
    ip = ipaddress.ip_address(socket.gethostbyname(urlparse(url).hostname))
    for net in NETS:
        if ip in ipaddress.ip_network(net):
            return False
    return True
""",
        ASKED,
    ),
    "hosts that are allowed": (
        """
ALLOWED = {"a.example", "b.example"}
def ok(url):
    return urlparse(url).hostname in ALLOWED
""",
        ASKED,
    ),
    "a helper that says the opposite": (
        """
def is_private_url(url):
    hostname = urlparse(url).hostname
    ip = socket.gethostbyname(hostname)
    return ipaddress.ip_address(ip).is_private
def ok(url):
    return not is_private_url(url)
""",
        ASKED,
    ),
    "a test in three parts": (
        """
def ok(url):
    parsed_url = urlparse(url)
    hostname = parsed_url.hostname
    ip = socket.gethostbyname(hostname)
    if ip.startswith("127.") or ip == "::1" or ipaddress.ip_address(ip).is_private:
        return False
    return True
""",
        ASKED,
    ),
    "a pattern that names the host": (
        r"""
ALLOWED = re.compile(r"^https://([a-z0-9-]+\.)*example\.org(/|$)")
def ok(url):
    return bool(ALLOWED.match(url))
""",
        ASKED,
    ),
    "a domain of ours": (
        """
def ok(url):
    host = urlparse(url).hostname or ""
    return host == "example.org" or host.endswith(".example.org")
""",
        ASKED,
    ),
    "hosts from the configuration": (
        """
def ok(url):
    host = urlparse(url).netloc
    allowed = [urlparse(u).netloc for u in app.config["ALLOWED_URLS"]]
    if host not in allowed:
        return False
    return True
""",
        ASKED,
    ),
}

TOO_LITTLE = {
    "the scheme alone": (
        """
def ok(url):
    return urlparse(url).scheme in ("http", "https")
""",
        ASKED,
    ),
    "that the host exists": (
        """
def ok(url):
    try:
        socket.gethostbyname(urlparse(url).hostname)
    except OSError:
        return False
    return True
""",
        ASKED,
    ),
    "the wrong way round": (
        """
def ok(url):
    return ipaddress.ip_address(socket.gethostbyname(urlparse(url).hostname)).is_private
""",
        ASKED,
    ),
    "that a name occurs somewhere": (
        """
def ok(url):
    return "example.org" in url
""",
        ASKED,
    ),
}
TOO_LITTLE["a pattern without an end"] = (
    r"""
def ok(url):
    return re.match(r"https://example\.org", url)
""",
    ASKED,
)


def found(root, check, view):
    result = analyse(project(root, {"app.py": HEAD + check + view}), RULES, Options(cache=False, jobs=1))
    return bool(result.findings)


@pytest.mark.parametrize("name", ENOUGH)
def test_is_enough(name, tmp_path):
    assert not found(tmp_path, *ENOUGH[name])


@pytest.mark.parametrize("name", TOO_LITTLE)
def test_is_too_little(name, tmp_path):
    assert found(tmp_path, *TOO_LITTLE[name])
