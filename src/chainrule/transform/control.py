"""Branches and loops in the backward pass.

    if test: y = f(x)        ->   if test: dx = pullback of f
    else:    y = g(x)             else:    dx = pullback of g

    for i in range(n):       ->   for i in reversed(range(n)):
        x = f(x, a)                   dx, da += pullback of f at the x of this trip

The gradient of a value from outside the blocks goes through them as a carried value (Griewank and
Walther 2008, chapter 4). What the blocks read of the forward pass is made available by `record`.
"""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from ..frontend.blocks import own_sizes
from ..ir.dims import Dim, Sym, in_block
from ..ir.program import Atom, Block, Const, Eqn, Var, free
from ..ir.types import Array, Scalar, Type, is_inexact
from ..rules.builder import Builder, const
from .accumulate import Adjoints

if TYPE_CHECKING:
    from .reverse import Backward, Reverse


def backward_control(
    reverse: Reverse, backward: Backward, adjoints: Adjoints, eqn: Eqn, active: set[Var]
) -> None:
    """Append the backward equation of an `if`, `for` or `while`."""
    if eqn.op == "if":
        _branch(reverse, backward, adjoints, eqn, active)
    else:
        _loop(reverse, backward, adjoints, eqn, active)


def _outside(blocks: Sequence[Block], active: set[Var]) -> list[Var]:
    """The active values from outside that blocks use, each once, in order of use."""
    return list(dict.fromkeys(v for b in blocks for v in free(b) if v in active))


def _inside(adjoints: Adjoints) -> Adjoints:
    """Gradients for a block, in a builder of its own."""
    outer = adjoints.builder
    builder = Builder(
        stage=outer.stage,
        span=outer.span,
        backward=True,
        known=outer.known,
        origin=ChainMap({}, outer.origin),  # type: ignore[arg-type]
    )
    inside = Adjoints(builder)
    inside.masked = set(adjoints.masked)
    inside.infinite = adjoints.infinite
    return inside


def _gradient_var(var: Var) -> Var:
    return Var(f"d{var.hint}" if var.hint else "", var.type, user=var.user, adjoint_of=var)


def _or_zero(inside: Adjoints, var: Var) -> Atom:
    from .reverse import zero

    gradient = inside.get(var)
    return gradient if gradient is not None else zero(inside.builder, var)


def _branch(
    reverse: Reverse, backward: Backward, adjoints: Adjoints, eqn: Eqn, active: set[Var]
) -> None:
    outside = _outside(eqn.blocks, active)
    sides: list[Adjoints] = []
    for block in eqn.blocks:
        side = _inside(adjoints)
        for var in outside:
            gradient = adjoints.get(var)
            if gradient is not None:
                side.seed(var, gradient)
        _seed_results(side, eqn.outs, block.results, adjoints, active)
        with in_block():
            reverse.equations(backward, side, block.body, active)
        sides.append(side)
    touched = [v for v in outside if any(s.get(v) is not adjoints.get(v) for s in sides)]
    blocks = []
    for side in sides:
        results = tuple(_or_zero(side, var) for var in touched)
        blocks.append(Block((), tuple(side.builder.eqns), results))
    outs = tuple(map(_gradient_var, touched))
    adjoints.builder.append(Eqn(outs, "if", eqn.args, {"mirror": eqn}, blocks=tuple(blocks)))
    for var, out in zip(touched, outs, strict=True):
        adjoints.current[var] = out
        adjoints.masked.discard(var)


def _seed_results(
    inside: Adjoints,
    outs: Sequence[Var],
    results: Sequence[Atom],
    adjoints: Adjoints,
    active: set[Var],
) -> None:
    for out, result in zip(outs, results, strict=True):
        gradient = adjoints.get(out)
        if gradient is not None and isinstance(result, Var) and result in active:
            inside.add(result, gradient, masked=out in adjoints.masked)


def _loop(
    reverse: Reverse, backward: Backward, adjoints: Adjoints, eqn: Eqn, active: set[Var]
) -> None:
    fixed = 3 if eqn.op == "for" else 0
    body = eqn.blocks[-1]
    params = body.params[1:] if fixed else body.params
    slots = [i for i, p in enumerate(params) if p in active or eqn.outs[i] in active]
    slots = [i for i in slots if is_inexact(eqn.outs[i].type)]
    outside = _outside([body], active)
    inside = _inside(adjoints)
    # Sizes of their own: what the body finds out about them holds within a trip only.
    carried = [_own(eqn.outs[i], body.results[i].type) for i in slots]
    for i, var in zip(slots, carried, strict=True):
        var.adjoint_of = eqn.outs[i]
    sums = [_gradient_var(v) for v in outside]
    for var, total in zip(outside, sums, strict=True):
        inside.seed(var, total)
    for i, gradient in zip(slots, carried, strict=True):
        result = body.results[i]
        if isinstance(result, Var) and result in active:
            inside.add(result, gradient, masked=False)
    with in_block():
        reverse.equations(backward, inside, body.body, active)
    touched = [v for v, total in zip(outside, sums, strict=True) if inside.get(v) is not total]
    kept = [total for v, total in zip(outside, sums, strict=True) if v in touched]
    once = eqn.static.get("once", ())  # set in the last trip only: no other trip asks for them
    results = [
        var if params[i] in once and inside.get(params[i]) is None else _or_zero(inside, params[i])
        for i, var in zip(slots, carried, strict=True)
    ]
    results += [_or_zero(inside, v) for v in touched]
    starts = [_start(adjoints, eqn.outs[i]) for i in slots] + [_start(adjoints, v) for v in touched]
    index, bounds = _trips(adjoints.builder, backward, eqn)
    block = Block((index, *carried, *kept), tuple(inside.builder.eqns), tuple(results))
    firsts = [eqn.args[fixed + i] for i in slots]
    outs = tuple(
        [_after(v, first) for v, first in zip(carried, firsts, strict=True)]
        + [_gradient_var(v) for v in touched]
    )
    static = {"mirror": eqn, "reversed": True}
    adjoints.builder.append(Eqn(outs, "for", (*bounds, *starts), static, blocks=(block,)))
    for var, out in zip(touched, outs[len(slots) :], strict=True):
        adjoints.current[var] = out
    for i, out in zip(slots, outs[: len(slots)], strict=True):
        init = eqn.args[fixed + i]
        if isinstance(init, Var) and init in active:
            adjoints.add(init, out, masked=False)


def _own(out: Var, end: Type) -> Var:
    """The gradient that a trip begins with; `end` is the type at the end of the forward trip."""
    type_ = out.type
    if isinstance(type_, Array):
        dims = tuple(
            d if d == e else Dim.of(Sym("m", None, d.maybe_one))
            for d, e in zip(type_.dims, end.dims, strict=True)
        )
        type_ = Array(type_.dtype, dims)
    return own_sizes(Var(f"d{out.hint}", type_, user=True))


def _after(carried: Var, first: Atom) -> Var:
    """The gradient of what the loop started with, which has the sizes of that."""
    type_ = first.type if isinstance(first.type, Array) and carried.type.dims else carried.type
    return Var(carried.hint, type_, user=carried.user, adjoint_of=carried.adjoint_of)


def _start(adjoints: Adjoints, var: Var) -> Atom:
    """The gradient that a value has when the backward loop begins."""
    return _or_zero(adjoints, var)


def _trips(builder: Builder, backward: Backward, eqn: Eqn) -> tuple[Var, tuple[Atom, ...]]:
    """The counter and the bounds of the backward loop.

    A loop that may end early, or that has no bounds, counts its trips.
    """
    index = Var("_", Scalar("int64", weak=True), user=True)
    if eqn.op == "for":
        counter = eqn.blocks[0].params[0]
        index = own_sizes(Var(counter.hint, Scalar("int64", weak=True), user=counter.user))
        if "until" not in eqn.static:
            return index, eqn.args[:3]
    counted = backward.replaced.get(eqn)
    if counted is None:
        counted = backward.replaced[eqn] = _counting(eqn)
    trips: Atom = counted.outs[-1]
    if eqn.op == "while":
        return index, (const(0), trips, const(1))
    start, _, step = eqn.args[:3]
    if not (isinstance(step, Const) and step.value == 1):
        trips = builder.one("mul", [step, trips])
    if not (isinstance(start, Const) and start.value == 0):
        trips = builder.one("add", [start, trips])
    return index, (start, trips, step)


def _counting(eqn: Eqn) -> Eqn:
    """A loop that carries the number of its trips."""
    *tests, body = eqn.blocks

    def counter() -> Var:
        return own_sizes(Var("trips", Scalar("int64", weak=True), user=True))

    before, after = counter(), counter()
    step = Eqn((after,), "add", (before, const(1)), via="aug")
    return replace(
        eqn,
        outs=(*eqn.outs, counter()),
        args=(*eqn.args, const(0)),
        blocks=(
            *(replace(test, params=(*test.params, counter())) for test in tests),
            Block((*body.params, before), (step, *body.body), (*body.results, after)),
        ),
    )
