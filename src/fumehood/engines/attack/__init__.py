"""Drives an application through its WSGI callable, in a throw-away copy: a finding comes with the request that breaks in."""

from fumehood.engines.attack.checks import AnswerCheck, AttackCheck, SinkCheck

__all__ = ["AnswerCheck", "AttackCheck", "SinkCheck"]
