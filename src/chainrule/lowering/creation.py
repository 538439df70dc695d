"""Arrays from nothing: constants, ranges, identity matrices, grids."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from ..ir.program import Atom, Eqn
from ..rules.builder import const
from .broadcasting import joint, stretched
from .code import INT, known
from .function import as_lazy, changed, number
from .scalars import cast, constant
from .table import lowers, refuse
from .values import Dims, Index, Lazy, Value

if TYPE_CHECKING:
    from .function import Lowerer


def computed(dtype: str, dims: Dims, at: Callable[[Index], Atom], cost: int = 1) -> Lazy:
    """An array whose elements are computed from their positions."""
    return Lazy(dtype, dims, at, cost=cost)


@lowers("filled")
def filled(lo: Lowerer, eqn: Eqn, args: list[Value]) -> Value:
    """One number everywhere."""
    dims, dtype = lo.shape(eqn.static["dims"], args), eqn.static["dtype"] or "float64"
    return _full(lo, args[0], dtype, dims)


def _full(lo: Lowerer, value: Value, dtype: str, dims: Dims) -> Value:
    if isinstance(value, Lazy):
        wide = stretched(lo, value, dims)
        if wide.dtype == dtype:
            return wide
        return Lazy(
            dtype, dims, lambda i: cast(lo.code, wide.at(i), dtype), wide.reads, wide.reads, 1
        )
    return number(dtype, cast(lo.code, value, dtype), dims)  # type: ignore[arg-type]


@lowers("zeros", "ones", "empty", "full")
def constants(lo: Lowerer, eqn: Eqn, args: list[Value]) -> Value:
    """A new array of one number; an empty one is one of zeros."""
    dims, dtype = lo.shape(eqn.static["shape"], args), eqn.out.type.dtype
    if eqn.op == "full":
        return _full(lo, args[0], dtype, dims)
    return number(dtype, constant(eqn.op == "ones", dtype), dims)


@lowers("zeros_like", "ones_like", "empty_like", "full_like")
def constants_like(lo: Lowerer, eqn: Eqn, args: list[Value]) -> Value:
    """The same in the shape of another array."""
    dtype, given = eqn.out.type.dtype, eqn.static.get("shape")
    dims = as_lazy(args[0]).dims if given is None else lo.shape(given, args)
    if eqn.op == "full_like":
        return _full(lo, args[1], dtype, dims)
    return number(dtype, constant(eqn.op == "ones_like", dtype), dims)


@lowers("eye", "identity", "tri")
def diagonals(lo: Lowerer, eqn: Eqn, args: list[Value]) -> Value:
    """Ones on a diagonal, or on and below it."""
    code, dtype = lo.code, eqn.out.type.dtype
    rows = lo.atom(eqn.static["n" if eqn.op == "identity" else "N"], args)
    other = eqn.static.get("M")
    columns = rows if other is None else lo.atom(other, args)
    shift = lo.atom(eqn.static.get("k", 0), args)
    one, zero = constant(1, dtype), constant(0, dtype)
    sign = "<=" if eqn.op == "tri" else "=="

    def at(index: Index) -> Atom:
        i, j = index
        return code.py(
            f"_2 if _0 {sign} _1 else _3", (j, code.whole("add", i, shift), one, zero), dtype
        )

    return computed(dtype, (rows, columns), at)


@lowers("indices")
def indices(lo: Lowerer, eqn: Eqn, args: list[Value]) -> Value | tuple[Value, ...]:
    """The positions of a grid."""
    dtype, code = eqn.out.type.dtype if not eqn.several else eqn.outs[0].type.dtype, lo.code
    dims = lo.shape(eqn.static["dimensions"], args)
    if eqn.static.get("sparse"):
        return tuple(
            computed(
                dtype,
                tuple(d if a == k else const(1) for a, d in enumerate(dims)),
                lambda index, k=k: cast(code, index[k], dtype),  # type: ignore[misc]
            )
            for k in range(len(dims))
        )

    def at(index: Index) -> Atom:
        first, *rest = index
        if known(first) is not None:
            return cast(code, rest[known(first) or 0], dtype)
        chosen: Atom = rest[-1]
        for k in range(len(rest) - 2, -1, -1):
            chosen = code.py("_2 if _0 == _1 else _3", (first, const(k), rest[k], chosen), "int64")
        return cast(code, chosen, dtype)

    return computed(dtype, (const(len(dims)), *dims), at)


@lowers("meshgrid")
def meshgrid(lo: Lowerer, eqn: Eqn, args: list[Value]) -> tuple[Value, ...]:
    """Each vector along an axis of its own."""
    from .joining import flat

    parts = [flat(lo, a) for a in args]
    parts = [lo.stored(p) if p.cost > 1 else p for p in parts]
    order = list(range(len(parts)))
    if eqn.static["indexing"] == "xy" and len(parts) > 1:
        order[0], order[1] = 1, 0
    sizes = [p.dims[0] if p.dims else const(1) for p in parts]
    full: list[Atom] = [const(1)] * len(parts)
    for k, size in enumerate(sizes):
        full[order[k]] = size
    made: list[Value] = []
    for k, part in enumerate(parts):
        dims = tuple(full)
        if eqn.static["sparse"]:
            dims = tuple(size if a == order[k] else const(1) for a, size in enumerate(full))
        made.append(
            changed(
                part,
                dims=dims,
                at=lambda index, part=part, k=k: part.at((index[order[k]],) if part.dims else ()),
            )
        )
    return tuple(made)


@lowers("vander")
def vander(lo: Lowerer, eqn: Eqn, args: list[Value]) -> Value:
    """Powers of a vector in columns."""
    x, code, dtype = as_lazy(args[0]), lo.code, eqn.out.type.dtype
    if x.cost:
        x = lo.stored(x)
    given = eqn.static["N"]
    n = x.dims[0] if given is None else lo.atom(given, args)

    def at(index: Index) -> Atom:
        i, j = index
        power = (
            j if eqn.static["increasing"] else code.whole("sub", code.whole("sub", n, const(1)), j)
        )
        return code.py("_0**_1", (cast(code, x.at((i,)), dtype), power), dtype)

    return Lazy(dtype, (x.dims[0], n), at, x.reads, x.reads, 8)


@lowers("array")
def array(lo: Lowerer, eqn: Eqn, args: list[Value]) -> Value:
    """An array of the items that a list names."""
    code, dtype = lo.code, eqn.out.type.dtype
    nesting: Any = eqn.static["nesting"]
    leaves: list[tuple[tuple[int, ...], int]] = []
    shape: list[int] = []

    def visit(item: Any, at: tuple[int, ...]) -> None:
        if isinstance(item, tuple):
            if len(shape) == len(at):
                shape.append(len(item))
            for k, inner in enumerate(item):
                visit(inner, (*at, k))
        else:
            leaves.append((at, item))

    visit(nesting, ())
    parts = [as_lazy(args[number_]) for _, number_ in leaves]
    if not shape:
        return _full(lo, args[0], dtype, parts[0].dims)
    dims: list[Atom] = [*map(const, shape)]
    for (at, _), part in zip(leaves, parts, strict=True):
        for axis, size in enumerate(part.dims, start=len(at)):
            if axis == len(dims):
                dims.append(size)
            dims[axis] = code.same(
                dims[axis], size, 'ValueError("an array of an inhomogeneous shape")'
            )
    made = code.alloc(dtype, tuple(dims), lo.hint(eqn.out))
    for (at, _), part in zip(leaves, parts, strict=True):
        place = tuple(map(const, at))
        code.nest(
            part.dims,
            lambda i, part=part, place=place: code.store(  # type: ignore[misc]
                made, cast(code, part.at(i), dtype), (*place, *i)
            ),
        )
    return code.lazy(made)


# -- ranges --------------------------------------------------------------------------------------


@lowers("arange")
def arange(lo: Lowerer, eqn: Eqn, args: list[Value]) -> Value:
    """Numbers from a start to before a stop."""
    code, dtype = lo.code, eqn.out.type.dtype
    bounds = [a.at(()) if isinstance(a, Lazy) else a for a in args]
    start, stop, step = const(0), bounds[0], const(1)
    if len(bounds) > 1:
        start, stop = bounds[0], bounds[1]  # type: ignore[assignment]
    if len(bounds) > 2:
        step = bounds[2]  # type: ignore[assignment]
    whole = all(np.dtype(b.type.dtype).kind in "iu" for b in (start, stop, step))  # type: ignore[union-attr]
    n: Atom
    if whole and known(step) == 1:
        n = code.whole("max", code.whole("sub", stop, start), const(0))  # type: ignore[arg-type]
    else:
        text = "max(0, -((_0 - _1) // _2))" if whole else "max(0, int(math.ceil((_1 - _0) / _2)))"
        n = code.emit("py", (start, stop, step), INT, "n", text=text)  # type: ignore[arg-type]
    if whole:

        def at(index: Index) -> Atom:
            return cast(code, code.whole("add", code.whole("mul", index[0], step), start), dtype)

    else:
        # NumPy takes the difference of the first two, which rounds otherwise than the step.
        first = cast(code, start, dtype)
        gap = code.py("_0 + _1 - _0", (first, cast(code, step, dtype)), dtype)

        def at(index: Index) -> Atom:
            return code.py("_0 + _1 * _2", (first, cast(code, index[0], dtype), gap), dtype)

    return computed(dtype, (n,), at)


@lowers("linspace", "logspace", "geomspace")
def linspace(lo: Lowerer, eqn: Eqn, args: list[Value]) -> Value:
    """Numbers at equal distances, or their powers."""
    code, dtype, static = (
        lo.code,
        eqn.out.type.dtype if not eqn.several else eqn.outs[0].type.dtype,
        eqn.static,
    )
    if static.get("retstep"):
        raise refuse(eqn, "linspace with retstep=True")
    ends = [as_lazy(a) for a in args]
    dims = joint(lo, [e.dims for e in ends])
    n = lo.atom(static["num"], args)
    gaps = code.whole("sub", n, const(1)) if static["endpoint"] else n
    rank = len(dims)
    axis = static.get("axis", 0) % (rank + 1)
    wide = [lo.stored(w) if w.cost > 1 else w for w in (stretched(lo, e, dims) for e in ends)]
    reads = frozenset().union(*(w.reads for w in wide))

    def end(k: int, index: Index) -> Atom:
        value = cast(code, wide[k].at(index), "float64")
        if eqn.op == "geomspace":
            value = code.py("np.log10(abs(_0))", (value,), "float64")
        return value

    def at(index: Index) -> Atom:
        inner = (*index[:axis], *index[axis + 1 :])
        a, b = end(0, inner), end(1, inner)
        k = index[axis]
        text = "_0 + _2 * ((_1 - _0) / _3) if _3 > 0 else _0 + _2 * (_1 - _0)"
        if static["endpoint"]:
            text = f"_1 if _2 == _3 and _3 > 0 else ({text})"
        x: Atom = code.py(text, (a, b, k, gaps), "float64")
        if eqn.op == "logspace":
            x = code.py("_0**_1", (const(float(static["base"])), x), "float64")
        elif eqn.op == "geomspace":
            x = code.py("10.0**_0", (x,), "float64")
            first = cast(code, wide[0].at(inner), "float64")
            last = cast(code, wide[1].at(inner), "float64")
            x = code.py("-_0 if _1 < 0 else _0", (x, first), "float64")
            x = code.py("_1 if _2 == 0 else _0", (x, first, k), "float64")
            if static["endpoint"]:
                x = code.py("_1 if _2 == _3 and _3 > 0 else _0", (x, last, k, gaps), "float64")
        if np.dtype(dtype).kind in "iu":
            x = code.py("np.floor(_0)", (x,), "float64")
        return cast(code, x, dtype)

    full = (*dims[:axis], n, *dims[axis:])
    return Lazy(dtype, full, at, reads, reads, 2 if eqn.op == "linspace" else 8)
