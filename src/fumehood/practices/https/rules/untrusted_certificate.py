from __future__ import annotations

from collections.abc import Iterator

from fumehood.engines.address import AddressCheck, Site
from fumehood.findings import Evidence, Finding, Rule, Severity, Unknown


class UntrustedCertificate(Rule, AddressCheck):
    """A site's certificate is not trusted, or soon will not be.

    ## What it finds

    At a live address: a certificate that no authority vouches for, that is for another name, that has expired or will within two weeks,
    whose key is short or whose signature uses SHA-1.

    ## Why it is bad

    Visitors see a warning, and who learns to click it away does so for an attacker's certificate too.

    ## Example

    What was recorded of a site:

    ```text
    # file: site.json
    {"url": "https://shop.example", "host": "shop.example", "untrusted": "certificate has expired"}
    ```

    ## Use instead

    A certificate by ACME, renewed by itself; `fumehood deploy` writes what is needed.

    ```text
    # file: site.json
    {"url": "https://shop.example", "host": "shop.example"}
    ```

    ## References

    - [CWE-295: Improper Certificate Validation](https://cwe.mitre.org/data/definitions/295.html)
    - [RFC 8555: Automatic Certificate Management Environment](https://www.rfc-editor.org/rfc/rfc8555)
    """

    id = "FH321"
    name = "untrusted-certificate"
    severity = Severity.HIGH
    cwe = 295
    asvs = ("v5.0.0-12.2.2",)

    def address(self, site: Site) -> Iterator[Finding | Unknown]:
        mend = "Get a certificate by ACME, and have it renewed by itself."
        if site.untrusted:
            yield self.finding(
                f"The certificate of {site.host} is not trusted: {site.untrusted}.",
                evidence=(Evidence("tls", site.untrusted),),
                fix=mend,
            )
        certificate = site.tls.certificate if site.tls else None
        if certificate is None:
            return
        elliptic = not certificate.key.startswith("RSA")
        for wrong, what, severity in (
            (0 <= certificate.days_left < 14 and certificate.lifetime > 28, f"expires in {certificate.days_left} days", Severity.MEDIUM),
            (certificate.key_bits < (224 if elliptic else 2048), f"has a short key: {certificate.key}", Severity.HIGH),
            (certificate.signature in {"md5", "sha1"}, f"is signed with {certificate.signature}", Severity.HIGH),
        ):  # fmt: skip
            if wrong:
                yield self.finding(
                    f"The certificate of {site.host} {what}.",
                    severity=severity,
                    evidence=(
                        Evidence(
                            "tls",
                            f"{', '.join(certificate.subject)}: {certificate.key}, until {certificate.not_after}",
                        ),
                    ),
                    fix=mend,
                )
