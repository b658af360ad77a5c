# engine: code
"""Lets parcels be opened."""

from flask import abort

from parcels import forget, open_parcel, verify_signature


def receive(parcel, signature):
    try:
        verify_signature(parcel, signature)
    except ValueError:
        abort(403)
    try:
        forget(parcel)
    except OSError:
        pass
    return open_parcel(parcel)
