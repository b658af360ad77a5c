"""What benchmarks on real applications share: the files of a commit, and what the code engine finds in them."""

from __future__ import annotations

import subprocess
import sys
import tarfile
from io import BytesIO
from pathlib import Path

import fumehood.practices
from fumehood.engines.code import Options, analyse
from fumehood.findings import Finding, discover

__all__ = ["code_findings", "files_at", "has_commit"]


def has_commit(checkout: Path, commit: str) -> bool:
    """Whether a checkout (or a bare repository) has a commit."""
    done = subprocess.run(
        ["git", "-C", str(checkout), "cat-file", "-e", f"{commit}^{{commit}}"],
        capture_output=True,
        check=False,
    )
    return done.returncode == 0


def files_at(checkout: Path, commit: str, target: Path) -> None:
    """Write the files of a commit; of what is checked out, with a warning, when the commit is not there."""
    if not has_commit(checkout, commit):
        print(
            f"  {checkout.name}: commit {commit[:10]} is not in the checkout; its HEAD is read",
            file=sys.stderr,
        )
        commit = "HEAD"
    done = subprocess.run(["git", "-C", str(checkout), "archive", commit], capture_output=True, check=True)
    with tarfile.open(fileobj=BytesIO(done.stdout)) as archive:
        archive.extractall(target, filter=_or_leave)


def _or_leave(member: tarfile.TarInfo, path: str) -> tarfile.TarInfo | None:
    """Leave out what leads outside, as links to absolute paths do."""
    try:
        return tarfile.data_filter(member, path)
    except tarfile.FilterError:
        return None


def code_findings(root: Path) -> list[tuple[Finding, int]]:
    """Return what the code engine finds, each with the CWE of its rule."""
    rules = discover(fumehood.practices)
    cwe = {rule.id: rule.cwe for rule in rules}
    return [
        (f, cwe[f.rule])
        for f in analyse(root, rules, Options(cache=False)).findings
        if f.location is not None
    ]
