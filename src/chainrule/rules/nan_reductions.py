"""Reductions that leave NaN out: elements that are NaN get the gradient zero."""

from __future__ import annotations

from typing import Any

import numpy as np

from .extremes import infer_extreme
from .language import count_dtype
from .reductions import infer_reduction, infer_variance, lined_up, mean_of, shared
from .registry import composite, define, pullback, tangent


def cases(name: str, *more: str) -> tuple[str, ...]:
    """Calls over no, one and several axes."""
    return (
        f"np.{name}(A)",
        f"np.{name}(An, axis=0)",
        f"np.{name}(An, -1, keepdims=True)",
        f"np.{name}(T, axis=(0, -1))",
        f"np.{name}(T, axis=(2, 0), keepdims=True)",
        f"np.{name}(u)",
        f"np.{name}(x)",
        *more,
    )


define(
    "np.nansum(a, axis=None, dtype=None, out=None, keepdims=False, initial=None, where=True)",
    infer=infer_reduction(np.nansum),
    cases=cases("nansum", "np.nansum(z)"),
)
define(
    "np.nanmean(a, axis=None, dtype=None, out=None, keepdims=False, where=True)",
    infer=infer_reduction(np.nanmean),
    cases=cases("nanmean", "np.nanmean(z)"),
)
define(
    "np.nanvar(a, axis=None, dtype=None, out=None, ddof=0, keepdims=False, where=True,"
    " mean=None, correction=None)",
    infer=infer_variance(np.nanvar),
    cases=cases("nanvar", "np.nanvar(A, axis=1, ddof=1)", "np.nanvar(A, correction=1)"),
)
define(
    "np.nanstd(a, axis=None, dtype=None, out=None, ddof=0, keepdims=False, where=True,"
    " mean=None, correction=None)",
    infer=infer_variance(np.nanstd),
    cases=cases("nanstd", "np.nanstd(A, axis=1, ddof=1)", "np.nanstd(A, correction=1)"),
)
define(
    "np.nanmax(a, axis=None, out=None, keepdims=False, initial=None, where=True)",
    infer=infer_extreme(np.nanmax),
    cases=cases("nanmax", "np.nanmax(An, axis=1, initial=0.0)"),
)
define(
    "np.nanmin(a, axis=None, out=None, keepdims=False, initial=None, where=True)",
    infer=infer_extreme(np.nanmin),
    cases=cases("nanmin", "np.nanmin(An, axis=1, initial=0.0)"),
)


def number_of(valid: Any, a: Any, axis: Any, keepdims: Any) -> Any:
    """How many elements go into each result."""
    return np.sum(valid, axis=axis, dtype=count_dtype(a.dtype), keepdims=keepdims)


@pullback("y = np.nansum(a, axis)", wrt="a")
def nansum_a(dy: Any, a: Any, axis: Any, keepdims: Any) -> Any:
    return np.where(np.isnan(a), 0.0, lined_up(dy, a, axis, keepdims))


@pullback("y = np.nanmean(a, axis)", wrt="a")
def nanmean_a(dy: Any, a: Any, axis: Any, keepdims: Any) -> Any:
    return shared(dy, np.logical_not(np.isnan(a)), a, axis, keepdims)


def deviation(a: Any, valid: Any, axis: Any) -> Any:
    """The distance from the mean, zero where there is no value."""
    return np.where(valid, a - np.nanmean(a, axis=axis, keepdims=True), 0.0)


@pullback("y = np.nanvar(a, axis)", wrt="a")
def nanvar_a(dy: Any, a: Any, axis: Any, ddof: Any, correction: Any, keepdims: Any) -> Any:
    valid = np.logical_not(np.isnan(a))
    n = number_of(valid, a, axis, keepdims) - (ddof if correction is None else correction)
    share = 2 * dy / n
    return deviation(a, valid, axis) * lined_up(share, a, axis, keepdims)


@pullback("y = np.nanstd(a, axis)", wrt="a")
def nanstd_a(dy: Any, a: Any, y: Any, axis: Any, ddof: Any, correction: Any, keepdims: Any) -> Any:
    valid = np.logical_not(np.isnan(a))
    n = number_of(valid, a, axis, keepdims) - (ddof if correction is None else correction)
    nonzero = np.where(y == 0, 1.0, y)  # where all values are equal the gradient is 0
    slope = deviation(a, valid, axis) / lined_up(n * nonzero, a, axis, keepdims)
    return slope * lined_up(dy, a, axis, keepdims)


@pullback("y = np.nanmax(a, axis)", wrt="a")
def nanmax_a(dy: Any, a: Any, y: Any, axis: Any, keepdims: Any, initial: Any) -> Any:
    at_max = a == lined_up(y, a, axis, keepdims)
    return shared(dy, at_max, a, axis, keepdims, None if initial is None else y == initial)


@pullback("y = np.nanmin(a, axis)", wrt="a")
def nanmin_a(dy: Any, a: Any, y: Any, axis: Any, keepdims: Any, initial: Any) -> Any:
    at_min = a == lined_up(y, a, axis, keepdims)
    return shared(dy, at_min, a, axis, keepdims, None if initial is None else y == initial)


@composite(np.nanprod)
def nanprod(a: Any, axis: Any = None, dtype: Any = None, *, keepdims: Any = False) -> Any:
    return np.prod(np.where(np.isnan(a), 1.0, a), axis=axis, dtype=dtype, keepdims=keepdims)


@composite(np.nancumsum)
def nancumsum(a: Any, axis: Any = None, dtype: Any = None) -> Any:
    return np.cumsum(np.where(np.isnan(a), 0.0, a), axis=axis, dtype=dtype)


@composite(np.nancumprod)
def nancumprod(a: Any, axis: Any = None, dtype: Any = None) -> Any:
    return np.cumprod(np.where(np.isnan(a), 1.0, a), axis=axis, dtype=dtype)


# ---- in forward mode


@tangent("y = np.nansum(a, axis)", wrt="a")
def nansum_dot(a_dot: Any, a: Any, axis: Any, keepdims: Any) -> Any:
    return np.sum(np.where(np.isnan(a), 0.0, a_dot), axis=axis, keepdims=keepdims)


@tangent("y = np.nanmean(a, axis)", wrt="a")
def nanmean_dot(a_dot: Any, a: Any, axis: Any, keepdims: Any) -> Any:
    return mean_of(a_dot, np.logical_not(np.isnan(a)), a, axis, keepdims)


@tangent("y = np.nanvar(a, axis)", wrt="a")
def nanvar_dot(a_dot: Any, a: Any, axis: Any, ddof: Any, correction: Any, keepdims: Any) -> Any:
    valid = np.logical_not(np.isnan(a))
    n = number_of(valid, a, axis, keepdims) - (ddof if correction is None else correction)
    weighted = deviation(a, valid, axis) * np.where(valid, a_dot, 0.0)
    return 2 * np.sum(weighted, axis=axis, keepdims=keepdims) / n


@tangent("y = np.nanstd(a, axis)", wrt="a")
def nanstd_dot(
    a_dot: Any, a: Any, y: Any, axis: Any, ddof: Any, correction: Any, keepdims: Any
) -> Any:
    valid = np.logical_not(np.isnan(a))
    n = number_of(valid, a, axis, keepdims) - (ddof if correction is None else correction)
    nonzero = np.where(y == 0, 1.0, y)
    weighted = deviation(a, valid, axis) * np.where(valid, a_dot, 0.0)
    return np.sum(weighted, axis=axis, keepdims=keepdims) / (n * nonzero)


@tangent("y = np.nanmax(a, axis)", wrt="a")
def nanmax_dot(a_dot: Any, a: Any, y: Any, axis: Any, keepdims: Any, initial: Any) -> Any:
    at_max = a == lined_up(y, a, axis, keepdims)
    rivals = None if initial is None else y == initial
    return mean_of(a_dot, at_max, a, axis, keepdims, rivals)


@tangent("y = np.nanmin(a, axis)", wrt="a")
def nanmin_dot(a_dot: Any, a: Any, y: Any, axis: Any, keepdims: Any, initial: Any) -> Any:
    at_min = a == lined_up(y, a, axis, keepdims)
    rivals = None if initial is None else y == initial
    return mean_of(a_dot, at_min, a, axis, keepdims, rivals)
