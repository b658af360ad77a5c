"""The baseline: findings that are known and are worked off. New ones are never swallowed, moved lines do not make old ones new.

A finding is known by its rule, its place's file, scope and code with the spacing normalised (or its route and parameter), and by how many there are
of the same. A file that is gone hands its findings on to the file that has the same ones, so that a rename makes nothing new.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fumehood.findings.model import Finding
from fumehood.private_files import replace_whole

__all__ = ["Baseline", "WrongBaseline", "fingerprint"]

VERSION = 1


class WrongBaseline(Exception):
    """The baseline's file cannot be read or written. The message says why."""


def fingerprint(finding: Finding, *, with_path: bool = True) -> str:
    """Return what a finding is known by: 32 hexadecimal digits.

    Neither the line nor the certainty is part of it: both change without the flaw changing.
    """
    place = finding.location
    parts = [finding.rule, finding.route, finding.parameter]
    if place:
        parts += [place.path if with_path else "", place.scope, _normalised(place.code)]
    if not place or not place.code:
        parts.append(re.sub(r"\d+", "0", finding.message))
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:32]


def _normalised(code: str) -> str:
    """Code without what formatters change: spacing, the kind of quotes, trailing commas, comments."""
    code = re.sub(r"\s#\s.*$", "", code)
    return re.sub(r",(?=[)\]}]|$)", "", re.sub(r"\s+", "", code).replace("'", '"'))


@dataclass(frozen=True, slots=True)
class Baseline:
    """How often each fingerprint is known, and the entries as they were written."""

    entries: tuple[dict[str, Any], ...] = ()

    @classmethod
    def read(cls, file: Path) -> Baseline:
        """Read a baseline.

        Raises:
            WrongBaseline: when it is not there or is not one.
        """
        try:
            content = json.loads(file.read_text("utf-8"))
            if content["version"] != VERSION:
                raise WrongBaseline(f"{file} has version {content['version']}, this Fumehood reads {VERSION}")
            entries = tuple(content["findings"])
            for entry in entries:
                if (
                    not all(isinstance(entry[key], str) for key in ("fingerprint", "moved", "rule", "path"))
                    or entry["count"] < 1
                ):
                    raise KeyError("fingerprint")
        except OSError as error:
            raise WrongBaseline(
                f"{file} cannot be read: {error.strerror}; --write-baseline makes it"
            ) from None
        except (ValueError, KeyError, TypeError, AttributeError):
            raise WrongBaseline(f"{file} is not a baseline of fumehood; --write-baseline makes one") from None
        return cls(entries)

    @staticmethod
    def write(file: Path, findings: Sequence[Finding]) -> None:
        """Write the findings as a baseline: in one step, sorted, one entry a fingerprint.

        Raises:
            WrongBaseline: when the file cannot be written; what was there is unchanged.
        """
        counts = Counter(map(fingerprint, findings))
        first = {fingerprint(finding): finding for finding in reversed(findings)}
        entries = [
            {
                "fingerprint": key,
                "moved": fingerprint(finding, with_path=False),
                "rule": finding.rule,
                "path": finding.location.path if finding.location else "",
                "message": finding.message,
                "count": counts[key],
            }
            for key, finding in first.items()
        ]
        entries.sort(key=lambda entry: (entry["rule"], entry["path"], entry["fingerprint"]))
        text = json.dumps({"version": VERSION, "findings": entries}, indent=2, ensure_ascii=False) + "\n"
        try:
            replace_whole(file, text.encode(), 0o644)  # a report, not a secret
        except OSError as error:
            raise WrongBaseline(f"{file} cannot be written: {error.strerror}") from None

    def split(
        self, findings: Sequence[Finding], exists: Callable[[str], bool]
    ) -> tuple[tuple[Finding, ...], tuple[Finding, ...]]:
        """Return what is new and what is known.

        Parameters:
            findings: of this run.
            exists: tells whether a file, relative to the root, is still there.
        """
        here: Counter[str] = Counter()
        gone: Counter[str] = Counter()
        for entry in self.entries:
            here[entry["fingerprint"]] += entry["count"]
        first_new: list[Finding] = []
        known: list[Finding] = []
        for finding in findings:
            if here[key := fingerprint(finding)] > 0:
                here[key] -= 1
                known.append(finding)
            else:
                first_new.append(finding)
        for entry in self.entries:
            if entry["path"] and not exists(entry["path"]):
                gone[entry["moved"]] += here[entry["fingerprint"]]
                here[entry["fingerprint"]] = 0
        new: list[Finding] = []
        for finding in first_new:
            if gone[key := fingerprint(finding, with_path=False)] > 0:
                gone[key] -= 1
                known.append(finding)
            else:
                new.append(finding)
        return tuple(new), tuple(known)
