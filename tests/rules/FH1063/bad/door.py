# engine: code
"""Lets parcels be opened."""

from parcels import open_parcel, verify_signature


def receive(parcel, signature):
    try:
        verify_signature(parcel, signature)
    except ValueError:  # finds: FH1063
        pass
    return open_parcel(parcel)
