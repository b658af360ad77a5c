"""The code engine: reads a project's source, interprets it abstractly, and follows data from sources to sinks.

Rules inherit :class:`FlowCheck` or :class:`CodeCheck`; :func:`analyse` runs them. See ``docs/engine.md``.
"""

from __future__ import annotations

from fumehood.engines.code.analysis import CodeResult, Options, analyse
from fumehood.engines.code.checks import Argument, Assign, Call, CodeCheck, Flow, FlowCheck, Program, Route
from fumehood.engines.code.scripts import ScriptFlow, script_flows

__all__ = [
    "Argument",
    "Assign",
    "Call",
    "CodeCheck",
    "CodeResult",
    "Flow",
    "FlowCheck",
    "Options",
    "Program",
    "Route",
    "ScriptFlow",
    "analyse",
    "script_flows",
]
