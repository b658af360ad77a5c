"""Runs the engines with the practices' rules, and merges what they found into one verdict per practice."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from fumehood.audit.result import Address, AuditError, AuditResult, Verdict, VerdictKind, severity_counts
from fumehood.audit.run import Progress, Run
from fumehood.audit.verdicts import missing, verdicts
from fumehood.findings import Rule, discover
from fumehood.findings.configuration import AuditConfiguration, WrongConfiguration
from fumehood.findings.merge import merge
from fumehood.findings.reading import read_once
from fumehood.findings.suppressions import suppress

if TYPE_CHECKING:
    from fumehood.engines.attack.run import AttackOptions

__all__ = [
    "ENGINES",
    "Address",
    "AuditError",
    "AuditResult",
    "Verdict",
    "VerdictKind",
    "all_rules",
    "audit",
    "severity_counts",
]

ENGINES = ("code", "live", "versions", "attack", "address")


def all_rules(*, cache: bool = False) -> tuple[Rule, ...]:
    """Return every rule of the ten practices.

    Parameters:
        cache: import each only when it has something to judge, by what the user's cache folder says that it declares.
    """
    import fumehood.practices

    if not cache:
        return discover(fumehood.practices)
    from fumehood.findings.standins import stand_ins

    return stand_ins(fumehood.practices)


@read_once()
def audit(
    root: Path,
    *,
    target: str = "",
    engines: Iterable[str] = (),
    rules: Sequence[Rule] | None = None,
    configuration: AuditConfiguration | None = None,
    cache: bool = True,
    timeout: float = 120.0,
    attack: AttackOptions | None = None,
    address: Address | None = None,
    progress: Progress | None = None,
    today: date | None = None,
) -> AuditResult:
    """Audit a project.

    Parameters:
        root: the project's folder, or one file.
        target: ``MODULE[:ATTR]`` of the application to import; empty to read only.
        engines: any of "code", "live", "versions", "attack", "address"; by default all that can look ("live" and "attack" need a target),
            and "address" alone when there is one.
        rules: by default all.
        configuration: by default what ``[tool.fumehood]`` in the project's ``pyproject.toml`` says.
        cache: whether the code engine may keep what it learned between runs.
        timeout: seconds that importing and asking the application may take together.
        attack: bounds and people of the attack engine, which runs only when this is given and a target is named.
        address: a site at a live address.
        progress: told what is being done.
        today: the date for suppressions that end; by default the current one.

    Raises:
        AuditError: when the root does not exist, ``[tool.fumehood]`` is wrong, or the application cannot be imported.
    """
    if not root.exists():
        raise AuditError(f"{root} does not exist")
    rules = all_rules(cache=cache) if rules is None else tuple(rules)
    try:
        configuration = configuration or AuditConfiguration.load(root)
    except WrongConfiguration as error:
        raise AuditError(str(error)) from None
    chosen = _chosen(tuple(engines) or (("address",) if address else ()), target, attack is not None, address)
    run = Run(
        root, target, rules, configuration, cache, timeout, progress or (lambda *_: None), attack, address
    )
    for engine in chosen:
        started = time.perf_counter()
        run.engine(engine)
        run.timings[engine] = time.perf_counter() - started
    if {"code", "live"}.issubset(chosen):
        run.leave_to_other_engines(missing(chosen))
    merged = merge(run.findings, {rule.id: rule.weakness for rule in rules})
    judged = suppress(merged, root, configuration, rules, run.judged, today or datetime.now(UTC).date())
    return AuditResult(
        root=root,
        target=address.url if address else target,
        engines=chosen,
        rules=tuple(rules),
        findings=judged.findings,
        verdicts=tuple(verdicts(judged.findings, run.rules, run.judged, run.left, run.unknowns, chosen)),
        unknowns=tuple(run.unknowns),
        not_covered=tuple(run.not_covered),
        suppressed=judged.suppressed,
        notes=judged.notes if "code" in chosen else (),  # they are about comments in the source
        timings=run.timings,
        access=run.access,
        scorecard=run.scorecard,
    )


def _chosen(wanted: tuple[str, ...], target: str, attacks: bool, address: Address | None) -> tuple[str, ...]:
    for name in wanted:
        if name not in ENGINES:
            raise AuditError(f"{name!r} is not an engine; there are {', '.join(ENGINES)}")
    if "live" in wanted and not target:
        raise AuditError("the live engine needs to know the application: --app MODULE[:ATTR]")
    if attacks and not target:
        raise AuditError("an attack needs to know the application: --app MODULE[:ATTR]")
    if "address" in wanted and address is None:
        raise AuditError("the address engine needs to know the site: --url https://...")
    if "attack" in wanted and not attacks:
        raise AuditError("the attack engine runs only when it is asked for: --attack")
    able = {
        "code": True, "live": bool(target), "versions": True, "attack": attacks, "address": address is not None,
    }  # fmt: skip
    return tuple(name for name in ENGINES if (not wanted or name in wanted) and able[name])
