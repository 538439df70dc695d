"""Maxima and minima over axes, and the positions, counts and truths that carry no derivative.

Elements that tie share the gradient equally.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..ir.dims import Dim
from ..ir.types import Array, Type
from .reductions import (
    infer_reduction,
    lined_up,
    mean_of,
    reduced_dims,
    require_plain,
    sampled_dtype,
    shared,
)
from .registry import InferError, NotSupported, OpCall, define, no_derivative, pullback, tangent
from .shapes import size_of, with_dims


def infer_extreme(fun: Callable[..., Any]) -> Callable[[OpCall], Type]:
    """Inference for a maximum or minimum; `initial` takes part in the promotion."""

    def infer(call: OpCall) -> Type:
        require_plain(call)
        (a,) = call.types
        options = {} if call["initial"] is None else {"initial": call["initial"]}
        dtype = sampled_dtype(fun, (a.dtype,), **options)
        return with_dims(dtype, reduced_dims(a.dims, call["axis"], call["keepdims"]))

    return infer


EXTREME_CASES = (
    "np.max(A)",
    "np.max(An, axis=0)",
    "np.max(A, -1, keepdims=True)",
    "np.max(T, axis=(0, -1))",
    "np.max(T, axis=(2, 0), keepdims=True)",
    "np.max(Tn, axis=1)",
    "np.max(A, axis=())",
    "np.max(u)",
    "np.max(z)",
    "np.max(x)",
    "np.max(An, axis=1, initial=0.0)",
    "A.max(axis=0)",
)

define(
    "np.max(a, axis=None, out=None, keepdims=False, initial=None, where=True)",
    "np.amax(a, axis=None, out=None, keepdims=False, initial=None, where=True)",
    method=True,
    infer=infer_extreme(np.max),
    cases=EXTREME_CASES,
)
define(
    "np.min(a, axis=None, out=None, keepdims=False, initial=None, where=True)",
    "np.amin(a, axis=None, out=None, keepdims=False, initial=None, where=True)",
    method=True,
    infer=infer_extreme(np.min),
    cases=tuple(case.replace("max", "min") for case in EXTREME_CASES),
)


@pullback("y = np.max(a, axis)", wrt="a")
def max_a(dy: Any, a: Any, y: Any, axis: Any, keepdims: Any, initial: Any) -> Any:
    at_max = a == lined_up(y, a, axis, keepdims)
    if initial is None:
        return dy if a.ndim == 0 or axis == () else shared(dy, at_max, a, axis, keepdims)
    return shared(dy, at_max, a, axis, keepdims, rivals=y == initial)


@pullback("y = np.min(a, axis)", wrt="a")
def min_a(dy: Any, a: Any, y: Any, axis: Any, keepdims: Any, initial: Any) -> Any:
    at_min = a == lined_up(y, a, axis, keepdims)
    if initial is None:
        return dy if a.ndim == 0 or axis == () else shared(dy, at_min, a, axis, keepdims)
    return shared(dy, at_min, a, axis, keepdims, rivals=y == initial)


define(
    "np.ptp(a, axis=None, out=None, keepdims=False)",
    infer=infer_extreme(np.ptp),
    cases=(
        "np.ptp(A)",
        "np.ptp(An, axis=0)",
        "np.ptp(T, axis=(0, -1), keepdims=True)",
        "np.ptp(u)",
        "np.ptp(z)",
    ),
)


@pullback("y = np.ptp(a, axis)", wrt="a")
def ptp_a(dy: Any, a: Any, axis: Any, keepdims: Any) -> Any:
    at_max = a == np.max(a, axis=axis, keepdims=True)
    at_min = a == np.min(a, axis=axis, keepdims=True)
    up = shared(dy, at_max, a, axis, keepdims)
    return up - shared(dy, at_min, a, axis, keepdims)


# ---- positions, counts and truth: data without a derivative


def infer_position(call: OpCall) -> Type:
    """Inference for argmax and argmin."""
    require_plain(call)
    (a,) = call.types
    if isinstance(call["axis"], tuple):
        raise InferError("'tuple' object cannot be interpreted as an integer")
    return with_dims("int64", reduced_dims(a.dims, call["axis"], call["keepdims"]))


def infer_order(call: OpCall) -> Type:
    """Inference for argsort; a number sorts as a vector of one element."""
    (a,) = call.types
    dims = a.dims or (Dim(1),)
    if call["order"] is not None:
        raise NotSupported("order= is for structured arrays, which are not supported")
    if call["axis"] is None:
        return Array("int64", (size_of(dims),))
    reduced_dims(dims, call["axis"], False)
    return Array("int64", dims)


for _name in ("argmax", "argmin"):
    no_derivative(
        define(
            f"np.{_name}(a, axis=None, out=None, keepdims=False)",
            method=True,
            infer=infer_position,
            cases=(
                f"np.{_name}(A)",
                f"np.{_name}(A, axis=0)",
                f"np.{_name}(T, -1, keepdims=True)",
                f"np.{_name}(u)",
                f"A.{_name}(axis=1)",
            ),
        )
    )

no_derivative(
    define(
        "np.argsort(a, axis=-1, kind=None, order=None, stable=None)",
        method=True,
        infer=infer_order,
        cases=("np.argsort(u)", "np.argsort(A, axis=0)", "np.argsort(T, axis=None)", "u.argsort()"),
    )
)

for _name in ("any", "all"):
    no_derivative(
        define(
            f"np.{_name}(a, axis=None, out=None, keepdims=False, where=True)",
            method=True,
            infer=infer_reduction(getattr(np, _name)),
            cases=(
                f"np.{_name}(mask)",
                f"np.{_name}(A, axis=0)",
                f"np.{_name}(T, axis=(0, -1), keepdims=True)",
                f"mask.{_name}(axis=1)",
            ),
        )
    )

no_derivative(
    define(
        "np.count_nonzero(a, axis=None, keepdims=False)",
        infer=infer_reduction(np.count_nonzero),
        cases=(
            "np.count_nonzero(A, axis=0)",
            "np.count_nonzero(mask)",
            "np.count_nonzero(T, axis=(0, -1), keepdims=True)",
        ),
    )
)


# ---- in forward mode: the mean of the tangents of all that tie


@tangent("y = np.max(a, axis)", wrt="a")
def max_dot(a_dot: Any, a: Any, y: Any, axis: Any, keepdims: Any, initial: Any) -> Any:
    if initial is None:
        if a.ndim == 0 or axis == ():
            return a_dot
        return mean_of(a_dot, a == lined_up(y, a, axis, keepdims), a, axis, keepdims)
    at_max = a == lined_up(y, a, axis, keepdims)
    return mean_of(a_dot, at_max, a, axis, keepdims, rivals=y == initial)


@tangent("y = np.min(a, axis)", wrt="a")
def min_dot(a_dot: Any, a: Any, y: Any, axis: Any, keepdims: Any, initial: Any) -> Any:
    if initial is None:
        if a.ndim == 0 or axis == ():
            return a_dot
        return mean_of(a_dot, a == lined_up(y, a, axis, keepdims), a, axis, keepdims)
    at_min = a == lined_up(y, a, axis, keepdims)
    return mean_of(a_dot, at_min, a, axis, keepdims, rivals=y == initial)


@tangent("y = np.ptp(a, axis)", wrt="a")
def ptp_dot(a_dot: Any, a: Any, axis: Any, keepdims: Any) -> Any:
    at_max = a == np.max(a, axis=axis, keepdims=True)
    at_min = a == np.min(a, axis=axis, keepdims=True)
    up = mean_of(a_dot, at_max, a, axis, keepdims)
    return up - mean_of(a_dot, at_min, a, axis, keepdims)
