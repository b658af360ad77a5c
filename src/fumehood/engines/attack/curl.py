"""A request as a command for a shell, which sends the same."""

from __future__ import annotations

import base64
import json
import shlex
from collections.abc import Iterator
from urllib.parse import quote_plus

from fumehood.engines.attack.cookies import quoted
from fumehood.engines.attack.exchange import PAGE_TOKEN, Exchange, Upload, Wanted

__all__ = ["curl"]

_LARGEST = 6_000  # bytes of a file that stands in the command


def curl(answer: Exchange, base: str = "https://localhost") -> str:
    """Return a command that sends an exchange's request. A session appears as ``$SESSION``, a token as ``$TOKEN``."""
    wanted = answer.wanted
    words = ["curl", "-i", "-X", wanted.method]
    if "/.." in wanted.path or "/./" in wanted.path:
        words.append("--path-as-is")
    spare = wanted.spare_headers if not wanted.person else {}
    for name, value in {**spare, **wanted.headers}.items():
        words += ["-H", f"{name}: {value}" if value else f"{name};"]
    first, *uploads = _body(wanted)
    words += [*uploads, base + wanted.target]
    return f"{first}{shlex.join(words)}{_session(answer)}"


def _body(wanted: Wanted) -> Iterator[str]:
    """Yield what goes before the command, to make a file, and then the words of the command."""
    names = list(wanted.files)
    upload = wanted.files[names[0]] if len(names) == 1 else None
    made = upload is not None and len(upload.content) <= _LARGEST
    yield (
        f"echo {base64.b64encode(upload.content).decode()} | base64 -d | "
        if made and upload is not None
        else ""
    )
    if wanted.document is not None:
        yield from ("-H", "Content-Type: application/json", "-d", json.dumps(wanted.document))
        return
    if wanted.raw is not None:
        if not any(name.lower() == "content-type" for name in wanted.headers):
            yield from ("-H", "Content-Type:")  # without it curl would call it a form
        yield from ("--data-binary", wanted.raw.decode("utf-8", "replace")[:2000])
        return
    for name, value in wanted.form.items():
        for item in (
            value
            if isinstance(value, list)
            else [f"(the token of {wanted.page})" if value == PAGE_TOKEN else value]
        ):
            yield from (
                ("--form-string", f"{name}={item}")
                if wanted.files
                else ("--data-urlencode", f"{quote_plus(name)}={item}")
            )
    for name, item in wanted.files.items():
        yield from ("-F", f"{name}=@{'-' if made else item.filename};{_described(item)}")


def _described(upload: Upload) -> str:
    name = upload.filename.replace("\\", "\\\\").replace('"', '\\"')
    return f'type={upload.content_type};filename="{name}"'


def _session(answer: Exchange) -> str:
    wanted = answer.wanted
    spare = wanted.spare_cookies if not wanted.person else {}
    cookies = "; ".join(f"{name}={quoted(value)}" for name, value in {**spare, **wanted.cookies}.items())
    told = f" -b {shlex.quote(cookies)}" if cookies else ""
    if not wanted.person:
        return told
    shown = "".join(
        f' -H "{name}: {value.replace("{token}", "$TOKEN")}"' for name, value in answer.signed.headers.items()
    )
    if shown:
        return f"{told}{shown}  # the token of {wanted.person}"
    told = f" -b {shlex.quote(cookies + '; ')}" if cookies else " -b "
    return f'{told}"$SESSION"  # the session of {wanted.person}'
