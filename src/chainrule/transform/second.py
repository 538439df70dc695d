"""Second derivatives by reverse mode over forward mode, where it cannot be the other way round.

The product of a Hessian with a direction `v` is the tangent of the gradient along `v`, and the
gradient of the tangent along `v`:

    H(x) v = d/dt grad f(x + t v) = grad (v . grad f(x))

Usually the first form is written. What the backward pass of a recursive function or of a checkpointed
loop saves is not differentiated, so for these it is the second.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ..frontend.unit import Unit
from ..ir.callees import callees, is_recursive
from ..ir.program import Atom, Function, Var, walk
from ..rules.builder import const
from .checkpoint import is_checkpointed
from .forward import Forward
from .record import recorded
from .reverse import Reverse


def needs_reverse_last(function: Function) -> bool:
    """Does it call functions that call themselves, or have a checkpointed loop?"""
    every = [*callees(function), function]
    return any(map(is_recursive, every)) or any(
        is_checkpointed(e) for f in every for e in walk(f.body)
    )


def gradient_of_tangent(
    unit: Unit, function: Function, wrt: Sequence[Var], dots: dict[Var, Var]
) -> tuple[Function, tuple[Atom, ...]]:
    """The program with the tangent `dots` as parameters, and the gradients of the first tangent."""
    from ..simplify import simplified

    forward = Forward(unit)
    swept = forward.sweep(function, dict(dots), masked=wrt)
    slope = swept.dots[0] if swept.dots[0] is not None else const(0.0)
    dual = simplified(
        replace(
            function,
            params=(*function.params, *dots.values()),
            body=swept.body,
            results=(*function.results, slope),
            captures={**function.captures, **forward.captures},
        )
    )
    seeds: list[Atom | None] = [*([None] * len(function.results)), const(1.0)]
    back = Reverse(unit).sweep(dual, wrt, seeds, masked=True)
    joined = replace(
        dual,
        body=recorded(dual, back.eqns, back.replaced),
        results=dual.results[:-1],
        captures={**dual.captures, **back.captures},
    )
    return joined, tuple(back.gradients)
