from __future__ import annotations

from collections.abc import Iterator

from fumehood.engines.code import Call, CodeCheck
from fumehood.findings import Finding, Rule, Severity
from fumehood.practices.secrets.credentials import credential

_KEY_ARGUMENT = {
    "jwt.encode": "1|key", "jwt.decode": "1|key", "jwt.api_jwt.encode": "1|key", "jwt.api_jwt.decode": "1|key", "jose.jwt.encode": "1|key", "jose.jwt.decode": "1|key",
    "authlib.jose.jwt.encode": "2|key", "authlib.jose.jwt.decode": "1|key", "itsdangerous.Signer": "0|secret_key", "itsdangerous.TimestampSigner": "0|secret_key",
    "itsdangerous.URLSafeSerializer": "0|secret_key", "itsdangerous.URLSafeTimedSerializer": "0|secret_key", "itsdangerous.Serializer": "0|secret_key",
    "itsdangerous.TimedSerializer": "0|secret_key", "itsdangerous.TimedJSONWebSignatureSerializer": "0|secret_key", "hmac.new": "0|key", "hmac.digest": "0|key",
    "cryptography.fernet.Fernet": "0|key", "Crypto.Cipher.AES.new": "0|key", "Cryptodome.Cipher.AES.new": "0|key", "Crypto.Cipher.DES.new": "0|key",
    "cryptography.hazmat.primitives.ciphers.algorithms.AES": "0|key", "cryptography.hazmat.primitives.ciphers.aead.AESGCM": "0|key",
}  # fmt: skip


class HardcodedSigningKey(Rule, CodeCheck):
    """A key that signs or encrypts is written in the source.

    ## What it finds

    A constant as the key of a JSON Web Token, of an itsdangerous signer, of an HMAC or of a cipher, wherever it was written
    before it got there. A constant under a name such as `JWT_SECRET` is told once, where it is written (FH260).

    ## Why it is bad

    Who has the source makes tokens that the application takes for its own: for any person, with any role.

    ## Example

    ```python
    import jwt

    def token_for(person):
        return jwt.encode({"sub": person}, "secret", algorithm="HS256")
    ```

    ## Use instead

    ```python
    import jwt
    from flask import current_app

    def token_for(person):
        return jwt.encode({"sub": person}, current_app.config["SECRET_KEY"], algorithm="HS256")
    ```

    ## References

    - [CWE-321: Use of Hard-coded Cryptographic Key](https://cwe.mitre.org/data/definitions/321.html)
    - [OWASP Key Management Cheat Sheet](https://cheatsheetseries.owasp.org/cheatsheets/Key_Management_Cheat_Sheet.html)
    """

    id = "FH261"
    name = "hardcoded-signing-key"
    severity = Severity.HIGH
    cwe = 321
    asvs = ("v5.0.0-13.3.1",)
    fix = "Take the key from the application's configuration or a secrets store, and change it."
    calls = tuple(_KEY_ARGUMENT)

    def call(self, call: Call) -> Iterator[Finding]:
        keys = [
            key for key in call[_KEY_ARGUMENT[call.name]].constants if isinstance(key, str | bytes) and key
        ]
        if not keys or str(keys[0]).startswith("-----BEGIN PUBLIC"):
            return
        text = keys[0] if isinstance(keys[0], str) else keys[0].decode("latin-1")
        # A constant under a credential's name is told where it is written, as a hard-coded credential.
        if not any(credential(name, text) for name in call.source_names if name != text):
            yield self.flaw(call, f"The key of {call.name} is a constant of the program.")
