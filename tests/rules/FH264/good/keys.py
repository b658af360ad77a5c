# engine: code
"""Keys for a mail gateway."""

from Crypto.PublicKey import RSA
from cryptography.hazmat.primitives.asymmetric import ec, rsa


def make(size):
    return RSA.generate(4096), RSA.generate(size)


def make_other():
    return rsa.generate_private_key(65537, 2048), ec.generate_private_key(ec.SECP256R1())
