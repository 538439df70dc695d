"""Type inference shared by the rule files: broadcasting, promotion, axes, shapes."""

from __future__ import annotations

import cmath
import math
import operator
from collections.abc import Callable, Sequence
from functools import cache
from types import ModuleType
from typing import Any

import numpy as np

from ..ir.dims import Dim, Sym, product, unify
from ..ir.types import Array, Scalar, Type
from .registry import InferError, Op, OpCall, define

Dims = tuple[Dim, ...]
Axis = int | tuple[int, ...] | None


def broadcast_dim(a: Dim, b: Dim) -> Dim:
    """The size of an axis that `a` and `b` broadcast to; sizes that must agree are merged."""
    if a == b or b.known == 1:
        return a
    if a.known == 1:
        return b
    if not a.maybe_one and not b.maybe_one:
        if not unify(a, b):
            raise InferError(f"sizes {a} and {b} do not broadcast")
        return a if a.known is not None else b if b.known is not None else a
    if not a.maybe_one:
        return a
    if not b.maybe_one:
        return b
    return fresh_dim("m")


def broadcast_dims(shapes: Sequence[Dims]) -> Dims:
    """The shape that all of `shapes` broadcast to (NumPy's rule, from the last axis back)."""
    rank = max(map(len, shapes), default=0)
    result: list[Dim] = [Dim(1)] * rank
    for dims in shapes:
        for i, dim in enumerate(dims, start=rank - len(dims)):
            result[i] = broadcast_dim(result[i], dim)
    return tuple(result)


def fresh_dim(name: str, single: bool = True) -> Dim:
    """A size about which nothing is known."""
    return Dim.of(Sym(name, None, single))


@cache
def _ufunc_dtype(ufunc: Any, types: tuple[Any, ...], nout: int) -> str:
    dtypes = ufunc.resolve_dtypes((*types, *([None] * nout)))
    return str(dtypes[len(types)].name)


_WEAK: dict[str, Any] = {"int64": int, "float64": float, "complex128": complex}


def promoted(ufunc: Any, types: Sequence[Type]) -> str:
    """The dtype that a ufunc returns for these types, Python numbers counting as weak."""
    parts = tuple(
        _WEAK.get(t.dtype, np.dtype(t.dtype))
        if isinstance(t, Scalar) and t.weak
        else np.dtype(t.dtype)
        for t in types
    )
    if all(isinstance(p, type) for p in parts) and len(parts) > 0:
        parts = tuple(np.dtype(t.dtype) for t in types)
    try:
        return _ufunc_dtype(ufunc, parts, ufunc.nout)
    except TypeError as error:
        raise InferError(str(error)) from None


_SAMPLE: dict[str, complex] = {"b": True, "i": 2, "u": 2, "f": 2.0, "c": 2j}


def python_result(fun: Callable[..., Any], types: Sequence[Type]) -> Scalar:
    """The type of an operator or `math` function applied to Python numbers."""
    try:
        value = fun(*(_SAMPLE[np.dtype(t.dtype).kind] for t in types))
    except TypeError as error:
        raise InferError(str(error)) from None
    except (ValueError, ArithmeticError):  # outside the domain at the sample: a float anyway
        value = 0.0
    name = type(value).__name__
    return Scalar(
        {"int": "int64", "float": "float64", "complex": "complex128"}.get(name, name), True
    )


def with_dims(dtype: str, dims: Dims) -> Type:
    """An array, or for no axes a NumPy scalar (what NumPy functions return for rank 0)."""
    return Array(dtype, dims) if dims else Scalar(dtype)


def infer_elementwise(
    fun: Callable[..., Any], ufunc: Any, complex_fun: Callable[..., Any] | None = None
) -> Callable[[OpCall], Type]:
    """Inference for an elementwise operation: `fun` on Python numbers, `ufunc` on arrays.

    `complex_fun` is the function of `cmath`.
    """

    def infer(call: OpCall) -> Type:
        if call.via in ("math", "cmath"):
            if any(t.dims for t in call.types):
                raise InferError("only 0-dimensional arrays can be converted to Python scalars")
            called = complex_fun if call.via == "cmath" and complex_fun is not None else fun
            return python_result(called, [Scalar(t.dtype, True) for t in call.types])
        if not call.via and all(isinstance(t, Scalar) and t.weak for t in call.types):
            return python_result(fun, call.types)
        dims = broadcast_dims([t.dims for t in call.types])
        return with_dims(promoted(ufunc, call.types), dims)

    return infer


def elementwise(text: str, *also: str, ufunc: Any = None, fun: Any = None, **options: Any) -> Op:
    """Declare an elementwise operation; the ufunc for its dtype is the `np` spelling by default.

    `fun` is what runs on Python numbers when the spelling is an operator or a `math` function.
    """
    scalar_fun: Any = fun
    complex_fun = _module_function(cmath, (text, *also))

    def infer(call: OpCall) -> Type:
        return infer_elementwise(scalar_fun or op.ufunc, ufunc or op.ufunc, complex_fun)(call)

    op = define(text, *also, infer=infer, elementwise=True, **options)
    if scalar_fun is None:
        scalar_fun = getattr(math, text.split("(")[0].rsplit(".")[-1], None)
        scalar_fun = _module_function(math, also) or scalar_fun
    return op


def _module_function(module: ModuleType, spellings: Sequence[str]) -> Any:
    """The function of a module that one of the spellings calls."""
    for spelling in spellings:
        owner, _, rest = spelling.partition(".")
        if owner == module.__name__:
            return getattr(module, rest.split("(")[0])
    return None


def normalized(axis: Axis, rank: int) -> tuple[int, ...]:
    """The axes as non-negative numbers in order; all of them for None."""
    if axis is None:
        return tuple(range(rank))
    axes = axis if isinstance(axis, tuple) else (axis,)
    result = []
    for item in axes:
        position = operator.index(item)
        if not -rank <= position < rank:
            raise InferError(f"axis {position} is out of bounds for array of dimension {rank}")
        result.append(position % rank)
    if len(set(result)) != len(result):
        raise InferError("duplicate value in 'axis'")
    return tuple(sorted(result))


def reduced(dims: Dims, axis: Axis, keepdims: bool) -> Dims:
    """The shape after reducing over `axis`."""
    axes = normalized(axis, len(dims))
    if keepdims:
        return tuple(Dim(1) if i in axes else d for i, d in enumerate(dims))
    return tuple(d for i, d in enumerate(dims) if i not in axes)


def size_of(dims: Dims) -> Dim:
    """The number of elements, a fresh size where it is not linear in known ones."""
    total = product(dims)
    if total is not None:
        return total
    return Dim.of(
        Sym("*".join(map(repr, dims)), None, any(d.least < 2 and d.known != 1 for d in dims), dims)
    )
