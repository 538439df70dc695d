"""Calls of user functions in forward mode: `<name>_tangent` per callee and active arguments.

It gets the tangents of the active arguments after the arguments, and returns the tangents of the
results that depend on them after the results.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, final

from ..analysis.activity import varied
from ..errors import UnsupportedError
from ..ir.callees import is_recursive
from ..ir.program import Eqn, Function, Knot, Var, called
from ..rules.builder import Builder
from . import recursion
from .tangent_rules import tangent_custom

if TYPE_CHECKING:
    from .forward import Forward, Tangents


@final
@dataclass(frozen=True)
class Dual:
    """A callee with tangents.

    `moving` are the results that have one, `masked` those whose tangent may be exactly zero because
    of a selection.
    """

    function: Function | Knot
    moving: tuple[int, ...]
    masked: tuple[int, ...]


def tangent_call(forward: Forward, tangents: Tangents, eqn: Eqn) -> None:
    """Append the call that computes tangents too; the call itself where all is constant."""
    from .forward import keep, tangent_var

    builder = tangents.builder
    seeded = tuple(i for i, a in enumerate(eqn.args) if tangents.get(a) is not None)
    if "custom" not in eqn.static and seeded and is_recursive(called(eqn)):
        if any(a.type.dtype == "object" for a in (*eqn.args, *eqn.outs)):  # what it saves
            why = f"a derivative of the gradient of {called(eqn).name}, which calls itself"
            raise UnsupportedError("CR040", f"{why}, is not supported yet", eqn.span)
        seeded = recursion.all_active(called(eqn), seeded)
    if "custom" in eqn.static and seeded:
        tangent_custom(forward, tangents, eqn)
        return
    dual = _dual(forward, tangents, eqn, seeded) if seeded else None
    if dual is None or not dual.moving:
        keep(builder, eqn)
        return
    outs = tuple(tangent_var(eqn.outs[i]) for i in dual.moving)
    dots = tuple(tangents.or_zero(eqn.args[i]) for i in seeded)
    static = {**eqn.static, "callee": dual.function}
    keep(
        builder,
        replace(eqn, outs=(*eqn.outs, *outs), args=(*eqn.args, *dots), static=static),
    )
    for i, out in zip(dual.moving, outs, strict=True):
        tangents.current[eqn.outs[i]] = out
        if i in dual.masked:
            tangents.masked.add(eqn.outs[i])


def _dual(forward: Forward, tangents: Tangents, eqn: Eqn, seeded: tuple[int, ...]) -> Dual:
    callee = called(eqn)
    places = range(len(eqn.args))
    masked = tuple(i for i in seeded if eqn.args[i] in tangents.masked)
    infinite = tuple(i for i in places if eqn.args[i] in tangents.infinite) if masked else ()
    key = (callee, seeded, masked, infinite)
    known = forward.duals.get(key)
    if known is None and is_recursive(callee):
        knot = Knot(callee.name)
        moving = recursion.all_seeded(callee)
        forward.duals[key] = Dual(knot, moving, moving if masked else ())
        known = forward.duals[key] = _make(forward, callee, seeded, masked, infinite, moving)
        assert isinstance(known.function, Function)
        knot.name, knot.function = known.function.name, known.function
    elif known is None:
        known = forward.duals[key] = _make(forward, callee, seeded, masked, infinite)
    return known


def _make(
    forward: Forward,
    callee: Function,
    seeded: tuple[int, ...],
    masked: tuple[int, ...],
    infinite: tuple[int, ...],
    always: tuple[int, ...] = (),
) -> Dual:
    """The callee with tangents; `always` are results that have one even if it is zero."""
    from ..simplify import simplified
    from .forward import tangent_var, zero_like
    from .lazy import lazy_selections

    params = [callee.params[i] for i in seeded]
    active = varied(callee, params)
    moving = tuple(i for i, r in enumerate(callee.results) if isinstance(r, Var) and r in active)
    dots = {p: tangent_var(p) for p in params}
    swept = forward.sweep(
        callee,
        dict(dots),
        masked=[callee.params[i] for i in masked],
        infinite=[callee.params[i] for i in infinite],
    )
    results = [swept.dots[i] for i in moving if swept.dots[i] is not None]
    moving = tuple(i for i in moving if swept.dots[i] is not None)
    body = swept.body
    if always:
        zeros = Builder()
        moving = always
        results = [swept.dots[i] or zero_like(zeros, callee.results[i]) for i in always]
        body = (*body, *zeros.eqns)
    joined = replace(
        callee,
        name=forward.unit.function_name(f"{callee.name}_tangent"),
        params=(*callee.params, *dots.values()),
        body=body,
        results=(*callee.results, *(r for r in results if r is not None)),
    )
    selected = tuple(i for i in moving if swept.masked[i])
    return Dual(simplified(lazy_selections(joined)), moving, selected)
