"""The ten practices, in the order of every list, menu, report and document."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["PRACTICES", "Practice", "practice_of"]


@dataclass(frozen=True, slots=True)
class Practice:
    """One of the ten practices: its number, its folder under ``practices/`` and what it makes hold."""

    number: int
    name: str
    title: str


PRACTICES: tuple[Practice, ...] = (
    Practice(1, "versions", "Flask and every dependency are current"),
    Practice(2, "secrets", "Secret keys are strong, stored safely and rotated"),
    Practice(3, "https", "Everything is served over HTTPS, with security headers and safe cookies"),
    Practice(4, "input", "Input is validated, sanitised and limited"),
    Practice(5, "csrf", "No cross-site request changes state"),
    Practice(6, "passwords", "Passwords are hashed, checked and throttled"),
    Practice(7, "access", "Access is denied by default; roles and ownership decide"),
    Practice(8, "sql", "SQL is parameterised"),
    Practice(9, "uploads", "Uploads are checked, stored safely and served safely"),
    Practice(10, "audits", "Security events are recorded, and audits are run and kept"),
)


def practice_of(rule_id: str) -> Practice:
    """Return the practice that a rule id belongs to: ``FH801`` is practice 8, ``FH1001`` practice 10.

    Raises:
        ValueError: if the id is not ``FH`` + practice number + two digits.
    """
    number = rule_id[2:-2]
    if (
        not rule_id.startswith("FH")
        or not rule_id[2:].isdecimal()
        or not 1 <= int(number or 0) <= len(PRACTICES)
    ):
        raise ValueError(f"{rule_id!r} is not a rule id: FH, the practice's number (1 to 10), two digits")
    return PRACTICES[int(number) - 1]
