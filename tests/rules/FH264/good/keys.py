# engine: code
"""Keys for a mail gateway."""

from Crypto.PublicKey import RSA
from cryptography.hazmat.primitives.asymmetric import ec, rsa


def make(size):
    return RSA.generate(4096), RSA.generate(size)


def make_other():
    return rsa.generate_private_key(65537, 2048), ec.generate_private_key(ec.SECP256R1())


def name_of(curve):
    """Tell which curve an old key has."""
    return {ec.SECP192R1().name: "P-192", ec.SECT163K1().name: "K-163"}.get(curve)
