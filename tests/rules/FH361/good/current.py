# engine: code
"""TLS of today."""

import ssl


def context():
    made = ssl.create_default_context()
    made.minimum_version = ssl.TLSVersion.TLSv1_2
    return made


SERVER = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
