"""The same numbers in another array or another dtype: copy, ascontiguousarray, astype."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..ir.dims import Dim
from ..ir.types import Array, Scalar, Type
from .registry import InferError, OpCall, complex_too, define, linear, pullback
from .sizes import dtype_name, kept


def infer_copy(call: OpCall) -> Type:
    """The operand; `np.copy` makes an array of a scalar, the method does not."""
    (a,) = call.types
    if call.via == "method":
        return kept(call, a.dims)
    return Array(a.dtype, a.dims)


def infer_contiguous(call: OpCall) -> Type:
    """The operand with at least one axis."""
    (a,) = call.types
    return Array(dtype_name(call["dtype"], a.dtype), a.dims or (Dim(1),))


def infer_astype(call: OpCall) -> Type:
    """The operand in another dtype."""
    (x,) = call.types
    if isinstance(x, Scalar) and x.weak:
        raise InferError("a Python number has no method astype")
    dtype = str(np.dtype(call["dtype"]).name)
    return (
        Array(dtype, x.dims) if isinstance(x, Array) else Scalar(dtype, dim=getattr(x, "dim", None))
    )


define(
    "np.copy(a, order='K', subok=False)",
    method=True,
    infer=infer_copy,
    cases=("np.copy(A)", "np.copy(u)", "np.copy(x)", "np.copy(z)", "A.copy()"),
)
define(
    "np.ascontiguousarray(a, dtype=None)",
    returns="view",
    infer=infer_contiguous,
    cases=("np.ascontiguousarray(A)", "np.ascontiguousarray(x)", "np.ascontiguousarray(u)"),
)
define(
    "np.asfortranarray(a, dtype=None)",
    returns="view",
    infer=infer_contiguous,
    cases=("np.asfortranarray(A)", "np.asfortranarray(z)"),
)
define(
    "np.astype(x, dtype, order='K', casting='unsafe', subok=True, copy=True)",
    static=("dtype",),
    method=True,
    returns="view",
    infer=infer_astype,
    cases=("np.astype(A, 'float64')", "A.astype('float64')", "np.astype(u, 'float64')"),
)


@pullback("y = np.copy(a)", wrt="a")
def copy_a(dy: Any) -> Any:
    return dy


@pullback("y = np.ascontiguousarray(a)", wrt="a")
def ascontiguousarray_a(dy: Any, a: Any) -> Any:
    return dy[0] if a.ndim == 0 else dy


@pullback("y = np.asfortranarray(a)", wrt="a")
def asfortranarray_a(dy: Any, a: Any) -> Any:
    return dy[0] if a.ndim == 0 else dy


@pullback("y = np.astype(x, dtype)", wrt="x")
def astype_x(dy: Any) -> Any:
    # to int or bool no cotangent arrives; between precisions it is cast as any contribution is
    return dy


linear(("copy", "ascontiguousarray", "asfortranarray", "astype"))

complex_too("copy", "ascontiguousarray", "asfortranarray", "astype")
