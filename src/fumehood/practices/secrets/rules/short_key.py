from __future__ import annotations

from collections.abc import Iterator

from fumehood.engines.code import Call, CodeCheck
from fumehood.findings import Finding, Rule, Severity

_LENGTH = {
    "cryptography.hazmat.primitives.asymmetric.rsa.generate_private_key": "1|key_size",
    "cryptography.hazmat.primitives.asymmetric.dsa.generate_private_key": "0|key_size",
    "Crypto.PublicKey.RSA.generate": "0|bits",
    "Crypto.PublicKey.DSA.generate": "0|bits",
    "Cryptodome.PublicKey.RSA.generate": "0|bits",
    "Cryptodome.PublicKey.DSA.generate": "0|bits",
    "rsa.newkeys": "0|nbits",
}
_CURVES = tuple(
    f"cryptography.hazmat.primitives.asymmetric.ec.{name}" for name in ("SECP192R1", "SECT163K1", "SECT163R2")
)


class ShortKey(Rule, CodeCheck):
    """A key pair is too short.

    ## What it finds

    RSA and DSA keys of less than 2048 bits, and elliptic curves of less than 224.

    ## Why it is bad

    RSA keys of 768 bits have been broken by university machines; 1024 are within reach of those who can pay.

    ## Example

    ```python
    from cryptography.hazmat.primitives.asymmetric import rsa

    def make():
        return rsa.generate_private_key(public_exponent=65537, key_size=1024)
    ```

    ## Use instead

    ```python
    from cryptography.hazmat.primitives.asymmetric import rsa

    def make():
        return rsa.generate_private_key(public_exponent=65537, key_size=3072)
    ```

    ## References

    - [CWE-326: Inadequate Encryption Strength](https://cwe.mitre.org/data/definitions/326.html)
    - [NIST SP 800-57](https://csrc.nist.gov/pubs/sp/800/57/pt1/r5/final)
    """

    id = "FH264"
    name = "short-key"
    severity = Severity.MEDIUM
    cwe = 326
    asvs = ("v5.0.0-11.2.3",)
    calls = (*_LENGTH, *_CURVES)
    fix = "Make RSA keys of 3072 bits or more, or use Ed25519."

    def call(self, call: Call) -> Iterator[Finding]:
        if call.name in _CURVES:
            if "generate_private_key" not in call.names_around:
                return  # a table of curves: nothing is made with it here
            yield self.flaw(call, f"The curve {call.name.rpartition('.')[2]} is too short.")
            return
        bits = call[_LENGTH[call.name]].constant
        if isinstance(bits, int) and bits < 2048:
            yield self.flaw(call, f"A key of {bits} bits is too short.")
