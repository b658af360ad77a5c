# engine: code
"""TLS as it was done long ago."""

import ssl

OLD = ssl.SSLContext(ssl.PROTOCOL_TLSv1)  # finds: FH361


def connect(sock):
    return ssl.wrap_socket(sock, ssl_version=ssl.PROTOCOL_SSLv3)  # finds: FH361


def context():
    made = ssl.create_default_context()
    made.minimum_version = ssl.TLSVersion.TLSv1_1  # finds: FH361
    return made
