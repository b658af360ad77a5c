"""Ground floor: what every engine, rule and report speaks in. Imports nothing of the house."""

from fumehood.findings.model import (
    Certainty,
    Evidence,
    Finding,
    Location,
    NotCovered,
    Severity,
    Step,
    Unknown,
)
from fumehood.findings.practices import PRACTICES, Practice, practice_of
from fumehood.findings.rule import DuplicateRule, Rule, discover

__all__ = [
    "PRACTICES",
    "Certainty",
    "DuplicateRule",
    "Evidence",
    "Finding",
    "Location",
    "NotCovered",
    "Practice",
    "Rule",
    "Severity",
    "Step",
    "Unknown",
    "discover",
    "practice_of",
]
