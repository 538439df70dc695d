"""Tangents and Jacobians inside a program become calls, before anything is differentiated.

    y, y_dot = jvp(x, x_dot; f)        ->   y, y_dot = f_tangent(x, x_dot)
    y, J = jac(x; f)                   ->   y, columns = f_tangents(x, np.eye(n));  J = columns.T

where `f_tangent` is what forward mode makes of `f`, and `f_tangents` takes all directions at once. So
they are differentiated as any call is. Where a function is not written for several directions, a loop
goes through the columns.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final, final

import numpy as np

from ..frontend.unit import Unit
from ..ir.dims import Dim, Sym
from ..ir.program import Atom, Block, Eqn, Function, Var, in_blocks, walk
from ..ir.types import Array, Scalar, Type, is_inexact
from ..rules.builder import Builder, const
from ..rules.shapes import size_of
from .batched import batched
from .lifted import NotLifted
from .nested import with_tangents

_OPS: Final = ("jvp", "jac")


def inner_calls(function: Function, unit: Unit) -> Function:
    """The function with calls in place of these equations; its callees are those of before."""
    if not any(e.op in _OPS for e in walk(function.body)):
        return function
    return function.with_body(_Inner(unit).body(function.body))


@final
class _Inner:
    """Writes the calls; the functions with tangents of a callee are made once."""

    def __init__(self, unit: Unit) -> None:
        self.unit = unit

    def body(self, eqns: tuple[Eqn, ...]) -> tuple[Eqn, ...]:
        """Equations in a row."""
        builder = Builder()
        for eqn in eqns:
            builder.stage, builder.span = eqn.stage, eqn.span
            builder.backward, builder.tangent = eqn.backward, eqn.tangent
            if eqn.op == "jvp":
                dual = with_tangents(self.unit, eqn.static["callee"], eqn.static["wrt"])
                builder.append(replace(eqn, op="call", static=_calling(dual)))
            elif eqn.op == "jac":
                self.jacobian(builder, eqn)
            else:
                changed = in_blocks(eqn, lambda b: replace(b, body=self.body(b.body)))
                builder.eqns.append(changed)
                builder.origin.update(dict.fromkeys(eqn.outs, changed))
        return tuple(builder.eqns)

    def jacobian(self, builder: Builder, eqn: Eqn) -> None:
        """The values, and the Jacobian of each floating-point result."""
        callee: Function = eqn.static["callee"]
        (place,) = eqn.static["wrt"]
        count = len(callee.results)
        values, blocks = eqn.outs[:count], eqn.outs[count:]
        param = callee.params[place]
        inexact = [v for v in values if is_inexact(v.type)]
        if all(not r.type.dims for r in inexact) and len(inexact) == 1:
            seeded = (values.index(inexact[0]),)
            static = {"callee": callee, "wrt": (place,), "seeded": seeded}
            builder.append(replace(eqn, op="vjp", args=(*eqn.args, const(1.0)), static=static))
            return
        dual = with_tangents(self.unit, callee, (place,))
        if not isinstance(param.type, Array):
            dots = tuple(Var("", r.type) for r in inexact)
            args = (*eqn.args, const(1.0))
            builder.append(Eqn((*values, *dots), "call", args, _calling(dual)))
            for block, dot in zip(blocks, dots, strict=True):
                builder.append(Eqn((block,), "alias", (dot,)))
            return
        size = size_of(param.type.dims)
        rows = tuple(Var("", Array(b.type.dtype, (size, *r.type.dims)))
                     for b, r in zip(blocks, inexact, strict=True))  # fmt: skip
        try:
            several = batched(dual, (dual.params[-1],), count)
        except NotLifted:
            _column_by_column(builder, eqn, dual, size, rows)
        else:
            several = replace(several, name=self.unit.function_name(f"{callee.name}_tangents"))
            dtype = "float" if param.type.dtype == "float64" else np.dtype(param.type.dtype).type
            static = {"N": size, "M": None, "k": 0, "dtype": dtype, "order": "C"}
            eye = builder.one("eye", [], static, "np")
            units = _reshaped(builder, eye, (size, *param.type.dims))
            args = (*eqn.args, units)
            builder.append(Eqn((*values, *rows), "call", args, _calling(several)))
        for block, row in zip(blocks, rows, strict=True):
            rank = len(row.type.dims)
            turned: Atom = row
            if rank > 1:
                static = {"axes": (*range(1, rank), 0)}
                turned = builder.one("T", [row]) if rank == 2 else builder.one(
                    "transpose", [row], static, "np"
                )  # fmt: skip
            made = _reshaped(builder, turned, block.type.dims)
            builder.append(Eqn((block,), "alias", (made,)))


def _calling(callee: Function) -> dict[str, object]:
    return {"callee": callee, "own": frozenset()}


def _reshaped(builder: Builder, atom: Atom, dims: tuple[Dim, ...]) -> Atom:
    if atom.type.dims == dims:
        return atom
    static = {"shape": dims, "order": "C", "copy": None}
    out = Var("", Array(atom.type.dtype, dims))
    builder.append(Eqn((out,), "reshape", (atom,), static, "np"))
    return out


def _column_by_column(
    builder: Builder, eqn: Eqn, dual: Function, size: Dim, rows: tuple[Var, ...]
) -> None:
    """A loop over the directions, whose tangents are written into the rows."""
    callee: Function = eqn.static["callee"]
    param = callee.params[eqn.static["wrt"][0]]
    count = len(callee.results)
    builder.append(Eqn(eqn.outs[:count], "call", eqn.args, _calling(callee)))
    starts = [_zeros(builder, row.type) for row in rows]
    i = Var("i", Scalar("int64", weak=True))
    i.type = Scalar("int64", weak=True, dim=Dim.of(Sym("i", (i, None), single=True)))
    carried = tuple(Var("", row.type) for row in rows)
    inner = Builder(
        stage=builder.stage,
        span=builder.span,
        backward=builder.backward,
        tangent=builder.tangent,
    )
    pattern = {"pattern": (("int", i.type.dim),)}
    flat = inner.one(
        "set_at", [_zeros(inner, Array(param.type.dtype, (size,))), const(1.0)], pattern
    )
    unit = _reshaped(inner, flat, param.type.dims)
    values = tuple(Var("", out.type) for out in eqn.outs[:count])
    dots = tuple(Var("", out.type) for out in values if is_inexact(out.type))
    inner.append(Eqn((*values, *dots), "call", (*eqn.args, unit), _calling(dual)))
    ends = tuple(
        inner.one("set_at", [old, dot], pattern) for old, dot in zip(carried, dots, strict=True)
    )
    block = Block((i, *carried), tuple(inner.eqns), ends)
    stop = builder.size(size)
    builder.append(Eqn(rows, "for", (const(0), stop, const(1), *starts), {}, blocks=(block,)))


def _zeros(builder: Builder, type_: Type) -> Var:
    static = {"dims": type_.dims, "dtype": type_.dtype}
    return builder.one("filled", [const(0.0)], static)
