"""Tells what is weak about a cipher suite, by its name in the RFCs."""

from __future__ import annotations

__all__ = ["weakness_of"]

_BROKEN = (
    ("_NULL_", "no encryption"), ("_anon_", "no authentication"), ("EXPORT", "keys of 40 bits"), ("_RC4_", "RC4"), ("_RC2_", "RC2"),
    ("_DES_", "DES"), ("DES40", "DES"), ("_3DES_", "3DES"), ("_IDEA_", "IDEA"), ("_MD5", "MD5"),
)  # fmt: skip


def weakness_of(suite: str) -> str:
    """Return what is weak about a suite such as ``TLS_RSA_WITH_AES_128_CBC_SHA``, or "" when nothing is."""
    for part, why in _BROKEN:
        if part in suite:
            return why
    if suite.startswith(("TLS_RSA_", "TLS_DH_", "TLS_ECDH_")):
        return "no forward secrecy"
    if "_CBC_" in suite:
        return "CBC, which has been attacked time and again"
    return ""
