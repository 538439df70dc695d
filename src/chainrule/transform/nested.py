"""Gradients inside a program: their tangents, their gradients, and what is written for them.

    r, g = vjp(a, s; F, wrt)          r = F(a),  g = (F'(a)^T s) of the arguments wrt

Let `T(a, a_dot) = (F(a), F'(a) a_dot)` be the function with tangents that forward mode makes of `F`.
Then both derivatives of such an equation are equations of the same kind, with `T` for `F`:

- its tangent is the gradient of `s . F'(a) a_dot` in `a`, plus `F'(a)^T s_dot`: `vjp` of `T` for the
  cotangents `s_dot` and `s` of its two results;
- its gradient for cotangents `(u, v)` of `(r, g)` is the gradient in `a` of `u . F(a) + v . F'(a)^T s`,
  and the second term is `s . F'(a) v`: `vjp` of `T` at `a_dot = v` for the cotangents `u` and `s`.
  That of `s` is the tangent `F'(a) v` itself.

So reverse mode is only ever applied to programs that forward mode wrote, to any order, and what a
backward pass records is never differentiated backwards. (Christianson, Automatic Hessians by reverse
accumulation, IMA Journal of Numerical Analysis 12, 1992, for the second order.)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ..frontend.unit import Unit
from ..ir.program import Atom, Const, Eqn, Function, Var, in_blocks, use_counts
from ..ir.types import is_inexact
from ..rules.builder import Builder
from .accumulate import Adjoints
from .lazy import lazy_selections
from .own import own_results
from .record import recorded

if TYPE_CHECKING:
    from .forward import Forward, Tangents
    from .reverse import Reverse


def _parts(eqn: Eqn) -> tuple[Function, tuple[Atom, ...], tuple[Atom, ...]]:
    """The callee, its arguments, and the cotangents."""
    callee: Function = eqn.static["callee"]
    count = len(callee.params)
    return callee, eqn.args[:count], eqn.args[count:]


def _vjp(
    builder: Builder,
    callee: Function,
    args: Sequence[Atom],
    wrt: tuple[int, ...],
    seeds: dict[int, Atom],
) -> tuple[tuple[Var, ...], tuple[Var, ...]]:
    """Append the equation; its results and gradients."""
    results = tuple(Var("", r.type) for r in callee.results)
    gradients = tuple(Var("", args[i].type) for i in wrt)
    seeded = tuple(sorted(seeds))
    static = {"callee": callee, "wrt": wrt, "seeded": seeded}
    cotangents = tuple(seeds[i] for i in seeded)
    builder.append(Eqn((*results, *gradients), "vjp", (*args, *cotangents), static))
    return results, gradients


def with_tangents(unit: Unit, callee: Function, moving: tuple[int, ...]) -> Function:
    """The function that takes tangents of the arguments in `moving` after its arguments.

    After its results it returns the tangent of each floating-point result.
    """
    from ..simplify import simplified
    from .forward import Forward, fitted, tangent_var, zero_like

    known: Function | None = unit.duals.get((callee, moving))
    if known is not None:
        return known
    params = [callee.params[i] for i in moving]
    dots = {p: tangent_var(p) for p in params}
    swept = Forward(unit).sweep(callee, dict(dots))
    builder = Builder(tangent=True)
    tangents: list[Atom] = []
    for result, dot in zip(callee.results, swept.dots, strict=True):
        if is_inexact(result.type):
            end = Var("", result.type)
            tangents.append(
                fitted(builder, dot, end) if dot is not None else zero_like(builder, result)
            )
    dual = replace(
        callee,
        name=unit.function_name(f"{callee.name}_tangent"),
        params=(*callee.params, *dots.values()),
        body=(*swept.body, *builder.eqns),
        results=(*callee.results, *tangents),
    )
    known = unit.duals[callee, moving] = simplified(dual)
    return known


def _tangent_places(callee: Function) -> dict[int, int]:
    """Where among the results of `with_tangents` the tangent of each result stands."""
    inexact = [i for i, r in enumerate(callee.results) if is_inexact(r.type)]
    return {i: len(callee.results) + n for n, i in enumerate(inexact)}


def tangent_vjp(forward: Forward, tangents: Tangents, eqn: Eqn) -> None:
    """Append the equation, and that of its tangent."""
    from .forward import called, keep

    builder = tangents.builder
    keep(builder, eqn)
    callee, args, cotangents = _parts(eqn)
    wrt, seeded = eqn.static["wrt"], eqn.static["seeded"]
    moving = tuple(i for i, a in enumerate(args) if tangents.get(a) is not None)
    still = all(tangents.get(c) is None for c in cotangents)
    if not moving and still:
        return
    seeds: dict[int, Atom] = {}
    dual, given = callee, args
    if moving:
        dual = with_tangents(forward.unit, callee, moving)
        given = (*args, *(tangents.or_zero(args[i]) for i in moving))
        places = _tangent_places(callee)
        seeds = {places[i]: c for i, c in zip(seeded, cotangents, strict=True)}
    for i, cotangent in zip(seeded, cotangents, strict=True):
        dot = tangents.get(cotangent)
        if dot is not None:
            seeds[i] = dot
    results, gradients = _vjp(builder, dual, given, wrt, seeds)
    count = len(callee.results)
    if moving:
        for i, place in places.items():
            if eqn.outs[i] in tangents.active:
                tangents.current[eqn.outs[i]] = called(builder, results[place], eqn.outs[i])
    for out, gradient in zip(eqn.outs[count:], gradients, strict=True):
        if out in tangents.active:
            tangents.current[out] = called(builder, gradient, out)


def backward_vjp(reverse: Reverse, adjoints: Adjoints, eqn: Eqn, active: set[Var]) -> None:
    """Append the equation for the gradients of its arguments and of its cotangents."""
    from .reverse import _cotangent

    builder = adjoints.builder
    callee, args, cotangents = _parts(eqn)
    wrt, seeded = eqn.static["wrt"], eqn.static["seeded"]
    count = len(callee.results)
    outer = {i: g for i in range(count) if (g := adjoints.get(eqn.outs[i])) is not None}
    moved = any(adjoints.get(out) is not None for out in eqn.outs[count:])
    wanted = tuple(i for i, a in enumerate(args) if isinstance(a, Var) and a in active)
    dual, given, seeds = callee, args, dict(outer)
    places: dict[int, int] = {}
    if moved:
        dual = with_tangents(reverse.unit, callee, wrt)
        given = (*args, *(_cotangent(builder, adjoints, out) for out in eqn.outs[count:]))
        places = _tangent_places(callee)
        seeds |= {places[i]: c for i, c in zip(seeded, cotangents, strict=True)}
    if not seeds:
        return
    results, gradients = _vjp(builder, dual, given, wanted, seeds)
    masked = any(out in adjoints.masked for out in eqn.outs)
    for position, gradient in zip(wanted, gradients, strict=True):
        arg = args[position]
        assert isinstance(arg, Var)
        adjoints.add(arg, gradient, masked)
    if moved:
        for i, cotangent in zip(seeded, cotangents, strict=True):
            if isinstance(cotangent, Var) and cotangent in active:
                adjoints.add(cotangent, results[places[i]], masked)


# -- what is written -------------------------------------------------------------------------------


def expanded(function: Function, unit: Unit, done: dict[Any, Function] | None = None) -> Function:
    """The function with calls of gradient functions for such equations, in its callees too."""
    done = {} if done is None else done
    if function in done:
        return done[function]
    counts = use_counts(function)

    def body(eqns: tuple[Eqn, ...]) -> tuple[Eqn, ...]:
        changed = (in_blocks(e, lambda b: replace(b, body=body(b.body))) for e in eqns)
        return tuple(
            _call(e, counts, unit, done) if e.op == "vjp" else _callee(e, unit, done)
            for e in changed
        )

    done[function] = function.with_body(body(function.body))
    return done[function]


def _callee(eqn: Eqn, unit: Unit, done: dict[Any, Function]) -> Eqn:
    if eqn.op != "call":
        return eqn
    callee = expanded(eqn.static["callee"], unit, done)
    return replace(eqn, static={**eqn.static, "callee": callee})


def _call(eqn: Eqn, counts: dict[Var, int], unit: Unit, done: dict[Any, Function]) -> Eqn:
    """The call of a function that returns what is used of the values and gradients."""
    callee, args, cotangents = _parts(eqn)
    used = tuple(i for i, out in enumerate(eqn.outs) if out in counts)
    fixed = tuple(
        c.value if isinstance(c, Const) and isinstance(c.value, float) else None for c in cotangents
    )
    wrt, seeded = eqn.static["wrt"], eqn.static["seeded"]
    key = (callee, wrt, seeded, fixed, used)
    if key not in done:
        done[key] = expanded(
            _written(callee, wrt, seeded, cotangents, fixed, used, unit), unit, done
        )
    given = tuple(c for c, value in zip(cotangents, fixed, strict=True) if value is None)
    outs = tuple(eqn.outs[i] for i in used)
    return replace(eqn, op="call", outs=outs, args=(*args, *given), static={"callee": done[key]})


def _written(
    callee: Function,
    wrt: tuple[int, ...],
    seeded: tuple[int, ...],
    cotangents: Sequence[Atom],
    fixed: Sequence[float | None],
    used: tuple[int, ...],
    unit: Unit,
) -> Function:
    """The callee with its backward pass behind it; constant cotangents are written into it."""
    from ..simplify import simplified, without_dead_code
    from .reverse import Reverse

    seeds: list[Atom | None] = [None] * len(callee.results)
    for i, cotangent, value in zip(seeded, cotangents, fixed, strict=True):
        result = callee.results[i]
        if value is not None:
            seeds[i] = cotangent
            continue
        hint = f"d{result.hint}" if isinstance(result, Var) and result.hint else f"d{callee.name}"
        seed = Var(hint, result.type, user=True)
        seed.adjoint_of = result if isinstance(result, Var) else None
        seeds[i] = seed
    params = [callee.params[i] for i in wrt]
    swept = Reverse(unit).sweep(callee, params, seeds)
    joined = replace(
        callee,
        params=(*callee.params, *(s for s in seeds if isinstance(s, Var))),
        body=recorded(callee, swept.eqns, swept.replaced),
        results=(*callee.results, *swept.gradients),
        captures={**callee.captures, **swept.captures},
    )
    count = len(callee.results)
    joined = own_results(simplified(lazy_selections(joined)), count, tuple(params))
    results = tuple(joined.results[i] for i in used)
    suffix = "value_and_grad" if any(i < count for i in used) else "grad"
    name = unit.function_name(f"{callee.name}_{suffix}")
    return without_dead_code(replace(joined, name=name, results=results))
