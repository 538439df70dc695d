"""Means, variances and standard deviations, also of the elements that are not NaN."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from ..ir.program import Atom, Eqn
from ..rules.builder import const
from .broadcasting import stretched
from .elementwise import combined
from .function import as_lazy
from .reductions import axes_of, keeps, pairwise, plain, reduce, scaled, text_step, without_nan
from .scalars import cast, constant
from .table import lowers, refuse
from .values import Index, Lazy, Value

if TYPE_CHECKING:
    from .function import Lowerer


def count(lo: Lowerer, value: Lazy, axes: Sequence[int], dtype: str) -> Atom:
    """The number of elements that are reduced to one."""
    return cast(lo.code, lo.code.total("mul", [value.dims[i] for i in axes], 1), dtype)


def mean(
    lo: Lowerer, value: Lazy, axes: Sequence[int], dtype: str, *, keepdims: bool = False
) -> Value:
    """The mean along some axes."""
    total = reduce(
        lo, value, axes, dtype, constant(0, dtype), text_step("_0 + _1", dtype), keepdims=keepdims
    )
    return scaled(lo, total, "np.divide(_0, _1)", count(lo, value, axes, dtype), dtype)


@lowers("mean")
def mean_(lo: Lowerer, eqn: Eqn, args: list[Value]) -> Value:
    """The mean."""
    value = plain(lo, eqn, args)
    return mean(lo, value, axes_of(eqn, value), eqn.out.type.dtype, keepdims=keeps(eqn))


@lowers("var", "std")
def variance(lo: Lowerer, eqn: Eqn, args: list[Value]) -> Value:
    """The variance, or its root: deviations from the mean, in a second pass."""
    value, dtype = plain(lo, eqn, args), eqn.out.type.dtype
    if eqn.static.get("mean") is not None:
        raise refuse(eqn, f"{eqn.op} with mean=")
    if value.cost > 1:
        value = lo.stored(value)
    axes = axes_of(eqn, value)
    complex_too = np.dtype(value.dtype).kind == "c"
    kind, square = (value.dtype, "abs(_0)**2") if complex_too else (dtype, "_0 * _0")
    middle = as_lazy(mean(lo, value, axes, kind, keepdims=True))
    if middle.buffer is None and middle.fill is None:
        middle = lo.stored(middle)
    wide = stretched(lo, middle, value.dims)
    code = lo.code

    def at(index: Index) -> Atom:
        gap = code.py("_0 - _1", (cast(code, value.at(index), kind), wide.at(index)), kind)
        return code.py(square, (gap,), dtype)

    squares = combined(dtype, value.dims, at, [value, wide], 3)
    total = reduce(
        lo, squares, axes, dtype, constant(0, dtype), text_step("_0 + _1", dtype),
        keepdims=keeps(eqn),
    )  # fmt: skip
    ddof = eqn.static.get("correction")
    ddof = eqn.static.get("ddof", 0) if ddof is None else ddof
    number_ = lo.code.total("mul", [value.dims[i] for i in axes], 1)
    less = cast(code, number_, dtype)
    if ddof:
        left = code.py(
            "max(_0 - _1, 0.0)", (cast(code, number_, "float64"), const(float(ddof))), "float64"
        )
        less = cast(code, left, dtype)
    result = scaled(lo, total, "np.divide(_0, _1)", less, dtype)
    return scaled(lo, result, "np.sqrt(_0)", less, dtype) if eqn.op == "std" else result


@lowers("nanmean", "nanvar", "nanstd")
def nan_moments(lo: Lowerer, eqn: Eqn, args: list[Value]) -> Value:
    """Moments of the elements that are not NaN."""
    value, dtype = plain(lo, eqn, args), eqn.out.type.dtype
    code = lo.code
    if eqn.static.get("mean") is not None:
        raise refuse(eqn, f"{eqn.op} with mean=")
    if value.cost > 0:
        value = lo.stored(value)
    axes = axes_of(eqn, value)
    there = combined(
        dtype, value.dims,
        lambda i: cast(code, code.py("not np.isnan(_0)", (value.at(i),), "bool"), dtype), [value], 1,
    )  # fmt: skip
    numbers = without_nan(lo, value, 0)
    add = text_step("_0 + _1", dtype)
    zero = constant(0, dtype)
    keep = keeps(eqn) or eqn.op != "nanmean"
    counts = reduce(lo, there, axes, dtype, zero, add, keepdims=keep)
    total = reduce(lo, numbers, axes, dtype, zero, add, keepdims=keep)
    middle = pairwise(lo, [total, counts], "np.divide(_0, _1)", dtype)
    if eqn.op == "nanmean":
        return middle
    wide = stretched(lo, lo.stored(as_lazy(middle)), value.dims)

    def at(index: Index) -> Atom:
        x = value.at(index)
        gap = code.py("_2 if np.isnan(_0) else _0 - _1", (x, wide.at(index), zero), dtype)
        return code.py("_0 * _0", (gap,), dtype)

    squares = combined(dtype, value.dims, at, [value, wide], 3)
    ddof = eqn.static.get("correction")
    ddof = eqn.static.get("ddof", 0) if ddof is None else ddof
    sums = reduce(lo, squares, axes, dtype, zero, add, keepdims=keeps(eqn))
    counts = reduce(lo, there, axes, dtype, zero, add, keepdims=keeps(eqn))
    less = scaled(lo, counts, "_0 - _1 if _0 > _1 else np.nan", constant(ddof, dtype), dtype)
    result = pairwise(lo, [sums, less], "np.divide(_0, _1)", dtype)
    return scaled(lo, result, "np.sqrt(_0)", zero, dtype) if eqn.op == "nanstd" else result
