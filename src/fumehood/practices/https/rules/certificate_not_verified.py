from __future__ import annotations

import re
from collections.abc import Iterator

from fumehood.engines.code import Assign, Call, CodeCheck
from fumehood.findings import Finding, Rule, Severity

# Whoever runs it has asked for that: it is an option, and for some hosts only.
_ASKED = re.compile(
    r"insecure|verify|self_?signed|skip_?(tls|ssl)|== ['\"](local|dev|development)['\"]", re.IGNORECASE
)
_CLIENTS = (
    "requests.*",
    "httpx.*",
    "*.get",
    "*.post",
    "*.put",
    "*.patch",
    "*.delete",
    "*.request",
    "aiohttp.*",
    "urllib3.*",
    "ldap3.Tls",
    "pymongo.MongoClient",
)


class CertificateNotVerified(Rule, CodeCheck):
    """A connection over TLS does not verify who answers.

    ## What it finds

    `verify=False` of requests and httpx, `ssl=False` of aiohttp, `ssl._create_unverified_context`, `CERT_NONE` and
    `check_hostname = False`. A function that fetches a server's certificate to look at it is left alone, and so is a setting that may
    switch verification off.

    ## Why it is bad

    Everybody on the way, as in any café, answers in the server's place, reads what is sent, passwords included, and chooses what
    comes back.

    ## Example

    ```python
    import requests

    def rates():
        return requests.get("https://rates.example/today", verify=False, timeout=5).json()
    ```

    ## Use instead

    A server with a certificate of your own authority is verified with that authority: `verify="/etc/ssl/own-ca.pem"`.

    ```python
    import requests

    def rates():
        return requests.get("https://rates.example/today", timeout=5).json()
    ```

    ## References

    - [CWE-295: Improper Certificate Validation](https://cwe.mitre.org/data/definitions/295.html)
    - [Python: ssl, security considerations](https://docs.python.org/3/library/ssl.html#security-considerations)
    """

    id = "FH360"
    name = "certificate-not-verified"
    severity = Severity.HIGH
    once = "function"
    cwe = 295
    asvs = ("v5.0.0-12.3.2",)
    fix = "Leave verification on; name your own authority's certificate where you have one."
    calls = (*_CLIENTS, "ssl._create_unverified_context", "ssl.wrap_socket", "ssl.SSLContext")
    assigns = ("*.check_hostname", "*.verify_mode", "*.verify", "ssl._create_default_https_context")

    def call(self, call: Call) -> Iterator[Finding]:
        if call.name == "ssl._create_unverified_context":
            yield self.flaw(call, "The TLS context verifies no certificate.")
        elif call.name == "ssl.wrap_socket":
            unverified = not call["cert_reqs"] or "ssl.CERT_NONE" in call["cert_reqs"].names
            if unverified and not call["server_side"].may_be(True):
                yield self.flaw(call, "ssl.wrap_socket verifies no certificate.")
        elif call["verify"].constant is False and not call.name.startswith("jwt."):
            yield self.flaw(
                call,
                f"{_shown(call)} does not verify the server's certificate.",
                severity=Severity.MEDIUM if any(map(_ASKED.search, call.tests)) else self.severity,
            )
        elif (
            (
                call.name.startswith("aiohttp.")
                and (call["ssl"].constant is False or call["verify_ssl"].constant is False)
            )
            or call["tlsAllowInvalidCertificates"].may_be(True)
            or "ssl.CERT_NONE" in call["cert_reqs"].names
        ):
            yield self.flaw(call, f"{_shown(call)} does not verify the server's certificate.")

    def assign(self, assign: Assign) -> Iterator[Finding]:
        what = assign.name.rpartition(".")[2]
        if "getpeercert" in assign.names_around:
            return  # the certificate itself is what is asked for: an invalid one is to be looked at, too
        if (what == "check_hostname" and assign.value.may_be(False)) or (
            what == "verify_mode" and "ssl.CERT_NONE" in assign.value.names
        ):
            yield self.flaw(assign, "The TLS context does not verify whom it talks to.")
        elif (
            what == "verify"
            and assign.value.may_be(False)
            and assign.name.startswith(("requests.", "httpx."))
        ):
            yield self.flaw(assign, "The session does not verify certificates.")
        elif (
            what == "_create_default_https_context" and "ssl._create_unverified_context" in assign.value.names
        ):
            yield self.flaw(assign, "Verification is switched off for the whole process.")


def _shown(call: Call) -> str:
    """The name of what is called, as far as it is worth reading: not how its object was come by."""
    name = call.name.removeprefix("?.")
    return name.rpartition(").")[2] if ")." in name else name
