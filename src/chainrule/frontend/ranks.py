"""A name that is a number before a loop and an array in it.

    total = 0.0                          total = np.zeros(3)
    for row in A:                  ->    for row in A:
        total = total + row                  total = total + row

The number is broadcast before the loop, where the trips cannot tell it from the array: they do
nothing with it but arithmetic. Without a trip it stays a number for Python, which is refused when
that happens.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from ..ir.program import Atom, Const, Var, walk
from ..ir.types import Array, Scalar
from ..rules.registry import OPS
from . import effects
from .blocks import UNSET, Walked, as_joined, join

if TYPE_CHECKING:
    from .aliasing import Slots
    from .lower import Lowerer


def widened(
    lo: Lowerer,
    slots: Slots,
    walked: Walked,
    name: str,
    bounds: tuple[Atom, ...],
    node: ast.For | ast.While,
) -> bool:
    """Make an array of the number that a name is before a loop; False where that cannot be."""
    end = walked.names.get(name)
    places = [i for i, n in enumerate(slots.names) if n == name]
    if not isinstance(end, Var) or not isinstance(end.type, Array) or len(places) != 1:
        return False
    (place,) = places
    param, init = slots.params[place], slots.inits[place]
    if not isinstance(param.type, Scalar) or init is UNSET or not slots.seen_outside(end.type):
        return False
    if not _only_arithmetic(walked, param) or not _runs(lo, bounds, node, name):
        return False
    dtype = join(end.type, Array(init.type.dtype, end.type.dims))
    assert dtype is not None
    static = {"dims": end.type.dims, "dtype": dtype.dtype}
    number = lo.builder.literal(init) or init
    start = as_joined(lo.builder.eqns, number, Scalar(dtype.dtype))
    wide = lo.builder.one("filled", [start], static)
    wide.hint, wide.user = name, True
    slots.inits[place], slots.types[place] = wide, wide.type
    return True


def _only_arithmetic(walked: Walked, param: Var) -> bool:
    """Does a trip do nothing with a value but elementwise arithmetic?"""
    names = {param}
    for eqn in walk(walked.eqns):
        if eqn.op == "alias" and eqn.args[0] in names:
            names.update(eqn.outs)
        elif names.intersection(eqn.uses()) and not (eqn.op in OPS and OPS[eqn.op].elementwise):
            return False
    return True


def _runs(lo: Lowerer, bounds: tuple[Atom, ...], node: ast.For | ast.While, name: str) -> bool:
    """Does the loop have a trip? Where that is not known, the program raises without one."""
    if not bounds:
        test = node.test if isinstance(node, ast.While) else None
        return isinstance(test, ast.Constant) and bool(test.value)
    start, stop, step = bounds
    if not isinstance(step, Const):
        return False
    if isinstance(start, Const) and isinstance(stop, Const):
        return len(range(start.value, stop.value, step.value)) > 0
    pair = (stop, start) if step.value > 0 else (start, stop)
    eqn = lo.builder.origin.get(stop) if isinstance(stop, Var) else None
    counted = eqn is not None and eqn.op == "size" and step.value > 0
    from_zero = counted and isinstance(start, Const) and start.value == 0
    none = lo.builder.one("eq" if from_zero else "le", list(pair))
    text = f"ValueError('{name} is an array only where this loop has a trip')"
    detail = ast.parse(text, mode="eval").body
    for part in ast.walk(detail):
        ast.copy_location(part, node)
    effects.effect(lo, "raise_if", [none], detail, node)
    return True
