"""Convolution, interpolation, positions in sorted vectors, weighted counts, phases."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from ..ir.dims import Dim
from ..ir.program import Atom, Eqn
from ..ir.types import Array, Scalar
from ..rules.builder import const
from .function import as_lazy
from .joining import flat
from .matrices import matrix
from .scalars import cast, constant
from .shape import reshaped
from .table import lowers, refuse
from .values import Buffer, Index, Lazy, Value

if TYPE_CHECKING:
    from .function import Lowerer


def vector(lo: Lowerer, text: str, args: Sequence[Atom], dtype: str) -> Lazy:
    """A vector that NumPy makes, as long as it turns out."""
    code = lo.code
    var = code.emit("made", tuple(args), Array(dtype, (Dim(0),)), "found", text=text)
    size = code.emit("py", (var,), Scalar("int64", weak=True), text="_0.size")
    return code.lazy(Buffer(var, (size,), owned=False))


def line(lo: Lowerer, value: Value, dtype: str) -> Buffer:
    """All elements in one vector in memory, of this dtype."""
    return matrix(lo, flat(lo, as_lazy(value)), (), dtype)


@lowers("convolve", "correlate")
def convolve(lo: Lowerer, eqn: Eqn, args: list[Value]) -> Value:
    """The overlap of two vectors."""
    dtype = eqn.out.type.dtype
    mode = eqn.static.get("mode", "full" if eqn.op == "convolve" else "valid")
    given = [line(lo, a, dtype) for a in args]
    for buffer in given:
        lo.code.refuse_if(f'ValueError("{eqn.op}: empty")', "_0 == 0", buffer.dims[0])
    return vector(lo, f"np.{eqn.op}(_0, _1, {mode!r})", [b.var for b in given], dtype)


@lowers("searchsorted")
def searchsorted(lo: Lowerer, eqn: Eqn, args: list[Value]) -> Value:
    """The position of each value."""
    code, side = lo.code, eqn.static.get("side", "left")
    line, values = as_lazy(args[0]), as_lazy(args[1])
    dtype = "float64" if "float" in (line.dtype + values.dtype) else "int64"
    given = matrix(lo, line, (), dtype)
    text = f"np.searchsorted(_0, _1, {side!r})"

    def find(index: Index) -> Atom:
        wanted = cast(code, values.at(index), dtype)
        return code.emit("made", (given.var, wanted), Scalar("int64"), "place", text=text)

    if not values.dims:
        return find(())
    made = code.alloc("int64", values.dims, lo.hint(eqn.out))
    code.nest(values.dims, lambda index: code.store(made, find(index), index))
    return code.lazy(made)


@lowers("interp")
def interp(lo: Lowerer, eqn: Eqn, args: list[Value]) -> Value:
    """A value for each x, from the line through the points."""
    code = lo.code
    x = as_lazy(args[0])
    xs, xp, fp = (line(lo, a, "float64") for a in args)
    code.same(xp.dims[0], fp.dims[0], 'ValueError("fp and xp are not of the same length.")')
    code.refuse_if('ValueError("array of sample points is empty")', "_0 == 0", xp.dims[0])
    found = vector(lo, "np.interp(_0, _1, _2)", (xs.var, xp.var, fp.var), "float64")
    points = code.lazy(xp)
    first = points.at((const(0),))
    last = points.at((code.whole("sub", xp.dims[0], const(1)),))
    assert found.buffer is not None
    made = code.alloc("float64", xs.dims, lo.hint(eqn.out))

    def store(index: Index) -> None:
        value: Atom = code.load(found.buffer, index)  # type: ignore[arg-type]
        at = code.load(xs, index)
        for side, sign, end in (("left", "<", first), ("right", ">", last)):
            if eqn.static.get(side) is not None:
                given = constant(float(eqn.static[side]), "float64")
                value = code.py(f"_1 if _0 {sign} _2 else _3", (at, given, end, value), "float64")
        code.store(made, value, index)

    code.nest(xs.dims, store)
    result = code.lazy(made)
    return reshaped(lo, result, x.dims) if x.dims else result.at((const(0),))


@lowers("bartlett", "blackman", "hamming", "hanning")
def window(lo: Lowerer, eqn: Eqn, args: list[Value]) -> Value:
    """A window of a known kind."""
    size = lo.atom(eqn.static["M"], args)
    return vector(lo, f"np.{eqn.op}(_0)", (size,), "float64")


@lowers("bincount")
def bincount(lo: Lowerer, eqn: Eqn, args: list[Value]) -> Value:
    """A sum of weights for each number."""
    x, weights = line(lo, args[0], "int64"), line(lo, args[1], "float64")
    error = 'ValueError("The weights and list don\'t have the same length.")'
    lo.code.same(x.dims[0], weights.dims[0], error)
    text = f"np.bincount(not_negative(_0), _1, {int(eqn.static.get('minlength') or 0)})"
    return vector(lo, text, (x.var, weights.var), "float64")


@lowers("unwrap")
def unwrap(lo: Lowerer, eqn: Eqn, args: list[Value]) -> Value:
    """Each line along an axis without jumps."""
    code, value = lo.code, as_lazy(args[0])
    if "float" not in value.dtype:
        raise refuse(eqn, "np.unwrap of integers")
    axis = eqn.static.get("axis", -1) % len(value.dims)
    period = float(eqn.static.get("period", 2 * math.pi))
    discont = eqn.static.get("discont")
    made = code.alloc(value.dtype, value.dims, lo.hint(eqn.out))
    line = code.alloc(value.dtype, (value.dims[axis],), "line")
    text = f"unwrapped(_0, {period / 2 if discont is None else float(discont)!r}, {period!r})"

    def run(index: Index) -> None:
        def whole(i: Atom) -> Index:
            return (*index[:axis], i, *index[axis:])

        with code.loop(value.dims[axis]) as i:
            code.store(line, value.at(whole(i)), (i,))
        found = vector(lo, text, (line.var,), value.dtype)
        with code.loop(value.dims[axis]) as i:
            code.store(made, found.at((i,)), whole(i))

    code.nest((*value.dims[:axis], *value.dims[axis + 1 :]), run)
    return code.lazy(made)
