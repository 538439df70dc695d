"""Choices by number, partial orders, running maxima."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..ir.program import Atom, Eqn
from ..rules.builder import const
from ..rules.shapes import normalized
from .broadcasting import joint, stretched
from .elementwise import combined
from .function import as_lazy
from .reductions import keeps, reduce, text_step
from .scalars import cast, constant
from .table import lowers, refuse
from .values import Index, Value

if TYPE_CHECKING:
    from .function import Lowerer


@lowers("choose")
def choose(lo: Lowerer, eqn: Eqn, args: list[Value]) -> Value:
    """The choice that the number at each position says."""
    code, dtype = lo.code, eqn.out.type.dtype
    operands = [as_lazy(a) for a in args]
    dims = joint(lo, [o.dims for o in operands])
    numbers, *choices = (as_lazy(stretched(lo, o, dims)) for o in operands)
    if numbers.cost > 1:
        numbers = lo.stored(numbers)

    def at(index: Index) -> Atom:
        which = cast(code, numbers.at(index), "int64")
        error = 'ValueError("invalid entry in choice array")'
        code.refuse_if(error, "_0 < 0 or _0 >= _1", which, const(len(choices)))
        value = cast(code, choices[-1].at(index), dtype)
        for k in range(len(choices) - 2, -1, -1):
            other = cast(code, choices[k].at(index), dtype)
            value = code.py("_1 if _0 == _2 else _3", (which, other, const(k), value), dtype)
        return value

    made = combined(dtype, dims, at, [numbers, *choices], 8)
    return lo.stored(made) if dims else made.at(())


@lowers("maximum.accumulate", "minimum.accumulate")
def running(lo: Lowerer, eqn: Eqn, args: list[Value]) -> Value:
    """The largest or smallest element so far, along an axis."""
    code, value = lo.code, as_lazy(args[0])
    dtype = eqn.out.type.dtype
    axis = eqn.static.get("axis", 0) % len(value.dims)
    made = code.alloc(dtype, value.dims, lo.hint(eqn.out))
    text = f"np.{eqn.op.split('.')[0]}(_0, _1)"
    outer = (*value.dims[:axis], *value.dims[axis + 1 :])

    def run(index: Index) -> None:
        def whole(i: Atom) -> Index:
            return (*index[:axis], i, *index[axis:])

        with code.loop(value.dims[axis]) as i:
            element = cast(code, value.at(whole(i)), dtype)
            before = code.py("_0 - 1 if _0 > 0 else 0", (i,), "int64")
            with code.when(code.test("_0 > 0", i)):
                code.store(
                    made, code.py(text, (code.load(made, whole(before)), element), dtype), whole(i)
                )
            with code.when(code.test("_0 == 0", i)):
                code.store(made, element, whole(i))

    code.nest(outer, run)
    return code.lazy(made)


@lowers("logaddexp.reduce", "hypot.reduce")
def folded(lo: Lowerer, eqn: Eqn, args: list[Value]) -> Value:
    """A function of two numbers, folded along axes."""
    value = as_lazy(args[0])
    dtype = eqn.out.type.dtype
    axes = normalized(eqn.static.get("axis", 0), len(value.dims))
    step = text_step(f"np.{eqn.op.split('.')[0]}(_0, _1)", dtype)
    start = constant(-np.inf if eqn.op == "logaddexp.reduce" else 0, dtype)
    return reduce(lo, value, axes, dtype, start, step, keepdims=keeps(eqn))


@lowers("add.reduceat")
def reduceat(lo: Lowerer, eqn: Eqn, args: list[Value]) -> Value:
    """Sums of pieces that begin at each index."""
    raise refuse(eqn, "np.add.reduceat")
