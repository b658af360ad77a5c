# engine: code
"""Seals letters, badly."""

from Crypto.Cipher import AES, DES
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes


def seal(key, text):
    return DES.new(key, DES.MODE_CBC).encrypt(text)  # finds: FH263


def seal_again(key, text):
    return AES.new(key, AES.MODE_CBC, iv=b"0123456789abcdef").encrypt(text)  # finds: FH263


def seal_alike(key):
    return Cipher(algorithms.AES(key), modes.ECB()).encryptor()  # finds: FH263
