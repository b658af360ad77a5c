# engine: code
"""Clients that know whom they talk to."""

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
