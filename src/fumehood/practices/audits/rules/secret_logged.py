from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from fumehood.engines.code import Call, CodeCheck
from fumehood.findings import Certainty, Finding, Rule, Severity
from fumehood.practices.passwords.reading import is_password, plain_password

_METHODS = ("debug", "info", "warning", "warn", "error", "critical", "exception", "log")
_SECRET = re.compile(
    r"(^|_)(secret_key|secret|api_?key|private_key|access_token|auth_token|reset_token|refresh_token|session_token|jwt|otp|totp|cvv|ssn|card_number|ccn)$",
    re.IGNORECASE,
)


class SecretLogged(Rule, CodeCheck):
    """A password, token or key is written to a log.

    ## What it finds

    `print` and the methods of loggers that are given something named as a password, a token, a card number or a key, or the
    password that a request brings.

    ## Why it is bad

    Logs are copied, shipped, searched and kept by people and services that should never have it, and nobody deletes it from all of
    them.

    ## Example

    ```python
    import logging

    log = logging.getLogger(__name__)

    def sign_in(name, password):
        log.info("%s tries %s", name, password)
    ```

    ## Use instead

    ```python
    import logging

    log = logging.getLogger(__name__)

    def sign_in(name, password):
        log.info("%s tries to sign in", name)
    ```

    ## References

    - [CWE-532: Insertion of Sensitive Information into Log File](https://cwe.mitre.org/data/definitions/532.html)
    - [OWASP Logging Cheat Sheet](https://cheatsheetseries.owasp.org/cheatsheets/Logging_Cheat_Sheet.html)
    """

    id = "FH1061"
    name = "secret-logged"
    severity = Severity.MEDIUM
    cwe = 532
    asvs = ("v5.0.0-16.2.5",)
    calls = ("builtins.print", *(f"logging.{name}" for name in _METHODS), *(f"*.{name}" for name in _METHODS))
    once = "function"
    fix = "Log who and what happened, never what proves who somebody is."

    def call(self, call: Call) -> Iterator[Finding]:
        if call.name == "builtins.print" and not call.route:
            return  # what a program at a terminal says to the person before it
        if call.name != "builtins.print" and not re.search(
            r"log|app\b|Flask", call.name.rpartition(".")[0] + _receiver(call), re.IGNORECASE
        ):
            return
        for number, node in enumerate(getattr(call.node, "args", ())):
            name = _secret_in(node)
            if name:
                certainty = Certainty.READ if plain_password(call[number]) else Certainty.SUSPECTED
                yield self.flaw(call, f"{name} is written to a log.", certainty=certainty)
                return


def _receiver(call: Call) -> str:
    function = getattr(call.node, "func", None)
    return ast.unparse(function.value) if isinstance(function, ast.Attribute) else ""


def _secret_in(node: ast.expr) -> str:
    """The name of a secret whose text becomes part of an expression; what a call makes of it is another value."""
    if isinstance(node, ast.Name | ast.Attribute):
        name = node.id if isinstance(node, ast.Name) else node.attr
        return name if is_password(name) or _SECRET.search(name) else ""
    if (
        isinstance(node, ast.Subscript)
        and isinstance(node.slice, ast.Constant)
        and isinstance(node.slice.value, str)
    ):
        name = node.slice.value
        return name if is_password(name) or _SECRET.search(name) else ""
    if isinstance(node, ast.Call):
        function = node.func
        if isinstance(function, ast.Attribute) and function.attr == "format":
            return next(
                (
                    found
                    for item in (*node.args, *(one.value for one in node.keywords))
                    if (found := _secret_in(item))
                ),
                "",
            )
        return ""
    if isinstance(node, ast.JoinedStr | ast.BinOp | ast.FormattedValue | ast.Tuple):
        return next(
            (
                found
                for item in ast.iter_child_nodes(node)
                if isinstance(item, ast.expr) and (found := _secret_in(item))
            ),
            "",
        )
    return ""
