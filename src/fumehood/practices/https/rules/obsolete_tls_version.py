from __future__ import annotations

from collections.abc import Iterator

from fumehood.engines.address import AddressCheck, Site
from fumehood.engines.code import Assign, Call, CodeCheck
from fumehood.findings import Evidence, Finding, Rule, Severity, Unknown
from fumehood.practices.https.suites import weakness_of

_OLD = frozenset({
    "ssl.PROTOCOL_SSLv2", "ssl.PROTOCOL_SSLv3", "ssl.PROTOCOL_TLSv1", "ssl.PROTOCOL_TLSv1_1", "ssl.TLSVersion.SSLv3", "ssl.TLSVersion.TLSv1",
    "ssl.TLSVersion.TLSv1_1", "ssl.TLSVersion.MINIMUM_SUPPORTED", "OpenSSL.SSL.SSLv2_METHOD", "OpenSSL.SSL.SSLv3_METHOD", "OpenSSL.SSL.TLSv1_METHOD",
    "OpenSSL.SSL.TLSv1_1_METHOD",
})  # fmt: skip


class ObsoleteTlsVersion(Rule, CodeCheck, AddressCheck):
    """A connection may use a version of TLS that is broken.

    ## What it finds

    Contexts that are made for SSL 2, SSL 3, TLS 1.0 or TLS 1.1, or that allow them as the lowest version. At a live address: the versions and
    cipher suites that the server accepts, and the named attacks on TLS that it is open to.

    ## Why it is bad

    These versions have known attacks; an attacker on the way can force both sides down to the weakest that both allow.

    ## Example

    ```python
    import ssl

    context = ssl.SSLContext(ssl.PROTOCOL_TLSv1)
    ```

    ## Use instead

    ```python
    import ssl

    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    ```

    ## References

    - [CWE-327: Use of a Broken or Risky Cryptographic Algorithm](https://cwe.mitre.org/data/definitions/327.html)
    - [RFC 8996: Deprecating TLS 1.0 and TLS 1.1](https://www.rfc-editor.org/rfc/rfc8996)
    """

    id = "FH361"
    name = "obsolete-tls-version"
    severity = Severity.MEDIUM
    cwe = 327
    asvs = ("v5.0.0-12.1.1",)
    fix = "Use ssl.create_default_context(), with TLS 1.2 as the lowest version."
    calls = ("ssl.SSLContext", "ssl.wrap_socket", "ssl._create_unverified_context", "OpenSSL.SSL.Context")
    assigns = ("*.minimum_version", "*.ssl_version")

    def call(self, call: Call) -> Iterator[Finding]:
        for argument in (call["0|protocol"], call["ssl_version"], call["0|method"]):
            if _OLD.intersection(argument.names):
                yield self.flaw(call, f"{call.name} is made for a version of TLS that is broken.")
                return

    def assign(self, assign: Assign) -> Iterator[Finding]:
        if _OLD.intersection(assign.value.names):
            yield self.flaw(assign, "The lowest version of TLS that is allowed is broken.")

    def address(self, site: Site) -> Iterator[Finding | Unknown]:
        if site.tls is None:
            yield Unknown(self.id, f"TLS was not looked at: {site.why_no_tls}")
            return
        mend = "Take the intermediate configuration of Mozilla's guideline: TLS 1.2 and 1.3 only; fumehood deploy writes it."
        for version, suites in site.tls.accepted.items():
            if version not in {"TLS 1.2", "TLS 1.3"}:
                yield self.finding(
                    f"The server accepts {version}.",
                    severity=Severity.HIGH if version.startswith("SSL") else self.severity,
                    evidence=(Evidence("tls", f"{version} with {', '.join(suites[:6])}"),),
                    fix=mend,
                )
        weak: dict[str, list[str]] = {}
        for version in ("TLS 1.2", "TLS 1.3"):
            for suite in site.tls.accepted.get(version, ()):
                if why := weakness_of(suite):
                    weak.setdefault(why, []).append(suite)
        for why, named in sorted(weak.items()):
            mild = why == "no forward secrecy" or why.startswith("CBC")
            yield self.finding(
                f"The server accepts cipher suites with {why}.",
                severity=Severity.LOW if mild else Severity.HIGH,
                evidence=(Evidence("tls", ", ".join(named)),),
                fix=mend,
            )
        for problem in site.tls.problems:
            yield self.finding(
                f"The server is open to {problem}.",
                severity=Severity.HIGH,
                evidence=(Evidence("tls", f"sslyze showed it: {problem}"),),
                fix="Update the server and its OpenSSL.",
            )
