from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from fumehood.engines.attack import AttackCheck
from fumehood.engines.code import Call, CodeCheck
from fumehood.findings import Certainty, Finding, Rule, Severity, Unknown

if TYPE_CHECKING:
    from fumehood.engines.attack.ground import Ground


class TokenNotVerified(Rule, CodeCheck, AttackCheck):
    """A JSON Web Token is read without verifying its signature.

    ## What it finds

    `jwt.decode` with `verify=False`, with `options={"verify_signature": False}`, with the algorithm `none` among those that are
    accepted, and calls that by their nature do not verify, where the result is not only shown to its owner. A check that is left out for expiry or audience
    is reported with less weight.

    ## Why it is bad

    Anybody can write such a token: with another's name, with any role, for ever.

    ## Example

    ```python
    import jwt

    def person_of(token):
        return jwt.decode(token, options={"verify_signature": False})["sub"]
    ```

    ## Use instead

    ```python
    import jwt

    def person_of(token, key):
        return jwt.decode(token, key, algorithms=["HS256"])["sub"]
    ```

    ## References

    - [CWE-347: Improper Verification of Cryptographic Signature](https://cwe.mitre.org/data/definitions/347.html)
    - [RFC 8725: JSON Web Token Best Current Practices](https://www.rfc-editor.org/rfc/rfc8725)
    """

    id = "FH262"
    name = "token-not-verified"
    severity = Severity.CRITICAL
    cwe = 347
    asvs = ("v5.0.0-9.1.1",)
    fix = "Verify with the key and a list of the algorithms that you use: jwt.decode(token, key, algorithms=[...])."
    calls = (
        "jwt.decode",
        "jwt.api_jwt.decode",
        "jwt.PyJWT.decode",
        "jose.jwt.decode",
        "jose.jwt.get_unverified_claims",
        "jwt.encode",
    )
    together = "questions"

    def call(self, call: Call) -> Iterator[Finding]:
        if call.name.endswith("get_unverified_claims"):
            yield self.flaw(
                call, "The claims of the token are read without verifying it.", severity=Severity.HIGH
            )
            return
        if call.name.endswith(".encode"):
            if call["2|algorithm"].may_be("none", "None"):
                yield self.flaw(call, "The token is made without a signature: the algorithm is none.")
            return
        options = call["options"].entries()
        off = "verify_signature" in options and options["verify_signature"].may_be(False)
        if call["verify"].may_be(False) or call["2|verify"].may_be(False) or off:
            # A token that no request brought may come from a service that was asked over TLS, to see until when it holds.
            from_request = call["0|jwt|token"].tainted_by("request", "stored")
            weight = {} if from_request else {"severity": Severity.MEDIUM, "certainty": Certainty.SUSPECTED}
            yield self.flaw(call, "The token's signature is not verified: anybody can write one.", **weight)
        elif any(item.may_be("none", "None", "NONE") for item in call["2|algorithms"].items()) or call[
            "2|algorithms"
        ].may_be("none"):
            yield self.flaw(call, "A token without a signature is accepted: the algorithm none is allowed.")
        elif "verify_exp" in options and options["verify_exp"].may_be(False):
            yield self.flaw(call, "A token that has expired is accepted.", severity=Severity.MEDIUM)

    def attack(self, ground: Ground) -> Iterator[Finding | Unknown]:
        from fumehood.engines.attack.proof import prove
        from fumehood.engines.attack.tokens import forged_tokens

        for forged in forged_tokens(ground):
            yield self.finding(
                f"A token {forged.how} is believed.",
                severity=Severity.MEDIUM if forged.expired else self.severity,
                certainty=Certainty.CONFIRMED,
                route=f"{forged.answer.wanted.method} {forged.answer.wanted.path}",
                evidence=prove(
                    forged.answer,
                    f"a token {forged.how} opened the page; without a token, and with noise in its place, it is refused",
                    "",  # the token of a test would expire
                ),
                fix=self.fix,
            )
