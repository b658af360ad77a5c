"""Evaluating expressions: each node to the abstract value that it may have."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any, Final

from fumehood.engines.code.displays import Displays
from fumehood.engines.code.facts import facts_of_address
from fumehood.engines.code.heap import DictObject, Instance, ListObject, State
from fumehood.engines.code.schemas import fields_of_form
from fumehood.engines.code.taint import parted
from fumehood.engines.code.values import (
    FIELDS,
    NEVER,
    UNKNOWN,
    Cls,
    Condition,
    Const,
    External,
    Func,
    Mod,
    Ref,
    Text,
    Tuple,
    Union,
    Unknown,
    Value,
    common,
    join,
    options,
    union,
    unknown,
)

__all__ = ["Expressions"]


# What ipaddress tells of an address; no other type has attributes of these names.
_OF_ADDRESSES: Final = frozenset(
    [
        "is_global",
        "is_private",
        "is_loopback",
        "is_link_local",
        "is_reserved",
        "is_multicast",
        "is_unspecified",
        "is_site_local",
    ]
)


class Expressions(Displays):
    _forms: dict[type[ast.AST], Callable[[Any, Any, State], Value]]

    def evaluate(self, node: ast.expr, state: State) -> Value:
        form = self._forms.get(type(node))
        if form is None:
            return UNKNOWN
        return form(self, node, state)

    # Names and literals.
    def _constant(self, node: ast.Constant, state: State) -> Value:
        return Const(node.value)

    def _name(self, node: ast.Name, state: State) -> Value:
        name = node.id
        value = state.vars.get(name)
        if value is None or name in self.frame.global_names:
            value = self.lookup(name, state)
        if state.facts and value.taint:
            return self.checked(value, state)
        return value

    def lookup(self, name: str, state: State) -> Value:
        """Find a name that is no local variable: in the functions around it, the module, the builtins."""
        frame = self.frame
        outer = frame.outer
        if name not in frame.global_names:
            while outer:
                live = self.live.get(outer)
                variables = (
                    live.state.vars if live is not None and live.state is not None else self.saved.get(outer)
                )
                if variables is not None and name in variables:
                    return variables[name]
                outer = self.outer_of(outer)
        environment = self.environments.get(frame.module.path)
        if environment is not None and name in environment:
            return environment[name]
        definition = frame.module.definitions.get(name)
        if definition is not None:
            return self.define(definition, frame.module)
        return self.builtin(name)

    def outer_of(self, number: int) -> int:
        return self.outers.get(number, 0)

    # Attributes and subscripts.
    def _attribute(self, node: ast.Attribute, state: State) -> Value:
        value = self.evaluate(node.value, state)
        if value is NEVER:
            return NEVER
        return self.checked(self.attribute(value, node.attr, state, node), state)

    def attribute(self, value: Value, name: str, state: State, node: ast.AST) -> Value:
        if name in _OF_ADDRESSES and not isinstance(value, Union | Mod | Cls | Ref) and value.taint:
            good = facts_of_address(value.taint)
            return Condition(good, frozenset()) if name == "is_global" else Condition(frozenset(), good)
        if isinstance(value, Union):
            return union(self.attribute(option, name, state, node) for option in value.options)
        if isinstance(value, External):
            return self.external_attribute(value, name, state, node)
        if isinstance(value, Mod):
            return self.module_attribute(value, name)
        if isinstance(value, Ref):
            return self._object_attribute(value, name, state, node)
        if isinstance(value, Cls):
            found = self.class_attribute(value, name, state)
            if isinstance(found, Func) and self.properties.get(id(found.node)) == "classmethod":
                return Func(found.node, found.module, found.frame, found.name, found.owner, value)
            return found if found is not None else self.inherited(value, name, state, node)
        if isinstance(value, Func) and name in ("delay", "queue", "spool"):
            return value  # a task that a worker runs later, with the same arguments
        if isinstance(value, Func) and name in ("__name__", "__qualname__"):
            return Const(value.name.rpartition(".")[2])
        return self.method_of(value, name)

    def _object_attribute(self, ref: Ref, name: str, state: State, node: ast.AST) -> Value:
        content = self.held(ref, state)
        if isinstance(content, DictObject) and name in content.items and not hasattr(dict, name):
            return content.items[name]  # a namespace: what a parser of arguments gives
        if not isinstance(content, Instance) or content.cls is None:
            return self.method_of(ref, name)
        found = content.attributes.get(name)
        if found is not None:
            return found
        if name == "__class__":
            return content.cls
        found = self.class_attribute(content.cls, name, state)
        if isinstance(found, Func):
            return self.bound(found, ref, state, node)
        if found is not None:
            return found
        return self.inherited(content.cls, name, state, node, ref)

    def _subscript(self, node: ast.Subscript, state: State) -> Value:
        value = self.evaluate(node.value, state)
        if value is NEVER:
            return NEVER
        if isinstance(node.slice, ast.Slice):
            lower, upper, step = (
                self.evaluate(part, state) if part is not None else None
                for part in (node.slice.lower, node.slice.upper, node.slice.step)
            )
            return self.checked(self.sliced(value, lower, upper, step, state, node), state)
        return self.checked(self.item(value, self.evaluate(node.slice, state), state, node), state)

    # Operators.
    def _binary_node(self, node: ast.BinOp, state: State) -> Value:
        left = self.evaluate(node.left, state)
        return self.binary(node.op, left, self.evaluate(node.right, state), state, node)

    def _unary(self, node: ast.UnaryOp, state: State) -> Value:
        if isinstance(node.op, ast.Not):
            return self.as_condition(node, state)
        value = self.evaluate(node.operand, state)
        if isinstance(value, Const) and isinstance(value.value, int | float):
            plain = value.value
            return Const(
                -plain
                if isinstance(node.op, ast.USub)
                else ~int(plain)
                if isinstance(node.op, ast.Invert)
                else plain
            )
        return unknown(self.taint_of(value, state))

    def _boolean(self, node: ast.BoolOp, state: State) -> Value:
        """``a or b`` is one of its operands, not a truth."""
        results: list[Value] = []
        judged: list[Value] = []
        inside = state
        for position, operand in enumerate(node.values):
            last = position == len(node.values) - 1
            if last:
                judged.append(self.evaluate(operand, inside))
                results.append(judged[-1])
                break
            value = self.as_condition(operand, inside)
            judged.append(value)
            truth = self.truth(value, inside)
            wanted = isinstance(node.op, ast.Or)
            if truth is wanted:
                results.append(value)
                break
            if truth is None:
                results.extend(self.narrowed_to(value, wanted, inside))
            yes, no = self.assume(operand, State(inside.vars.copy(), inside.heap, inside.facts), quiet=True)
            after = no if wanted else yes
            if after is None:
                break
            inside = after
        state.heap = inside.heap
        return _answer(node.op, judged) or union(results)

    def narrowed_to(self, value: Value, wanted: bool, state: State) -> list[Value]:
        return [option for option in options(value) if self.truth(option, state) in (None, wanted)]

    def _conditional(self, node: ast.IfExp, state: State) -> Value:
        yes, no = self.assume(node.test, State(state.vars.copy(), state.heap, state.facts))
        values = []
        if yes is not None:
            values.append(self.evaluate(node.body, yes))
            state.heap = yes.heap
        if no is not None:
            values.append(self.evaluate(node.orelse, no))
            state.heap = no.heap if yes is None else state.heap
        return union(values)

    def _walrus(self, node: ast.NamedExpr, state: State) -> Value:
        value = self.evaluate(node.value, state)
        self.bind(node.target, value, state, node)
        return value

    def _lambda(self, node: ast.Lambda, state: State) -> Value:
        frame = self.frame
        value = Func(node, frame.module, frame.id if frame.func is not None else 0, f"{frame.scope}.<lambda>")
        if (
            frame.func is None and node.args.args
        ):  # what a library is handed to call, as formatters of columns
            self.record.function(value, self)
        return value

    def _await(self, node: ast.Await, state: State) -> Value:
        return self.evaluate(node.value, state)

    def _yield(self, node: ast.Yield | ast.YieldFrom, state: State) -> Value:
        if node.value is not None:
            value = self.evaluate(node.value, state)
            if isinstance(node, ast.YieldFrom):
                known, element = self.elements(value, state, node)
                value = union(known) if known else element or UNKNOWN
            self.frame.yields.append(value)
        return UNKNOWN

    def _starred(self, node: ast.Starred, state: State) -> Value:
        return self.evaluate(node.value, state)

    # Binding and iterating.
    def bind(self, target: ast.expr, value: Value, state: State, node: ast.AST) -> None:
        if isinstance(target, ast.Name):
            self.assign_name(target.id, value, state, node)
        elif isinstance(target, ast.Tuple | ast.List):
            self._unpack(target.elts, value, state, node)
        elif isinstance(target, ast.Attribute):
            self.assign_attribute(target, value, state, node)
        elif isinstance(target, ast.Subscript):
            holder = self.evaluate(target.value, state)
            key = self.evaluate(target.slice, state) if not isinstance(target.slice, ast.Slice) else UNKNOWN
            self.assigned_item(holder, key, value, state, target)
            if isinstance(target.slice, ast.Slice) and isinstance(holder, Ref):
                known, element = self.elements(value, state, node)
                value = union(known) if known else element or UNKNOWN
            self.store_item(holder, key, value, state, node)
        elif isinstance(target, ast.Starred):
            self.bind(target.value, value, state, node)

    def assign_name(self, name: str, value: Value, state: State, node: ast.AST) -> None:
        raise NotImplementedError

    def _unpack(self, targets: list[ast.expr], value: Value, state: State, node: ast.AST) -> None:
        known, element = self.elements(value, state, node)
        starred = [position for position, item in enumerate(targets) if isinstance(item, ast.Starred)]
        if known is not None and not starred and len(known) == len(targets):
            for target, item in zip(targets, known, strict=True):
                self.bind(target, item, state, node)
            return
        each = union(known) if known else element or UNKNOWN
        for position, target in enumerate(targets):
            if isinstance(target, ast.Starred):
                self.bind(target.value, self.allocate(node, ListObject((), each), state, salt=1), state, node)
            elif known is not None and starred and position < starred[0] and position < len(known):
                self.bind(target, known[position], state, node)
            else:
                self.bind(target, each, state, node)

    def elements(
        self, value: Value, state: State, node: ast.AST
    ) -> tuple[tuple[Value, ...] | None, Value | None]:
        """Return what iterating gives: all items in order when they are known, else what each may be."""
        if isinstance(value, Tuple):
            return value.items, None
        if isinstance(value, Const):
            if isinstance(value.value, str) and len(value.value) <= 64:
                return tuple(Const(char) for char in value.value), None
            return None, Unknown(type="str" if isinstance(value.value, str) else "")
        if isinstance(value, Union):
            return self._either(value, state, node)
        if isinstance(value, Ref):
            content = self.held(value, state)
            if isinstance(content, ListObject):
                return (content.items, None) if content.rest is None else (None, content.element())
            if isinstance(content, DictObject):
                if content.rest is None:
                    return tuple(Const(key) for key in content.items), None
                return None, union((*(Const(key) for key in content.items), content.keys or UNKNOWN))
            method = self.find_method(value, "__iter__", state)
            if method is not None:
                return self.elements(self.invoke(method, [], {}, state, node), state, node)
            fields = fields_of_form(self, value, state)
            if fields:
                return tuple(fields.values()), None
            return None, unknown(self.taint_of(value, state))
        if isinstance(value, External):
            named = FIELDS.get(value.path)
            if named is not None:
                return tuple(self.attribute(value, name, state, node) for name in named), None
            return None, self.external_element(value, state, node)
        if isinstance(value, Text):
            return None, Unknown(parted(value.taint, "each"), "str")
        return None, unknown(parted(value.taint, "each"), "str" if self.is_text(value) else "")

    def _either(
        self, value: Union, state: State, node: ast.AST
    ) -> tuple[tuple[Value, ...] | None, Value | None]:
        found: Value | None = None
        for option in value.options:
            if isinstance(option, Const) and option.value is None:
                continue
            known, element = self.elements(option, state, node)
            each = union(known) if known else element
            if each is not None:
                found = each if found is None else join(found, each)
        return None, found


def _answer(operator: ast.boolop, judged: list[Value]) -> Value | None:
    """Return ``a and b``, ``a or b`` as a truth with what follows of either answer, when a check decides it."""
    if not isinstance(judged[-1], Condition):
        return None
    if isinstance(operator, ast.Or) and not all(
        isinstance(value, Condition) or (isinstance(value, Unknown) and value.type == "bool")
        for value in judged
    ):
        return None
    yes = [value.when_true if isinstance(value, Condition) else frozenset() for value in judged]
    no = [value.when_false if isinstance(value, Condition) else frozenset() for value in judged]
    if isinstance(operator, ast.And):
        return Condition(frozenset().union(*yes), common(*no))
    return Condition(common(*yes), frozenset().union(*no))


Expressions._forms = {
    ast.Constant: Expressions._constant,
    ast.Name: Expressions._name,
    ast.JoinedStr: Expressions._fstring,
    ast.Tuple: Expressions._tuple,
    ast.List: Expressions._list,
    ast.Set: Expressions._set,
    ast.Dict: Expressions._dict,
    ast.ListComp: Expressions._comprehension,
    ast.SetComp: Expressions._comprehension,
    ast.GeneratorExp: Expressions._comprehension,
    ast.DictComp: Expressions._dict_comprehension,
    ast.Attribute: Expressions._attribute,
    ast.Subscript: Expressions._subscript,
    ast.BinOp: Expressions._binary_node,
    ast.UnaryOp: Expressions._unary,
    ast.BoolOp: Expressions._boolean,
    ast.IfExp: Expressions._conditional,
    ast.NamedExpr: Expressions._walrus,
    ast.Lambda: Expressions._lambda,
    ast.Await: Expressions._await,
    ast.Yield: Expressions._yield,
    ast.YieldFrom: Expressions._yield,
    ast.Starred: Expressions._starred,
    ast.Call: Expressions._call,
}
