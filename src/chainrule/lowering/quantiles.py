"""Medians and quantiles: each line along the reduced axes is laid out in a vector."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..ir.program import Atom, Eqn
from ..ir.types import Scalar
from ..rules.builder import const
from ..rules.shapes import normalized
from .function import as_lazy
from .reductions import keeps, with_ones
from .scalars import cast
from .shape import permuted
from .table import lowers, refuse
from .values import Index, Value

if TYPE_CHECKING:
    from .function import Lowerer


@lowers("median", "nanmedian", "quantile", "nanquantile", "percentile", "nanpercentile")
def quantile(lo: Lowerer, eqn: Eqn, args: list[Value]) -> Value:
    """A number for each line, and for each q."""
    if eqn.static.get("method", "linear") != "linear":
        raise refuse(eqn, f"np.{eqn.op} with method={eqn.static['method']!r}")
    code, value = lo.code, as_lazy(args[0])
    rank = len(value.dims)
    axes = normalized(eqn.static.get("axis"), rank)
    kept = tuple(i for i in range(rank) if i not in axes)
    moved = as_lazy(permuted(lo, value, [*kept, *axes])) if rank else value
    outer, inner = moved.dims[: len(kept)], moved.dims[len(kept) :]
    qs = [as_lazy(args[1])] if len(args) > 1 else []
    many = qs[0].dims if qs else ()
    dtype = eqn.out.type.dtype
    made = code.alloc(dtype, (*many, *outer), lo.hint(eqn.out))
    line = code.alloc(value.dtype, (code.size(inner),), "line")
    text = f"np.{eqn.op}(_0{', _1' if qs else ''})"

    def run(index: Index) -> None:
        def fill(position: Index) -> None:
            place: Atom = const(0)
            for i, n in zip(position, inner, strict=True):
                place = code.whole("add", code.whole("mul", place, n), i)
            code.store(line, moved.at((*index, *position)), (place,))

        code.nest(inner, fill)

        def store(which: Index) -> None:
            given = (line.var, *(cast(code, q.at(which), "float64") for q in qs))
            found = code.emit("made", given, Scalar("float64"), "chosen", text=text)
            code.store(made, cast(code, found, dtype), (*which, *index))

        code.nest(many, store)

    code.nest(outer, run)
    result = code.lazy(made)
    if keeps(eqn):
        result = with_ones(result, tuple(a + len(many) for a in axes))
    return result
