"""Reads the samples of the rules and their expectations, and runs the engines over them.

A sample is ``tests/rules/FHnnn/{bad,good}/<name>.py``, or a folder ``<name>/`` when it needs several files; its application is then
``app.py``. What a rule must find is written beside the line, in the language's own comment::

    app.config["SECRET_KEY"] = "dev"  # finds: FH203

On a line of its own the expectation is for the whole file: for findings that have no place in the source. ``# missing: FH203``
is a flaw that is not found, ``# spurious: FH203`` a finding that is wrong: known gaps, which stay visible and may only become fewer.
A sample that only the code engine may look at has ``# engine: code`` in its first line; it is never imported. What rules say of
a live address is shown by a recording, ``site.json``.
"""

from __future__ import annotations

import importlib.util
import json
import re
import shutil
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from fumehood.engines.address import AddressCheck, Site
from fumehood.engines.attack import AnswerCheck, AttackCheck
from fumehood.engines.live import LiveCheck, ProjectCheck
from fumehood.engines.live.facts import from_json
from fumehood.engines.live.project import read_project
from fumehood.engines.live.record import record
from fumehood.engines.live.target import load
from fumehood.findings import Finding, Rule
from fumehood.findings.merge import merge

HERE = Path(__file__).parent
_EXPECTED = re.compile(r"(?:#|//|;|<!--|\{#)\s*(finds|missing|spurious):\s*([A-Z0-9, ]+)")
WHOLE_FILE = 0


@dataclass(frozen=True)
class Sample:
    rule: str
    kind: str  # "bad" or "good"
    path: Path

    @property
    def name(self) -> str:
        return self.path.relative_to(HERE).as_posix()

    @property
    def files(self) -> list[Path]:
        found = [self.path] if self.path.is_file() else self.path.rglob("*")
        return [file for file in found if file.is_file() and "__pycache__" not in file.parts]

    @property
    def app(self) -> Path | None:
        file = self.path if self.path.is_file() else self.path / "app.py"
        if not file.exists() or "engine: code" in file.read_text("utf-8").partition("\n")[0]:
            return None
        return file


Place = tuple[str, int, str]  # file, line (WHOLE_FILE: no place), rule


def samples() -> Iterator[Sample]:
    for folder in sorted(HERE.glob("FH*")):
        for kind in ("bad", "good"):
            for path in sorted((folder / kind).glob("*")):
                if path.name != "__pycache__" and (path.is_dir() or path.suffix == ".py"):
                    yield Sample(folder.name, kind, path)


def expectations(sample: Sample) -> dict[str, Counter[Place]]:
    """What the comments expect, by ``finds``, ``missing`` and ``spurious``."""
    expected: dict[str, Counter[Place]] = {"finds": Counter(), "missing": Counter(), "spurious": Counter()}
    for file in sample.files:
        relative = file.name if sample.path.is_file() else file.relative_to(sample.path).as_posix()
        for number, line in enumerate(file.read_text("utf-8", errors="replace").splitlines(), 1):
            for match in _EXPECTED.finditer(line):
                alone = not line[: match.start()].strip()
                for rule in re.split(r"[\s,]+", match[2].strip()):
                    place = ("", WHOLE_FILE, rule) if alone else (relative, number, rule)
                    expected[match[1]][place] += 1
    return expected


def found(sample: Sample, rules: Sequence[Rule], workplace: Path) -> Counter[Place]:
    """Where these rules find something in the sample, with all the engines that can look at it."""
    root = workplace / "sample"
    if sample.path.is_file():
        root.mkdir()
        shutil.copy(sample.path, root / sample.path.name)
    else:
        shutil.copytree(sample.path, root, ignore=shutil.ignore_patterns("__pycache__"))
    findings = look(root, sample.app.name if sample.app else "", rules)
    return Counter(
        (item.location.path, item.location.line, item.rule) if item.location else ("", WHOLE_FILE, item.rule)
        for item in findings
    )


def look(root: Path, app_file: str, rules: Sequence[Rule]) -> tuple[Finding, ...]:
    findings: list[Finding] = []
    project = read_project(root)
    for rule in rules:
        if isinstance(rule, ProjectCheck):
            findings.extend(item for item in rule.project(project) if isinstance(item, Finding))
    live = [rule for rule in rules if isinstance(rule, LiveCheck)]
    if live and app_file:
        with importing(root, app_file) as app:
            recorded, _ = record(app, root, target=app_file, project=project)
            for rule in live:
                findings.extend(item for item in rule.live(recorded) if isinstance(item, Finding))
    findings.extend(look_at_site(root, rules))
    findings.extend(attack(root, app_file, rules))
    findings.extend(read_code(root, rules))
    return merge(findings, {rule.id: rule.weakness for rule in rules})


def attack(root: Path, app_file: str, rules: Sequence[Rule]) -> Sequence[Finding]:
    """Attack the sample with the rules that nothing else shows."""
    from fumehood.engines.attack.run import AttackOptions
    from fumehood.engines.attack.run import attack as attacked

    only = [rule for rule in rules if only_attack(rule)]
    if not only or not app_file:
        return ()
    return attacked(root, app_file.removesuffix(".py"), only, AttackOptions(seconds=60.0, each=3.0)).findings


def only_attack(rule: Rule) -> bool:
    """Tell whether a rule is shown by attack alone."""
    import fumehood.engines.code as code

    others = (LiveCheck, ProjectCheck, AddressCheck, code.CodeCheck, code.FlowCheck)
    return isinstance(rule, AttackCheck | AnswerCheck) and not isinstance(rule, others)


def look_at_site(root: Path, rules: Sequence[Rule]) -> Iterator[Finding]:
    """Judge a recording of a site, ``site.json``, when the sample has one; its comments stand on lines of their own."""
    file = root / "site.json"
    if file.exists():
        text = re.sub(r"(?m)^\s*(//|#).*$", "", file.read_text("utf-8"))
        site = from_json(Site, json.loads(text))
        for rule in rules:
            if isinstance(rule, AddressCheck):
                yield from (item for item in rule.address(site) if isinstance(item, Finding))


def read_code(root: Path, rules: Sequence[Rule]) -> Sequence[Finding]:
    import fumehood.engines.code as code

    if not hasattr(code, "analyse"):
        return ()
    chosen = [rule for rule in rules if isinstance(rule, code.CodeCheck | code.FlowCheck)]
    return code.analyse(root, chosen, code.Options(cache=False)).findings if chosen else ()


@contextmanager
def importing(root: Path, app_file: str):
    """Import a sample's application as the audit does, and leave no module of it behind."""
    before, path, bytecode = set(sys.modules), list(sys.path), sys.dont_write_bytecode
    sys.dont_write_bytecode = True
    try:
        yield load(root, app_file.removesuffix(".py"))
    finally:
        sys.path[:] = path
        sys.dont_write_bytecode = bytecode
        for name in set(sys.modules) - before:
            file = getattr(sys.modules[name], "__file__", None)
            if file and Path(file).is_relative_to(root):
                del sys.modules[name]
        importlib.invalidate_caches()


_HEADING = re.compile(r"^## (.+)$", re.MULTILINE)
_FENCE = re.compile(r"^```([\w.+-]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def page(rule: Rule) -> dict[str, str]:
    """A rule's documentation: its text by heading; the summary under the empty heading."""
    import inspect

    parts = _HEADING.split(inspect.cleandoc(rule.__doc__ or ""))
    return {"": parts[0]} | dict(zip(parts[1::2], parts[2::2], strict=True))


def write_examples(text: str, folder: Path) -> list[str]:
    """Write the fenced blocks of a page's section as files: ``app.py``, or as ``# file: NAME`` in the first line says."""
    names = []
    for language, block in _FENCE.findall(text):
        first = block.partition("\n")[0]
        named = re.search(r"file:\s*(\S+)", first)
        if named is None and language != "python":
            continue
        name = named[1] if named else "app.py"
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(block, "utf-8")
        names.append(name)
    return names
