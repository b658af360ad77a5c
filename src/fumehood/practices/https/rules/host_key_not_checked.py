from __future__ import annotations

from collections.abc import Iterator

from fumehood.engines.code import Call, CodeCheck
from fumehood.findings import Finding, Rule, Severity


class HostKeyNotChecked(Rule, CodeCheck):
    """An SSH connection accepts any host's key.

    ## What it finds

    Paramiko's `AutoAddPolicy` and `WarningPolicy`, and asyncssh with `known_hosts=None`.

    ## Why it is bad

    Whoever stands on the way answers as the server, and gets the password and everything that is sent.

    ## Example

    ```python
    import paramiko

    def connect(host):
        client = paramiko.SSHClient()
        client.set_missing_host_key_policy(paramiko.AutoAddPolicy())
        client.connect(host)
        return client
    ```

    ## Use instead

    ```python
    import paramiko

    def connect(host):
        client = paramiko.SSHClient()
        client.load_system_host_keys()
        client.connect(host)
        return client
    ```

    ## References

    - [CWE-322: Key Exchange without Entity Authentication](https://cwe.mitre.org/data/definitions/322.html)
    - [Paramiko: host key policies](https://docs.paramiko.org/en/stable/api/client.html)
    """

    id = "FH363"
    name = "host-key-not-checked"
    severity = Severity.MEDIUM
    cwe = 322
    asvs = ("v5.0.0-12.3.4",)
    fix = "Load the known host keys, and leave the policy at its default, which refuses others."
    calls = ("paramiko.AutoAddPolicy", "paramiko.WarningPolicy", "paramiko.client.AutoAddPolicy", "paramiko.client.WarningPolicy",
             "*.set_missing_host_key_policy", "asyncssh.connect")  # fmt: skip

    def call(self, call: Call) -> Iterator[Finding]:
        if call.name == "asyncssh.connect":
            if call["known_hosts"].may_be(None):
                yield self.flaw(call, "The host's key is not checked.")
        elif (call.name.startswith("paramiko.") and call.name.endswith("Policy")) or any(
            name.endswith(("AutoAddPolicy", "WarningPolicy")) for name in call[0].names
        ):
            yield self.flaw(call, "A host whose key is not known is accepted.")
