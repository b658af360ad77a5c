# engine: code
"""Seals letters."""

import os

from Crypto.Cipher import AES
from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes


def seal(key, text):
    return AES.new(key, AES.MODE_GCM, nonce=os.urandom(12)).encrypt_and_digest(text)


def seal_again(key):
    return Cipher(algorithms.AES(key), modes.CBC(os.urandom(16))).encryptor()


def seal_simply(key, text):
    return Fernet(key).encrypt(text)
