from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from fumehood.engines.code import Call, CodeCheck, Program
from fumehood.findings import Certainty, Finding, Location, Rule, Severity, Unknown
from fumehood.practices.passwords.reading import is_password
from fumehood.practices.secrets.credentials import SHORTEST, credential, entropy, signs, words

if TYPE_CHECKING:
    from fumehood.engines.code.literals import Literal

_MADE = "An account is made with a password"
_PEOPLE = frozenset({"users", "accounts", "credentials", "logins", "admins"})
# A shape that a service gives its keys, which no other text has.
_ISSUED = re.compile(
    r"AKIA[0-9A-Z]{16}|ghp_[A-Za-z0-9]{36}|github_pat_\w{22,}|xox[abprs]-[\w-]{10,}|sk_live_[0-9a-zA-Z]{16,}|AIza[\w-]{35}|SG\.[\w-]{16,}\.[\w-]{16,}|-----BEGIN [A-Z ]*PRIVATE KEY-----"
)
_SETTING = re.compile(
    r"^[ \t]*(?:-[ \t]*|export[ \t]+|ENV[ \t]+|ARG[ \t]+)?[\"']?([A-Za-z_][\w.-]*)[\"']?[ \t]*[:=][ \t]*[\"']?([^\"'#\s][^\"'#\n]*?)[\"']?[ \t]*(?:#.*)?$",
    re.MULTILINE,
)


# Files that name other people's packages, with versions and checksums.
_LOCKED = re.compile(
    r"(^|[/.-])lock\.(ya?ml|json|toml)$|(^|/)(package|composer|bower)\.json$|(^|/)conda", re.IGNORECASE
)
# Texts that are shown to people, in their languages.
_SHOWN_TEXTS = re.compile(
    r"(^|/)(locales?|i18n|l10n|lang|languages?|translations?|messages)([/_.-]|$)", re.IGNORECASE
)
# Places that say of themselves that nobody else's data is behind them.
_REHEARSAL = re.compile(
    r"(^|[^a-z])_*(tests?|test_?data|testing|dev|devel|development|local|seed|seeds|seeder|populate|fixtures?|demos?|samples?|examples?|mock|mocks|fake|dummy|factories|playground|e2e|ci|circle|travis|staging|molecule|pytest|tox|main)_*(?![a-z])",
    re.IGNORECASE,
)
_COMPOSE = re.compile(r"(^|/)((docker|container|podman)-)?compose[\w.-]*\.ya?ml$")
_SHOWN_HOST = re.compile(
    r"^(host|hostname|server|domain|example)$|(^|\.)example(\.(com|org|net))?$", re.IGNORECASE
)
_SHOWN_USERS = frozenset({"user", "username", "USER", "USERNAME", "login"})
_SHOWN_PASSWORD = re.compile(r"pass|password|passwd|pwd|secret", re.IGNORECASE)
_OWN_HOSTS = frozenset(
    {"localhost", "127.0.0.1", "::1", "db", "postgres", "mysql", "redis", "mongo", "mongodb", "rabbitmq"}
)


class HardcodedCredential(Rule, CodeCheck):
    """A password or key is written in the source.

    ## What it finds

    Text that is a credential by the meaning of its name and by its own looks: in assignments, arguments, dictionaries, defaults,
    comparisons, fallbacks of `os.environ.get`, lists of people with their passwords, addresses of databases with a password in
    them, and in `docker-compose.yml`, `Dockerfile` and other settings files. Keys in the form that a service issues are found
    under any name. Names of fields, messages and placeholders are not credentials.

    ## Why it is bad

    Everybody who reads the source has it: every developer, every backup, every copy of the repository, for ever. It is the same in all
    installations, and it cannot be changed without a release.

    ## Example

    ```python
    import psycopg

    def connect():
        return psycopg.connect(host="db.internal", user="shop", password="Tr0mbone-47")
    ```

    ## Use instead

    ```python
    import os
    import psycopg

    def connect():
        return psycopg.connect(host="db.internal", user="shop", password=os.environ["SHOP_DB_PASSWORD"])
    ```

    Then change the credential: it stays in the history.

    ## References

    - [CWE-798: Use of Hard-coded Credentials](https://cwe.mitre.org/data/definitions/798.html)
    - [OWASP Secrets Management Cheat Sheet](https://cheatsheetseries.owasp.org/cheatsheets/Secrets_Management_Cheat_Sheet.html)
    """

    id = "FH260"
    name = "hardcoded-credential"
    severity = Severity.HIGH
    cwe = 798
    asvs = ("v5.0.0-13.3.1",)
    fix = "Read it from the environment or a secrets store, and change it: it stays in the history."

    calls = (
        "*.execute",
        "*.executemany",
        "*.executescript",
        "werkzeug.security.generate_password_hash",
        "bcrypt.hashpw",
    )
    once = "function"

    def call(self, call: Call) -> Iterator[Finding]:
        last = call.name.rpartition(".")[2]
        if last.startswith("execute"):
            given = list(_inserted(call[0].text, call))
        else:
            written = call.node.args[:1] if isinstance(call.node, ast.Call) else []
            given = [
                one.value for one in written if isinstance(one, ast.Constant) and isinstance(one.value, str)
            ]
        if any(credential("password", value) for value in given):
            yield self._flaw(_MADE, call.location, self.severity)

    def settle(self, findings: Sequence[Finding], program: Program) -> Sequence[Finding]:
        """Who is made of a list of people that was told of already is no flaw of their own."""
        lists = {one.location.path for one in findings if one.location and "lists a password" in one.message}
        return [
            one
            for one in findings
            if _MADE not in one.message or (one.location and one.location.path not in lists)
        ]

    def program(self, program: Program) -> Iterator[Finding | Unknown]:
        told: set[tuple[str, ...]] = set()
        for item in program.literals:
            what = _what(item)
            # The people of one list are one flaw, and so is one text that a function writes again and again.
            same = (
                item.location.path,
                item.location.scope,
                item.how,
                item.name,
                "" if item.how == "row" else item.value,
            )
            if what and same not in told:
                told.add(same)
                yield self._flaw(what, item.location, _weight(item))
        for path, text in program.files.items():
            yield from self._settings(path, text)

    def _settings(self, path: str, text: str) -> Iterator[Finding]:
        if (
            _LOCKED.search(path)
            or _SHOWN_TEXTS.search(path)
            or path.endswith((".env", ".sql"))
            or "/." in f"/{path}"
            or "example" in path
            or "sample" in path
            or "template" in path
        ):
            return  # an environment file is where it belongs; that it is committed is another rule's finding
        for match in _SETTING.finditer(text):
            name, value = match.groups()
            kind = credential(name, value.strip())
            if kind and not value.startswith(("${", "$(", "{{", "!", "*", "&")):
                line = text.count("\n", 0, match.start(1)) + 1
                severity = Severity.MEDIUM if _COMPOSE.search(path) and kind == "password" else self.severity
                yield self._flaw(
                    f"{name} is a {kind}",
                    Location(path, line, code=match[0].strip().replace(value, "...")),
                    severity,
                )

    def _flaw(self, what: str, place: Location, severity: Severity) -> Finding:
        rehearsal = (
            _REHEARSAL.search(place.path)
            or _REHEARSAL.search(_spaced(place.scope))
            or place.scope.rpartition(".")[2].lower().startswith("test")
        )
        return self.finding(
            f"{what} that everybody who has the source knows.",
            severity=Severity.LOW if rehearsal else severity,
            certainty=Certainty.READ,
            location=place,
            fix=self.fix,
        )


def _spaced(scope: str) -> str:
    return " ".join(words(scope))


def _weight(item: Literal) -> Severity:
    if signs(item.name) and len(item.value) < SHORTEST:
        return (
            Severity.MEDIUM
        )  # a word such as "dev", for which another is set where it matters, if nobody forgets
    if not _password_in_address(item.value) or _ISSUED.search(item.value):
        return HardcodedCredential.severity
    return Severity.MEDIUM if urlsplit(item.value).hostname in _OWN_HOSTS else HardcodedCredential.severity


def _what(item: Literal) -> str:
    value = item.value
    if item.owner.rpartition(".")[2] in ("jsonify", "make_response", "render_template"):
        return ""  # what is shown to everybody
    if _ISSUED.search(value):
        return f"{item.name} is a key of a service"
    if _password_in_address(value):
        how = "is given" if item.how == "argument" else "is"
        return f"{item.name} {how} an address with a password"
    if item.how == "argument":
        return ""
    if item.how == "row":
        return (
            f"{item.name} lists a password"
            if _PEOPLE.intersection(words(item.name)) and _row_has_password(item)
            else ""
        )
    if item.how == "key" and item.owner == "" and _is_schema(item.beside):
        return ""
    kind: Any = credential(item.name, value)
    if not kind or (item.how == "compare" and kind != "password"):
        return ""
    if item.how == "compare" and not re.search(r"\d|[^\w\s]|.{5}", value):
        return ""
    how = {"default": "has the default", "fallback": "falls back to", "compare": "is compared with"}.get(
        item.how, "is"
    )
    return f"{item.name} {how} a {kind}"


def _password_in_address(value: str) -> bool:
    if "://" not in value or "@" not in value:
        return False
    try:
        address = urlsplit(value)
        secret, host = unquote(address.password or ""), address.hostname or ""
    except ValueError:
        return False
    if _SHOWN_HOST.search(host) or (address.username in _SHOWN_USERS and _SHOWN_PASSWORD.fullmatch(secret)):
        return False  # how such an address is written
    return bool(credential("password", secret)) and "{" not in secret


def _is_schema(beside: tuple[tuple[str, str], ...]) -> bool:
    """A dictionary that describes fields: JSON Schema, a form's labels."""
    keys = {name for name, _ in beside}
    return bool({"type", "properties", "$schema"} & keys) and "username" not in keys


def _row_has_password(item: Literal) -> bool:
    texts = [item.value, *(value for _, value in item.beside)]
    return any(
        len(text) >= 5
        and "@" not in text
        and (re.search(r"\d", text) or entropy(text) > 2.5)
        and text.lower() != texts[0].lower()
        for text in texts[1:]
    )


_INSERT = re.compile(
    r"insert\s+(?:or\s+\w+\s+)?into\s+\S+\s*\(([^)]*)\)\s*values\s*\(([^)]*)\)", re.IGNORECASE
)


def _inserted(text: str, call: Call) -> Iterator[str]:
    """Yield the passwords that a statement inserts, written in it or beside it."""
    for match in _INSERT.finditer(text):
        columns = [part.strip(" `\"'") for part in match[1].split(",")]
        values = [part.strip() for part in match[2].split(",")]
        holes = [position for position, value in enumerate(values) if value in ("?", "%s")]
        for position, (column, value) in enumerate(zip(columns, values, strict=False)):
            if not is_password(column):
                continue
            if value[:1] in "'\"" and "{" not in value:
                yield value.strip("'\"")
            elif position in holes:
                bound = call[1].items()
                index = holes.index(position)
                if index < len(bound) and bound[index].is_known:
                    yield bound[index].text
