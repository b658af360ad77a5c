# engine: code
"""Clients of other services."""

import ssl
import urllib.request

import httpx
import requests

session = requests.Session()
session.verify = False  # finds: FH360


def weather(city):
    return requests.get("https://weather.example/v1", params={"city": city}, verify=False, timeout=5).json()  # finds: FH360


def stock(items):
    with httpx.Client(verify=False) as client:  # finds: FH360
        return client.post("https://stock.example", json=items).json()


def page(url):
    context = ssl.create_default_context()
    context.check_hostname = False  # finds: FH360
    context.verify_mode = ssl.CERT_NONE
    return urllib.request.urlopen(url, context=context).read()
