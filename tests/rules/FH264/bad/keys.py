# engine: code
"""Keys for a mail gateway."""

from Crypto.PublicKey import RSA
from cryptography.hazmat.primitives.asymmetric import ec, rsa

SIZE = 1024


def make():
    return RSA.generate(SIZE)  # finds: FH264


def make_other():
    return rsa.generate_private_key(65537, 512)  # finds: FH264


def make_curve():
    return ec.generate_private_key(ec.SECP192R1())  # finds: FH264
