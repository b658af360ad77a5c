"""Where advisory data comes from: OSV's export, a copy of it or of PyPA's database, or PyPI package by package."""

from __future__ import annotations

import http.client
import io
import json
import ssl
import urllib.error
import urllib.request
import zipfile
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import IO, Any

from fumehood.engines.advisories.osv import Advisory, Affected, parsed
from fumehood.engines.advisories.packages import Package
from fumehood.engines.advisories.store import save
from fumehood.settings import ConfigurationError

__all__ = ["OSV_EXPORT", "Unreachable", "from_pypi", "read_copy", "update"]

OSV_EXPORT = "https://osv-vulnerabilities.storage.googleapis.com/PyPI/all.zip"
PYPI = "https://pypi.org/pypi"
_LARGEST_EXPORT = 512 * 1024 * 1024
_LARGEST_RECORD = 8 * 1024 * 1024
_LARGEST_PAGE = 32 * 1024 * 1024
_PROBES = 3
_AT_ONCE = 8
_SECONDS = 20.0

Open = Callable[[str, int], bytes]


class Unreachable(Exception):
    """Advisory data could not be fetched; the message says from where and why."""


def update(
    copy: Path | None = None,
    *,
    path: Path | None = None,
    packages: Iterable[Package] = (),
    fetch: Open | None = None,
) -> str:
    """Fill the data at hand, and return in words what was done.

    Parameters:
        copy: a folder or zip of OSV records (JSON, or YAML as in pypa/advisory-database); else the network is asked.
        path: the file to write.
        packages: what to ask PyPI about where OSV's export cannot be reached.
        fetch: fetches an address with a limit in bytes; by urllib by default.

    Raises:
        Unreachable: if neither OSV nor PyPI answered; the data at hand is kept.
        ConfigurationError: if the copy cannot be read or the data cannot be written.
    """
    fetch = fetch or fetcher()
    if copy is not None:
        count = save(read_copy(copy), str(copy), path=path)
        return f"{count} advisories from {copy}"
    try:
        content = fetch(OSV_EXPORT, _LARGEST_EXPORT)
    except Unreachable as first:
        wanted = sorted(set(packages))
        found, checked, why = from_pypi(wanted, fetch)
        if not checked:
            raise Unreachable(f"{first}; {why or 'and there is no package to ask PyPI about'}") from None
        save(found, "PyPI", path=path, checked=checked, asked=wanted)
        said = f"{first}. PyPI answered for {len(checked)} of {len(wanted)} packages"
        return said + ("" if len(checked) == len(wanted) else "; the others are not checked")
    count = save(_of_zip(io.BytesIO(content), OSV_EXPORT), "OSV", path=path)
    return f"{count} advisories from OSV"


def read_copy(copy: Path) -> Iterator[Advisory]:
    """Yield the records of a folder, a zip or a single file.

    Raises:
        ConfigurationError: if there is no such thing, or a record cannot be read.
    """
    if copy.is_dir():
        for file in sorted(copy.rglob("*")):
            if file.suffix in {".json", ".yaml", ".yml"} and ".git" not in file.parts and file.is_file():
                yield from _of_text(file.read_bytes(), str(file))
    elif copy.is_file() and zipfile.is_zipfile(copy):
        with copy.open("rb") as content:
            yield from _of_zip(content, str(copy))
    elif copy.is_file():
        yield from _of_text(copy.read_bytes(), str(copy))
    else:
        raise ConfigurationError(f"There is no folder or file {copy} to read advisories from.")


def from_pypi(packages: Iterable[Package], fetch: Open) -> tuple[list[Advisory], list[Package], str]:
    """Ask PyPI's JSON API about each package; return the advisories, the packages it answered for, and why not, if so.

    Some mirrors have no page for a version: then the project's page tells, where its latest version is the one asked about.
    """
    wanted = list(packages)
    found: list[Advisory] = []
    checked: list[Package] = []
    why = ""
    # The first few alone: where PyPI is as far away as OSV, nobody waits for all of them.
    answers = [_asked(package, fetch) for package in wanted[:_PROBES]]
    if any(isinstance(answer, dict) for answer in answers):
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            answers += pool.map(lambda package: _asked(package, fetch), wanted[_PROBES:])
    for package, answer in zip(wanted, answers, strict=False):
        if isinstance(answer, str):
            why = answer
        elif str(answer["info"].get("version")) == package.version:
            checked.append(package)
            found += [_of_pypi(package, row) for row in answer["vulnerabilities"] if not row.get("withdrawn")]
    return found, checked, why


def _asked(package: Package, fetch: Open) -> dict[str, Any] | str:
    """Return what PyPI says of a package, or why it says nothing."""
    why = ""
    for address in (f"{PYPI}/{package.name}/{package.version}/json", f"{PYPI}/{package.name}/json"):
        try:
            answer = json.loads(fetch(address, _LARGEST_PAGE))
        except (Unreachable, ValueError) as error:
            why = str(error)
            continue
        if (
            isinstance(answer, dict)
            and isinstance(answer.get("info"), dict)
            and isinstance(answer.get("vulnerabilities"), list)
        ):
            return answer
        why = f"{address} says nothing about vulnerabilities"
    return why


def _of_pypi(package: Package, row: dict[str, Any]) -> Advisory:
    summary = str(row.get("summary") or row.get("details") or "").split("\n", 1)[0][:300]
    # Only this version is known to be affected; a range that never begins tells where it ends.
    ends = tuple(("fixed", str(at)) for at in row.get("fixed_in") or ())
    about = Affected(package.name, (ends,) if ends else (), (package.version,))
    return Advisory(str(row["id"]), tuple(map(str, row.get("aliases") or ())), summary, None, (about,))


def _of_zip(content: IO[bytes], shown: str) -> Iterator[Advisory]:
    try:
        with zipfile.ZipFile(content) as archive:
            for info in archive.infolist():
                if info.filename.endswith((".json", ".yaml", ".yml")):
                    if info.file_size > _LARGEST_RECORD:
                        raise ConfigurationError(
                            f"{shown} holds a record of {info.file_size} bytes ({info.filename})."
                        )
                    yield from _of_text(archive.read(info), f"{shown}:{info.filename}")
    except (zipfile.BadZipFile, RuntimeError, EOFError, NotImplementedError) as error:
        raise ConfigurationError(f"{shown} is not a readable zip file: {error}.") from error


def _of_text(content: bytes, shown: str) -> Iterator[Advisory]:
    try:
        if shown.endswith(".json"):
            record = json.loads(content)
        else:
            record = _yaml(content)
        if not isinstance(record, dict) or "affected" not in record:
            # Other files of a checkout: configuration, lists.
            return
        advisory = parsed(record)
    except (ValueError, RecursionError) as error:
        raise ConfigurationError(
            f"{shown} is not an advisory in the OSV format: {str(error).splitlines()[0]}."
        ) from error
    if advisory is not None:
        yield advisory


def _yaml(content: bytes) -> Any:
    try:
        import yaml
    except ImportError as error:
        raise ConfigurationError("Advisories in YAML need PyYAML: pip install 'fumehood[audit]'.") from error
    loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        return yaml.load(content, Loader=loader)  # noqa: S506 -- a safe loader, the C one where there is one
    except yaml.YAMLError as error:
        raise ValueError(str(error)) from error


def fetcher() -> Open:
    """Return a function that fetches over HTTPS; it loads the system's certificate authorities once."""
    context = ssl.create_default_context()
    opener = urllib.request.build_opener(urllib.request.HTTPSHandler(context=context))
    return lambda address, limit: _fetch(opener, address, limit)


def _fetch(opener: urllib.request.OpenerDirector, address: str, limit: int) -> bytes:
    asked = urllib.request.Request(address, headers={"User-Agent": "fumehood (advisory data)"})  # noqa: S310 -- https constants
    try:
        with opener.open(asked, timeout=_SECONDS) as answer:
            content: bytes = answer.read(limit + 1)
    except urllib.error.HTTPError as error:
        error.close()
        raise Unreachable(f"{address} answered {error.code}") from None
    except (OSError, http.client.HTTPException) as error:
        reason = getattr(error, "reason", None) or error
        raise Unreachable(f"{address} could not be reached ({reason})") from None
    if len(content) > limit:
        raise Unreachable(f"{address} sent more than {limit} bytes")
    return content
