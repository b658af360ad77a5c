# engine: code
"""Clients that know whom they talk to."""

import os
import socket
import ssl
import urllib.request

import requests

AUTHORITY = "/etc/ssl/own-ca.pem"


def weather(city):
    return requests.get("https://weather.example/v1", params={"city": city}, verify=AUTHORITY, timeout=5).json()


def page(url):
    context = ssl.create_default_context(cafile=AUTHORITY)
    context.verify_mode = ssl.CERT_REQUIRED
    return urllib.request.urlopen(url, context=context).read()


def check(form):
    return form.get("box", verify=True)


def expiry(host):
    """Look at the certificate of a server, valid or not."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    with socket.create_connection((host, 443), timeout=5) as plain, context.wrap_socket(plain) as secured:
        return secured.getpeercert(binary_form=True)


def feed(url, verify=None):
    return requests.get(url, verify=os.environ.get("FEED_AUTHORITY") or verify or True, timeout=5).text
