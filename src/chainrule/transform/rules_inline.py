"""Inlining the text of a pullback: bind its parameters to values of the program, walk its body."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

from ..frontend.calls import wrap_static
from ..frontend.lower import Lowerer
from ..frontend.source import FunctionNode, FunctionSource, function_source, trusted_source
from ..frontend.unit import Unit
from ..frontend.values import Static, Struct, Value, leaves, rebuild
from ..ir.program import Eqn, Ref, Var
from ..rules.builder import Builder
from ..rules.custom import CustomRule
from ..rules.registry import OPS, Rule


@cache
def _rule_source(fun: Callable[..., Any]) -> FunctionSource:
    return trusted_source(fun)


def inline_rule(builder: Builder, eqn: Eqn, rule: Rule, cotangent: Value, k: int | None) -> Value:
    """The value that the rule returns for this equation, its text appended to the builder.

    `k` is the position within a variadic operand.
    """
    source = _rule_source(rule.fun)
    frame = Lowerer(Unit(), source, builder, {}, numbered=False, trusted=True)
    local: dict[str, Value] = {rule.params[0]: cotangent}
    node = source.node
    for name in rule.params[1:]:
        local[name] = _parameter(frame, eqn, rule, name, k, node)
    frame.locals = local
    return frame.run(node)


def _parameter(
    frame: Lowerer, eqn: Eqn, rule: Rule, name: str, k: int | None, node: ast.AST
) -> Value:
    op = OPS[eqn.op]
    if name == rule.result:
        return Struct(tuple, eqn.outs) if eqn.several else eqn.out
    if name in op.operands:
        return operand(eqn, name)
    if name == "k" and name not in op.options:
        return wrap_static(frame, k, node)
    return wrap_static(frame, eqn.static.get(name), node)


def operand(eqn: Eqn, name: str) -> Value:
    """The argument (for a variadic operand: the tuple of arguments) of that name."""
    op = OPS[eqn.op]
    if op.variadic is None:
        return eqn.args[op.operands.index(name)]
    place = op.operands.index(op.variadic)
    count = len(eqn.args) - (len(op.operands) - 1)
    if name == op.variadic:
        return Struct(tuple, eqn.args[place : place + count])
    position = op.operands.index(name)
    return eqn.args[position if position < place else position + count - 1]


def walked(frame: Lowerer, node: FunctionNode) -> Value:
    """What a rule of the user's returns; derivatives that it takes are written as calls."""
    from .normal import normalized_part

    builder = frame.builder
    start = len(builder.eqns)
    value = frame.run(node)
    builder.eqns[start:] = normalized_part(builder.eqns[start:], frame.unit)
    for eqn in builder.eqns[start:]:
        builder.origin.update(dict.fromkeys(eqn.outs, eqn))
    return value


def arguments_of(eqn: Eqn, atoms: Sequence[Value]) -> dict[str, Value]:
    """The arguments of a call of a function with a rule of the user's, by name, made of `atoms`."""
    return {name: in_place(template, atoms) for name, template in eqn.static["given"]}


def in_place(template: Value, atoms: Sequence[Value]) -> Value:
    """A nest of containers with atoms where it has their positions."""
    parts = [atoms[i] if (i := place_of(leaf)) is not None else leaf for leaf in leaves(template)]
    return rebuild(template, iter(parts))


def place_of(leaf: Value) -> int | None:
    """The position that a leaf of a template stands for."""
    return leaf.obj.arg if isinstance(leaf, Static) and isinstance(leaf.obj, Ref) else None


def inline_custom(
    builder: Builder,
    unit: Unit,
    captures: dict[Var, str],
    eqn: Eqn,
    rule: CustomRule,
    cotangent: Value,
) -> Value:
    """The tuple of gradients that a user's pullback returns for a call of his function.

    What the pullback reads from outside is added to `captures`.
    """
    assert rule.pullback is not None
    source = function_source(rule.pullback)
    values = arguments_of(eqn, eqn.args)
    values[rule.result] = in_place(eqn.static["result"], eqn.outs)
    values[rule.params[0]] = cotangent
    local = {name: values[name] for name in rule.params}
    frame = Lowerer(unit, source, builder, local, numbered=False)
    frame.captures = captures
    return walked(frame, source.node)
