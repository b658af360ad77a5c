from __future__ import annotations

from collections.abc import Iterator

from fumehood.engines.code import Argument, Call, CodeCheck
from fumehood.findings import Finding, Rule, Severity

_OLD = ("DES", "DES3", "ARC2", "ARC4", "Blowfish", "TripleDES", "IDEA", "CAST5", "SEED")
_PACKAGES = ("Crypto.Cipher", "Cryptodome.Cipher")
_PRIMITIVES = "cryptography.hazmat.primitives.ciphers"


class WeakCipher(Rule, CodeCheck):
    """Data is encrypted in a way that gives it away.

    ## What it finds

    DES, Triple DES, RC2, RC4 and Blowfish; any cipher in ECB mode; and a constant initialisation vector or nonce, in PyCryptodome
    and `cryptography`.

    ## Why it is bad

    The old ciphers are found by trying. ECB shows which blocks are equal, and with a constant vector so does every other mode: the
    shape of the data stays visible, and CTR and GCM lose the key stream.

    ## Example

    ```python
    from Crypto.Cipher import AES

    def seal(key, text):
        return AES.new(key, AES.MODE_ECB).encrypt(text)
    ```

    ## Use instead

    ```python
    from Crypto.Cipher import AES

    def seal(key, text):
        cipher = AES.new(key, AES.MODE_GCM)
        return cipher.nonce, *cipher.encrypt_and_digest(text)
    ```

    ## References

    - [CWE-327: Use of a Broken or Risky Cryptographic Algorithm](https://cwe.mitre.org/data/definitions/327.html)
    - [OWASP Cryptographic Storage Cheat Sheet](https://cheatsheetseries.owasp.org/cheatsheets/Cryptographic_Storage_Cheat_Sheet.html)
    """

    id = "FH263"
    name = "weak-cipher"
    severity = Severity.HIGH
    cwe = 327
    asvs = ("v5.0.0-11.3.1",)
    calls = (
        *(f"{package}.{name}.new" for package in _PACKAGES for name in (*_OLD, "AES")),
        *(f"{_PRIMITIVES}.algorithms.{name}" for name in _OLD),
        *(f"cryptography.hazmat.decrepit.ciphers.algorithms.{name}" for name in _OLD),
        *(f"{_PRIMITIVES}.modes.{name}" for name in ("ECB", "CBC", "CTR", "GCM", "OFB", "CFB")),
    )
    fix = "Use AES-GCM with a new nonce each time, or Fernet."

    def call(self, call: Call) -> Iterator[Finding]:
        parts = call.name.split(".")
        name = parts[-2] if parts[-1] == "new" else parts[-1]
        if name in _OLD:
            yield self.flaw(call, f"{name} is an old cipher that is found by trying.")
        elif name == "ECB" or _is_ecb(call):
            reads = _only_decrypts(call)  # whoever encrypted it chose the mode: a token's maker, an old file
            yield self.flaw(
                call,
                "In ECB mode equal blocks look equal.",
                severity=Severity.LOW if reads else self.severity,
            )
        else:
            start = call["2|iv|IV|nonce"] if name == "AES" else call[0]
            if start and start.is_known and isinstance(start.constant, bytes | str):
                yield self.flaw(
                    call, "The initialisation vector is always the same.", severity=Severity.MEDIUM
                )


def _is_ecb(call: Call) -> bool:
    mode: Argument = call["1|mode"]
    return any(name.endswith(".MODE_ECB") for name in mode.names) or (
        call.name.endswith("AES.new") and mode.may_be(1)
    )


def _only_decrypts(call: Call) -> bool:
    names = call.names_around
    return bool({"decryptor", "decrypt"} & names) and not {"encryptor", "encrypt"} & names
