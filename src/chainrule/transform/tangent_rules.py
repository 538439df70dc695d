"""Forward mode through a function with a rule of the user's, who wrote its pullback only.

The pullback `P(dy, a)` is linear in `dy` and is the transpose of the tangent: for directions `a_dot`

    y_dot = gradient of  P(dy, a) . a_dot  in  dy

which reverse mode finds from the text of the pullback. A pullback that is not linear in `dy`, such as
one that clips it, is no transpose of anything and is refused.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from ..analysis.activity import operand_name
from ..errors import UnsupportedError
from ..frontend.lower import Lowerer
from ..frontend.source import function_source
from ..frontend.values import Static, Struct, Value
from ..ir.program import Atom, Const, Eqn, Function, Var
from ..ir.types import is_inexact
from ..rules.builder import Builder
from ..rules.registry import OPS, Linear, NoDerivative, tangent_of
from .rules_inline import inline_custom

if TYPE_CHECKING:
    from .forward import Forward, Tangents

# Which operands may depend on what the result is to be linear in.
_TERMS: Final = {
    "add": (0, 1),
    "sub": (0, 1),
    "neg": (0,),
    "pos": (0,),
    "div": (0,),
    "where": (1, 2),
}


def tangent_custom(forward: Forward, tangents: Tangents, eqn: Eqn) -> None:
    """Append the call, and what its pullback says about the tangent of the result."""
    from .forward import called, fitted, keep, zero_like
    from .nested import _vjp

    builder = tangents.builder
    keep(builder, eqn)
    name = eqn.static["custom"].fun.__name__
    if len(eqn.outs) != 1 or len(eqn.static["arguments"]) != len(eqn.args):
        raise UnsupportedError(
            "CR041",
            f"{name} has a derivative rule, so it takes numbers and arrays and returns one",
            eqn.span,
        )
    if eqn.static["custom"].tangent is not None:
        _written(forward, tangents, eqn)
        return
    moving = [i for i, a in enumerate(eqn.args) if tangents.get(a) is not None]
    pullback, places = _pullback(forward, eqn, moving, name)
    if not places:
        return
    given = (zero_like(builder, eqn.out), *eqn.args, eqn.out)
    seeds = {n: tangents.or_zero(eqn.args[i]) for n, i in enumerate(places)}
    _, (dot,) = _vjp(builder, pullback, given, (0,), seeds)
    tangents.current[eqn.out] = called(builder, fitted(builder, dot, eqn.out), eqn.out)


def _written(forward: Forward, tangents: Tangents, eqn: Eqn) -> None:
    """The tangent that the user wrote, inlined."""
    from .forward import called, fitted

    builder = tangents.builder
    rule, names = eqn.static["custom"], eqn.static["arguments"]
    values: dict[str, Value] = dict(zip(names, eqn.args, strict=True))
    values[rule.result] = eqn.out
    source = function_source(rule.tangent)
    wanted = inspect.signature(rule.tangent).parameters
    for name, arg in zip(names, eqn.args, strict=True):
        if f"{name}_dot" in wanted:
            values[f"{name}_dot"] = tangents.or_zero(arg)
    frame = Lowerer(forward.unit, source, builder, {n: values[n] for n in wanted}, numbered=False)
    frame.captures = forward.captures
    dot = frame.run(source.node)
    ranks = len(eqn.out.type.dims), *((0,) if isinstance(dot, Const) else ())
    if not isinstance(dot, Var | Const) or len(dot.type.dims) not in ranks:
        raise UnsupportedError(
            "CR041",
            f"the tangent of {rule.fun.__name__} has to be a number or array like its result",
            eqn.span,
        )
    tangents.current[eqn.out] = called(builder, fitted(builder, dot, eqn.out), eqn.out)


def _pullback(
    forward: Forward, eqn: Eqn, moving: list[int], name: str
) -> tuple[Function, list[int]]:
    """The pullback as a function, and the arguments whose gradients it returns."""
    rule = eqn.static["custom"]
    cotangent = Var(rule.params[0], eqn.out.type, user=True)
    names = eqn.static["arguments"]
    inside = [Var(n, a.type, user=True) for n, a in zip(names, eqn.args, strict=True)]
    out = Var(rule.result, eqn.out.type, user=True)
    builder = Builder(stage=0, span=eqn.span)
    captures: dict[Var, str] = {}
    call = replace(eqn, args=tuple(inside), outs=(out,))
    returned = inline_custom(builder, forward.unit, captures, call, rule, cotangent)
    parts = returned.items if isinstance(returned, Struct) else (returned,)
    if len(parts) != len(names):
        raise UnsupportedError(
            "CR041", f"the rule of {name} has to return one gradient per argument", eqn.span
        )
    results: list[Atom] = []
    places: list[int] = []
    for i in moving:
        part = parts[i]
        if isinstance(part, Static) and part.obj is None:
            continue
        if not isinstance(part, Var | Const) or len(part.type.dims) != len(inside[i].type.dims):
            raise UnsupportedError(
                "CR041", f"the rule of {name} returns something that is no gradient", eqn.span
            )
        results.append(part)
        places.append(i)
    if not _is_linear(builder.eqns, cotangent):
        raise UnsupportedError(
            "CR045",
            f"the rule of {name} is not linear in {rule.params[0]}, so it has no tangent",
            eqn.span,
            "forward mode and second derivatives need a rule that is linear in it",
        )
    function = Function(
        forward.unit.function_name(f"{name}_pullback"),
        (cotangent, *inside, out),
        tuple(builder.eqns),
        tuple(results),
        captures,
    )
    return function, places


def _is_linear(body: Iterable[Eqn], var: Var) -> bool:
    """Is everything that depends on the variable linear in it, as far as the operations tell?"""
    moving = {var}
    for eqn in body:
        places = [i for i, a in enumerate(eqn.args) if a in moving]
        if eqn.blocks:
            if places or any(v in moving for v in eqn.reads()):
                return False
            continue
        if not places or not any(is_inexact(out.type) for out in eqn.outs):
            if places:  # a comparison of it decides something
                return False
            continue
        if eqn.op not in OPS or not _allows(eqn, places):
            return False
        moving.update(eqn.outs)
    return True


def _allows(eqn: Eqn, places: list[int]) -> bool:
    if eqn.op == "mul":
        return len(places) == 1
    if eqn.op in _TERMS:
        return all(i in _TERMS[eqn.op] for i in places)
    rules = [tangent_of(OPS[eqn.op], operand_name(eqn, i)) for i in places]
    if any(isinstance(rule, NoDerivative) for rule in rules):
        return False
    if not all(isinstance(rule, Linear) for rule in rules):
        return False
    return len(places) == 1 or all(isinstance(r, Linear) and r.together for r in rules)
