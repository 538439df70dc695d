"""Positions: where something holds, bins of values, triangles, different values."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..ir.program import Atom, Eqn
from ..rules.builder import const
from .code import INT
from .creation import computed
from .function import as_lazy
from .scalars import cast, constant
from .shape import reshaped
from .signals import line, vector
from .table import lowers, refuse
from .values import Index, Lazy, Value

if TYPE_CHECKING:
    from .function import Lowerer

_OUTSIDE = 'ValueError("index is out of bounds for array of this shape")'


def _places(lo: Lowerer, value: Lazy) -> list[Lazy]:
    """For each axis the positions of what is not zero."""
    array = lo.memory(value)
    return [
        vector(lo, f"np.nonzero(_0)[{axis}]", (array.var,), "int64")
        for axis in range(len(value.dims))
    ]


@lowers("nonzero")
def nonzero(lo: Lowerer, eqn: Eqn, args: list[Value]) -> tuple[Value, ...]:
    """For each axis the positions of what is not zero."""
    return tuple(_places(lo, as_lazy(args[0])))


@lowers("flatnonzero")
def flatnonzero(lo: Lowerer, eqn: Eqn, args: list[Value]) -> Value:
    """The positions in the flat array."""
    given = line(lo, args[0], as_lazy(args[0]).dtype)
    return vector(lo, "np.flatnonzero(_0)", (given.var,), "int64")


@lowers("argwhere")
def argwhere(lo: Lowerer, eqn: Eqn, args: list[Value]) -> Value:
    """A row for each position."""
    parts = _places(lo, as_lazy(args[0]))

    def at(index: Index) -> Atom:
        row, axis = index
        found = parts[-1].at((row,))
        for k in range(len(parts) - 2, -1, -1):
            choice = (axis, const(k), parts[k].at((row,)), found)
            found = lo.code.py("_2 if _0 == _1 else _3", choice, "int64")
        return found

    return computed("int64", (parts[0].dims[0], const(len(parts))), at)


@lowers("digitize")
def digitize(lo: Lowerer, eqn: Eqn, args: list[Value]) -> Value:
    """The bin of each value."""
    x = as_lazy(args[0])
    given, bins = (line(lo, a, "float64") for a in args)
    right = bool(eqn.static["right"])
    found = vector(lo, f"np.digitize(_0, _1, {right})", (given.var, bins.var), "int64")
    return reshaped(lo, found, x.dims) if x.dims else found.at((const(0),))


@lowers("isin")
def isin(lo: Lowerer, eqn: Eqn, args: list[Value]) -> Value:
    """Which elements are among others."""
    code, x = lo.code, as_lazy(args[0])
    others = line(lo, args[1], as_lazy(args[1]).dtype)
    invert = bool(eqn.static["invert"])
    made = code.alloc("bool", x.dims, lo.hint(eqn.out))

    def find(index: Index) -> None:
        value = x.at(index)
        found = code.cell(constant(invert, "bool"), "bool", "found")
        with code.loop(others.dims[0]) as k:
            equal = code.test("_0 == _1", value, code.load(others, (k,)))
            with code.when(equal):
                code.set(found, constant(not invert, "bool"))
        code.store(made, found, index)

    code.nest(x.dims, find)
    return code.lazy(made)


@lowers("triu_indices", "tril_indices")
def triangle(lo: Lowerer, eqn: Eqn, args: list[Value]) -> tuple[Value, ...]:
    """Rows and columns."""
    given = [eqn.static["n"], eqn.static["k"]]
    given.append(eqn.static["n"] if eqn.static["m"] is None else eqn.static["m"])
    sizes = [lo.atom(value, args) for value in given]
    texts = (f"np.{eqn.op}(_0, _1, _2)[{place}]" for place in range(2))
    return tuple(vector(lo, text, sizes, "int64") for text in texts)


@lowers("unravel_index")
def unravel_index(lo: Lowerer, eqn: Eqn, args: list[Value]) -> tuple[Value, ...]:
    """The position along each axis of a position in the flat array."""
    code, flat = lo.code, as_lazy(args[0])
    if eqn.static["order"] != "C":
        raise refuse(eqn, "unravel_index in another order")
    shape = eqn.static["shape"]
    dims = lo.shape(shape if isinstance(shape, tuple) else (shape,), args)
    strides: list[Atom] = [const(1)]
    for size in dims[:0:-1]:
        strides.insert(0, code.whole("mul", strides[0], size))
    total = code.whole("mul", strides[0], dims[0])
    if flat.cost:
        flat = lo.stored(flat)

    def along(axis: int) -> Value:
        def at(index: Index) -> Atom:
            place = cast(code, flat.at(index), "int64")
            code.refuse_if(_OUTSIDE, "_0 < 0 or _0 >= _1", place, total)
            return code.emit("py", (place, strides[axis], dims[axis]), INT, text="_0 // _1 % _2")

        return computed("int64", flat.dims, at) if flat.dims else at(())

    return tuple(along(axis) for axis in range(len(dims)))


@lowers("ravel_multi_index")
def ravel_multi_index(lo: Lowerer, eqn: Eqn, args: list[Value]) -> Value:
    """The position in the flat array."""
    code = lo.code
    if eqn.static["order"] != "C" or eqn.static["mode"] != "raise":
        raise refuse(eqn, "ravel_multi_index with options")
    dims = lo.shape(eqn.static["dims"], args)
    parts = [as_lazy(a) for a in args[: len(dims)]]

    def at(index: Index) -> Atom:
        place: Atom = const(0)
        for part, size in zip(parts, dims, strict=True):
            own = index[len(index) - len(part.dims) :]
            value = cast(code, part.at(own), "int64")
            code.refuse_if(_OUTSIDE, "_0 < 0 or _0 >= _1", value, size)
            place = code.whole("add", code.whole("mul", place, size), value)
        return place

    widest = max(parts, key=lambda part: len(part.dims))
    return computed("int64", widest.dims, at) if widest.dims else at(())


@lowers("unique")
def unique(lo: Lowerer, eqn: Eqn, args: list[Value]) -> Value | tuple[Value, ...]:
    """The different values in order, the first position of each, which it is, how often."""
    code, x = lo.code, as_lazy(args[0])
    given = line(lo, args[0], x.dtype)
    values = vector(lo, "np.unique(_0)", (given.var,), x.dtype)
    if not eqn.several:
        return values
    found = lo.memory(values)
    which = vector(lo, "np.searchsorted(_0, _1)", (found.var, given.var), "int64")
    results: list[Value] = [values]
    if eqn.static["return_index"]:
        first = code.alloc("int64", found.dims, "first")
        last = code.whole("sub", given.dims[0], const(1))
        with code.loop(given.dims[0]) as i:
            place = code.whole("sub", last, i)
            code.store(first, place, (which.at((place,)),))
        results.append(code.lazy(first))
    if eqn.static["return_inverse"]:
        results.append(reshaped(lo, which, x.dims) if x.dims else which)
    if eqn.static["return_counts"]:
        counts = code.alloc("int64", found.dims, "counts", zero=True)
        with code.loop(given.dims[0]) as i:
            code.store(counts, const(1), (which.at((i,)),), add=True)
        results.append(code.lazy(counts))
    return tuple(results)
