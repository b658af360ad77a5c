"""Sees, inside the running app, when a request's value changes the meaning of a dangerous call.

One mechanism with two users: the guards block what it sees, the attack engine records it. It works in three steps:

1. :mod:`~fumehood.engines.sinks.hooks` and :mod:`~fumehood.engines.sinks.drivers` bring each dangerous call's argument here, by Python's
   audit events where one exists (PEP 578) and by wrapping public functions where none does.
2. :mod:`~fumehood.engines.sinks.inputs` knows the current request's values, also decoded, split or case-changed. Nothing is collected before the
   first dangerous call, and a statement that has passed once is never looked at again.
3. A language (:mod:`~fumehood.engines.sinks.languages`) decides by reading the argument as its interpreter would: a value is
   an attack when it is more than the one inert token that the program made room for.

It is a second net beneath parameterised statements, not a replacement for them; what it cannot see is listed in the documentation.
"""

from fumehood.engines.sinks.watch import KEY, Watch, install, watch_of

__all__ = ["KEY", "Watch", "install", "watch_of"]
