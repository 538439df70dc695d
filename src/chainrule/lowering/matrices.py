"""Linear algebra: LAPACK for each matrix of a stack, and norms."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from ..ir.dims import Dim
from ..ir.program import Atom, Eqn
from ..ir.types import Array, Scalar
from ..rules.matrix_functions import norm_kind
from ..rules.shapes import normalized
from .broadcasting import joint, stretched
from .elementwise import combined
from .function import as_lazy
from .reductions import keeps, reduce, scaled, text_step, with_ones
from .scalars import cast, constant
from .shape import permuted
from .table import lowers, refuse
from .values import Buffer, Dims, Index, Lazy, Value

if TYPE_CHECKING:
    from .function import Lowerer

_ANY: Final = Dim(0)
_SQUARE: Final = 'ValueError("Last 2 dimensions of the array must be square")'


def matrix(lo: Lowerer, stack: Lazy, outer: Index, dtype: str) -> Buffer:
    """One matrix of a stack in memory of its own."""
    if not outer and stack.buffer is not None and stack.dtype == dtype:
        return stack.buffer
    code = lo.code
    rank = len(stack.dims) - len(outer)
    made = code.alloc(dtype, stack.dims[len(outer) :], "matrix")
    code.nest(
        stack.dims[len(outer) :],
        lambda index: code.store(made, cast(code, stack.at((*outer, *index)), dtype), index),
    )
    assert len(made.dims) == rank
    return made


def _made(lo: Lowerer, text: str, args: tuple[Atom, ...], dtype: str, dims: Dims) -> Buffer:
    """An array that NumPy makes, in a layout of its own."""
    type_ = Array(dtype, (_ANY,) * len(dims))
    return Buffer(lo.code.emit("made", args, type_, "solved", text=text), dims, owned=False)


def each(lo: Lowerer, eqn: Eqn, text: str, stacks: list[Lazy], batch: Dims, inner: Dims) -> Value:
    """A function of matrices applied along stacks."""
    code, dtype = lo.code, eqn.outs[0].type.dtype
    made = code.alloc(dtype, (*batch, *inner), lo.hint(eqn.outs[0]))

    def run(outer: Index) -> None:
        given = tuple(matrix(lo, s, outer, dtype).var for s in stacks)
        result = _made(lo, text, given, dtype, inner)
        code.nest(inner, lambda index: code.store(made, code.load(result, index), (*outer, *index)))

    code.nest(batch, run)
    return code.lazy(made)


def _square(lo: Lowerer, value: Lazy) -> Atom:
    return lo.code.same(value.dims[-1], value.dims[-2], _SQUARE)


@lowers("linalg.inv", "linalg.cholesky")
def matrix_to_matrix(lo: Lowerer, eqn: Eqn, args: list[Value]) -> Value:
    """The inverse, or the Cholesky factor."""
    value = as_lazy(args[0])
    n = _square(lo, value)
    if eqn.static.get("upper"):
        value = as_lazy(permuted(lo, value, turned(len(value.dims))))
    made = each(lo, eqn, f"np.{eqn.op}(_0)", [value], value.dims[:-2], (n, n))
    return permuted(lo, made, turned(len(value.dims))) if eqn.static.get("upper") else made


def turned(rank: int) -> list[int]:
    """The order of axes in which the last two have changed places."""
    return [*range(rank - 2), rank - 1, rank - 2]


@lowers("linalg.det", "linalg.slogdet")
def determinant(lo: Lowerer, eqn: Eqn, args: list[Value]) -> Value | tuple[Value, ...]:
    """The determinant; or its sign and its logarithm."""
    value, code = as_lazy(args[0]), lo.code
    _square(lo, value)
    batch, dtype = value.dims[:-2], eqn.outs[0].type.dtype
    kinds = [o.type.dtype for o in eqn.outs]
    several = eqn.op == "linalg.slogdet"
    texts = [f"np.{eqn.op}(_0)[{k}]" for k in (0, 1)] if several else ["np.linalg.det(_0)"]
    if not batch:
        given = matrix(lo, value, (), dtype).var
        found = [
            cast(code, code.emit("made", (given,), Scalar(kind), text=t), kind)
            for t, kind in zip(texts, kinds, strict=True)
        ]
        return tuple(found) if several else found[0]
    memory = [code.alloc(o.type.dtype, batch, lo.hint(o)) for o in eqn.outs]

    def run(outer: Index) -> None:
        given = matrix(lo, value, outer, dtype).var
        for made, text, kind in zip(memory, texts, kinds, strict=True):
            code.store(made, code.emit("made", (given,), Scalar(kind), text=text), outer)

    code.nest(batch, run)
    results = tuple(code.lazy(m) for m in memory)
    return results if several else results[0]


@lowers("linalg.solve")
def solve(lo: Lowerer, eqn: Eqn, args: list[Value]) -> Value:
    """The solution of linear equations."""
    a, b = as_lazy(args[0]), as_lazy(args[1])
    n = _square(lo, a)
    error = 'ValueError("solve: sizes do not match")'
    text = "np.linalg.solve(_0, _1)"
    if len(b.dims) == 1:
        lo.code.same(n, b.dims[0], error)
        b = stretched(lo, b, (*a.dims[:-2], *b.dims)) if len(a.dims) > 2 else b
        return each(lo, eqn, text, [a, b], a.dims[:-2], (n,))
    lo.code.same(n, b.dims[-2], error)
    batch = joint(lo, [a.dims[:-2], b.dims[:-2]])
    wide = [stretched(lo, v, (*batch, *v.dims[-2:])) if batch else v for v in (a, b)]
    return each(lo, eqn, text, wide, batch, b.dims[-2:])


@lowers("scipy.linalg.solve_triangular")
def solve_triangular(lo: Lowerer, eqn: Eqn, args: list[Value]) -> Value:
    """The solution of equations with a triangular matrix."""
    a, b = as_lazy(args[0]), as_lazy(args[1])
    n = _square(lo, a)
    lo.code.same(n, b.dims[0], 'ValueError("shapes of a and b are incompatible")')
    trans = eqn.static["trans"] not in (0, "N")
    given = f"{trans}, {bool(eqn.static['lower'])}, {bool(eqn.static['unit_diagonal'])}"
    if len(b.dims) == 1:
        text = f"solve_triangular(_0, _1.reshape((-1, 1)), {given}).ravel()"
        return each(lo, eqn, text, [a, b], (), (n,))
    return each(lo, eqn, f"solve_triangular(_0, _1, {given})", [a, b], (), b.dims)


# -- norms ---------------------------------------------------------------------------------------


@lowers("linalg.norm")
def norm(lo: Lowerer, eqn: Eqn, args: list[Value]) -> Value:
    """Norms of vectors and matrices."""
    value, dtype, code = as_lazy(args[0]), eqn.out.type.dtype, lo.code
    if np.dtype(value.dtype).kind == "c":  # most norms are those of the absolute values
        if norm_kind(eqn.static.get("ord"), eqn.static.get("axis"), len(value.dims)) == "values":
            raise refuse(eqn, "singular values of complex numbers")
        value = as_lazy(scaled(lo, value, "abs(_0)", constant(0, dtype), dtype))
    order, axis = eqn.static.get("ord"), eqn.static.get("axis")
    kind = norm_kind(order, axis, len(value.dims))
    axes = normalized(axis, len(value.dims))
    keep = keeps(eqn)
    zero = constant(0, dtype)

    def each(text: str) -> Lazy:
        def at(index: Index) -> Atom:
            return code.py(text, (cast(code, value.at(index), dtype),), dtype)

        return combined(dtype, value.dims, at, [value], 1 if "**" not in text else 8)

    add = text_step("_0 + _1", dtype)
    if kind == "euclid":
        total = reduce(lo, each("_0 * _0"), axes, dtype, zero, add, keepdims=keep)
        return scaled(lo, total, "np.sqrt(_0)", zero, dtype)
    if kind == "values":
        from .decompositions import values_norm

        return values_norm(lo, eqn, value)
    if kind in ("columns", "rows"):
        return _lines(lo, each("abs(_0)"), eqn, kind, add, dtype)
    if kind == "sum":
        return reduce(lo, each("abs(_0)"), axes, dtype, zero, add, keepdims=keep)
    if kind == "count":
        one = "np.float32(1.0)" if dtype == "float32" else "1.0"
        none = one.replace("1.0", "0.0")
        return reduce(
            lo, each(f"{one} if _0 != 0 else {none}"), axes, dtype, zero, add, keepdims=keep
        )
    if kind in ("largest", "smallest"):
        text = "np.maximum(_0, _1)" if kind == "largest" else "np.minimum(_0, _1)"
        start = zero if kind == "largest" else None
        return reduce(
            lo, each("abs(_0)"), axes, dtype, start, text_step(text, dtype), keepdims=keep
        )
    assert order is not None
    power = constant(order, dtype)
    exponent = f"np.float32({float(order)!r})" if dtype == "float32" else repr(float(order))
    text = f"abs(_0)**{exponent}"
    total = reduce(lo, each(text), axes, dtype, zero, add, keepdims=keep)
    root = constant(np.dtype(dtype).type(1) / np.dtype(dtype).type(power.value), dtype)
    return scaled(lo, total, "np.power(_0, _1)", root, dtype)


def _lines(lo: Lowerer, value: Lazy, eqn: Eqn, kind: str, add, dtype: str) -> Value:  # type: ignore[no-untyped-def]
    """The largest or smallest sum of absolute values of a row or a column."""
    rank = len(value.dims)
    axis = eqn.static.get("axis")
    first, second = (a % rank for a in (axis if axis is not None else (0, 1)))
    summed, chosen = (first, second) if kind == "columns" else (second, first)
    sums = reduce(lo, value, (summed,), dtype, constant(0, dtype), add)
    place = chosen - (summed < chosen)
    text = "np.maximum(_0, _1)" if eqn.static["ord"] > 0 else "np.minimum(_0, _1)"
    result = reduce(lo, as_lazy(sums), (place,), dtype, None, text_step(text, dtype))
    if not keeps(eqn):
        return result
    return with_ones(as_lazy(result), tuple(sorted((first, second))))
