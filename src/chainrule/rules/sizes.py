"""What options that are sizes, positions and dtypes mean, for the rules about shape.

Sizes come as plain ints or, where they are known only when the program runs, as `Dim`s. The
functions marked `static_helper` are used in the text of rules: there they get ints when a rule runs
on arrays, and ints or `Dim`s when the compiler specialises it.
"""

from __future__ import annotations

import operator
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..errors import NeedStatic
from ..ir.dims import Dim, product, unify
from ..ir.types import Array, Scalar, Type
from .language import static_helper
from .registry import InferError, NotSupported, OpCall
from .shapes import Dims, size_of, with_dims

_SAMPLE = {"bool": True, "int64": 1, "float64": 1.0, "complex128": 1j}


def as_dim(size: Any) -> Dim:
    """A size or position as a `Dim`."""
    if isinstance(size, Dim):
        return size
    try:
        return Dim(operator.index(size))
    except TypeError:
        kind = type(size).__name__
        raise InferError(f"'{kind}' object cannot be interpreted as an integer") from None


def as_dims(shape: Any) -> Dims:
    """The shape that `n`, `(n,)` or `(m, n)` stands for."""
    items = shape if isinstance(shape, tuple | list) else (shape,)
    dims = tuple(as_dim(item) for item in items)
    if any(dim.known is not None and dim.known < 0 for dim in dims):
        raise InferError("negative dimensions are not allowed")
    return dims


def plain(dim: Dim) -> Any:
    """The int that a `Dim` is, where it is the same in every run."""
    return dim if dim.known is None else dim.known


def known_int(value: Any, what: str) -> int:
    """An option that the program is specialised to."""
    dim = as_dim(value)
    if dim.known is not None:
        return dim.known
    roots = [sym.root for sym in dim.terms]
    if None in roots:
        raise NotSupported(f"{what} has to be known before the program runs")
    raise NeedStatic([root for root in roots if root is not None], None)


def dtype_name(dtype: Any, default: str) -> str:
    """The name of the dtype that an option asks for, `default` for None."""
    return default if dtype is None else str(np.dtype(dtype).name)


def joined_dtype(types: Sequence[Type], dtype: Any = None) -> str:
    """The dtype of an array put together from these; a Python number counts as an array."""
    if not types:
        return dtype_name(dtype, "float64")
    return dtype_name(dtype, np.result_type(*(np.dtype(t.dtype) for t in types)).name)


def weak_dtype(types: Sequence[Type]) -> str:
    """The dtype that these are promoted to, where a Python number does not force its own."""
    parts: list[Any] = [
        _SAMPLE[t.dtype] if isinstance(t, Scalar) and t.weak else np.dtype(t.dtype) for t in types
    ]
    return str(np.result_type(*parts).name)


def kept(call: OpCall, dims: Dims) -> Type:
    """The result of NumPy functions that leave a NumPy scalar a scalar when no axis is made."""
    (operand,) = call.types
    if isinstance(operand, Scalar) and not operand.weak:
        return with_dims(operand.dtype, dims)
    return Array(operand.dtype, dims)


def same_dim(a: Dim, b: Dim) -> Dim:
    """The size of both; sizes that must agree are merged."""
    if not unify(a, b):
        raise InferError(f"sizes {a} and {b} differ")
    return a if a.known is not None else b


def same_dims(shapes: Sequence[Dims]) -> Dims:
    """The shape of all of them."""
    first, *others = shapes
    for dims in others:
        if len(dims) != len(first):
            raise InferError("all the input arrays must have the same number of dimensions")
        first = tuple(same_dim(a, b) for a, b in zip(first, dims, strict=True))
    return first


def count(dims: Dims) -> Dim:
    """The number of elements; a fresh size where it is not linear, 1 only if all sizes may be."""
    total = product(dims)
    if total is not None:
        return total
    return size_of(dims)


def divided(dim: Dim, by: int) -> Dim | None:
    """`dim / by` where that is a linear expression with whole coefficients, else None."""
    if by == 0 or dim.const % by or any(c % by for c in dim.terms.values()):
        return None
    return Dim(dim.const // by, {sym: c // by for sym, c in dim.terms.items()})


def position(axis: Any, rank: int) -> int:
    """An axis as a non-negative number."""
    index = operator.index(axis)
    if not -rank <= index < rank:
        raise InferError(f"axis {index} is out of bounds for array of dimension {rank}")
    return index % rank


def positions(axes: Any, rank: int) -> tuple[int, ...]:
    """Axes as non-negative numbers, in the given order."""
    items = axes if isinstance(axes, tuple | list) else (axes,)
    result = tuple(position(axis, rank) for axis in items)
    if len(set(result)) != len(result):
        raise InferError("repeated axis")
    return result


def replaced(dims: Dims, axis: int, dim: Dim) -> Dims:
    """The same shape with another size along `axis`."""
    return (*dims[:axis], dim, *dims[axis + 1 :])


@static_helper
def one_or_all(axes: tuple[int, ...]) -> Any:
    """`axes` as a person writes it for `axis=`: a single axis without the parentheses."""
    return axes[0] if len(axes) == 1 else axes


@static_helper
def before(axis: int, rank: int) -> tuple[slice, ...]:
    """The part of an index that leaves the axes before `axis` alone: `[:, :]` before axis 2."""
    return (slice(None),) * position(axis, rank)


@static_helper
def along(axis: int, rank: int, item: Any) -> Any:
    """The index that applies `item` to one axis and leaves the others: `[:, item]`."""
    axis = position(axis, rank)
    return (*(slice(None),) * axis, item) if axis else item


@static_helper
def position_of(axis: int, rank: int) -> int:
    """An axis as a non-negative number."""
    return position(axis, rank)


@static_helper
def others_after(axis: int, rank: int) -> tuple[Any, ...]:
    """The index that turns a vector into one along `axis` of an array: `[:, None]`."""
    return (slice(None), *(None,) * (rank - 1 - axis))


@static_helper
def pad_along(axis: int, rank: int, before: Any, after: Any) -> Any:
    """The `pad_width` that pads one axis only."""
    pairs = [(0, 0)] * rank
    pairs[position(axis, rank)] = (before, after)
    return pairs[0] if rank == 1 else tuple(pairs)
