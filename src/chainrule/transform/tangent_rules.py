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
from ..frontend.values import Static, Value, leaves
from ..ir.program import Const, Eqn, Function, Var
from ..ir.types import is_inexact
from ..rules.builder import Builder
from ..rules.registry import OPS, Linear, NoDerivative, tangent_of
from .custom import gradient_for, gradients_of, require_written
from .rules_inline import arguments_of, in_place, inline_custom, place_of, walked

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
    """Append the call, and what its rule says about the tangents of the results."""
    from .forward import called, fitted, keep, zero_like
    from .nested import _vjp

    builder = tangents.builder
    keep(builder, eqn)
    if eqn.static["custom"].tangent is not None:
        _written(forward, tangents, eqn)
        return
    require_written(eqn, eqn.static["custom"].pullback)
    moving = [i for i, a in enumerate(eqn.args) if tangents.get(a) is not None]
    pullback, places = _pullback(forward, eqn, moving)
    if not places:
        return
    outs = [out for out in eqn.outs if is_inexact(out.type)]
    given = (*(zero_like(builder, out) for out in outs), *eqn.args, *eqn.outs)
    seeds = {n: tangents.or_zero(eqn.args[i]) for n, i in enumerate(places)}
    _, dots = _vjp(builder, pullback, given, tuple(range(len(outs))), seeds)
    for out, dot in zip(outs, dots, strict=True):
        tangents.current[out] = called(builder, fitted(builder, dot, out), out)


def _written(forward: Forward, tangents: Tangents, eqn: Eqn) -> None:
    """The tangent that the user wrote, inlined."""
    from .forward import called, fitted

    builder = tangents.builder
    rule = eqn.static["custom"]
    values = arguments_of(eqn, eqn.args)
    values[rule.result] = in_place(eqn.static["result"], eqn.outs)
    source = function_source(rule.tangent)
    wanted = inspect.signature(rule.tangent).parameters
    for name, template in eqn.static["given"]:
        if f"{name}_dot" in wanted:
            dots: list[Value] = [
                tangents.or_zero(a) if is_inexact(a.type) else Static(None) for a in eqn.args
            ]
            values[f"{name}_dot"] = in_place(template, dots)
    frame = Lowerer(forward.unit, source, builder, {n: values[n] for n in wanted}, numbered=False)
    frame.captures = forward.captures
    found = list(leaves(walked(frame, source.node)))
    places = [place_of(leaf) for leaf in leaves(eqn.static["result"])]
    fits = len(found) == len(places)
    for place, dot in zip(places, found, strict=False):
        if place is None or not fits or not is_inexact(eqn.outs[place].type):
            continue
        out = eqn.outs[place]
        ranks = len(out.type.dims), *((0,) if isinstance(dot, Const) else ())
        if not isinstance(dot, Var | Const) or len(dot.type.dims) not in ranks:
            fits = False
            continue
        tangents.current[out] = called(builder, fitted(builder, dot, out), out)
    if not fits:
        raise UnsupportedError(
            "CR041",
            f"the tangent of {rule.name} has to be a number or array like its result",
            eqn.span,
        )


def _pullback(forward: Forward, eqn: Eqn, moving: list[int]) -> tuple[Function, list[int]]:
    """The pullback as a function, and the arguments whose gradients it returns."""
    rule = eqn.static["custom"]
    names = {place_of(t): n for n, t in eqn.static["given"]}
    inside = [Var(names.get(i, "part"), a.type, user=True) for i, a in enumerate(eqn.args)]
    outs = [Var(rule.result, out.type, user=True) for out in eqn.outs]
    dots = [
        Var(rule.params[0], out.type, user=True) if is_inexact(out.type) else None for out in outs
    ]
    cotangents = [dot for dot in dots if dot is not None]
    cotangent = in_place(
        eqn.static["result"], [Static(None) if dot is None else dot for dot in dots]
    )
    builder = Builder(stage=0, span=eqn.span)
    captures: dict[Var, str] = {}
    call = replace(eqn, args=tuple(inside), outs=tuple(outs))
    returned = inline_custom(builder, forward.unit, captures, call, rule, cotangent)
    parts = gradients_of(call, returned)
    places = [i for i in moving if i in parts]
    results = [gradient_for(call, inside[i], parts[i]) for i in places]
    if not _is_linear(builder.eqns, cotangents):
        raise UnsupportedError(
            "CR045",
            f"the rule of {rule.name} is not linear in {rule.params[0]}, so it has no tangent",
            eqn.span,
            "forward mode and second derivatives need a rule that is linear in it",
        )
    function = Function(
        forward.unit.function_name(f"{rule.name}_pullback"),
        (*cotangents, *inside, *outs),
        tuple(builder.eqns),
        tuple(results),
        captures,
    )
    return function, places


def _is_linear(body: Iterable[Eqn], variables: Iterable[Var]) -> bool:
    """Is everything that depends on the variables linear in them, as far as the operations tell?"""
    moving = set(variables)
    for eqn in body:
        places = [i for i, a in enumerate(eqn.args) if a in moving]
        if eqn.blocks:
            if places or any(v in moving for v in eqn.reads()):
                return False
            continue
        if places and eqn.op == "vjp":
            count = len(eqn.static["callee"].params)
            if places[0] < count:
                return False
            moving.update(eqn.outs[len(eqn.static["callee"].results) :])
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
