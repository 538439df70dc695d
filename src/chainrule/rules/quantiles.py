"""Medians and quantiles, with and without NaN.

A quantile is an element of the sorted array, or a mean of two neighbours. Both are the same formula:
at a *place* that may lie between two positions, an element at distance d < 1 has the share 1 - d.
Equal elements keep their order, as in `np.sort`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..ir.types import Array, Scalar, Type
from .language import static_helper
from .reductions import count, lined_up, reduced_dims, require_plain, sampled_dtype, times
from .registry import NotSupported, OpCall, define, pullback, tangent
from .running import reduced_last
from .shape import inverse
from .shapes import Axis, normalized, with_dims

METHODS = (
    "inverted_cdf", "averaged_inverted_cdf", "closest_observation", "interpolated_inverted_cdf",
    "hazen", "weibull", "linear", "median_unbiased", "normal_unbiased", "lower", "higher", "midpoint",
    "nearest",
)  # fmt: skip


def infer_median(fun: Callable[..., Any]) -> Callable[[OpCall], Type]:
    """A reduction that does not write into its operand."""

    def infer(call: OpCall) -> Type:
        require_plain(call)
        if call["overwrite_input"]:
            raise NotSupported("overwrite_input=True writes into the argument; leave it out")
        (a,) = call.types
        dims = reduced_dims(a.dims, call["axis"], call["keepdims"])
        return with_dims(sampled_dtype(fun, (a.dtype,)), dims)

    return infer


def infer_quantile(fun: Callable[..., Any]) -> Callable[[OpCall], Type]:
    """A reduction for each q, whose axes come first."""

    def infer(call: OpCall) -> Type:
        require_plain(call)
        a, q = call.types
        if call["overwrite_input"]:
            raise NotSupported("overwrite_input=True writes into the argument; leave it out")
        if call["weights"] is not None:
            raise NotSupported("weights= is not supported")
        if call.static.get("method", "linear") not in METHODS:
            raise NotSupported(f"method={call['method']!r} is not known")
        if len(q.dims) > 1:
            raise NotSupported("q of two or more axes; pass a number or a vector")
        weak = isinstance(q, Scalar) and q.weak
        example: Any = 0.5 if weak else np.asarray(0.5, q.dtype)[()]
        dtype = str(np.asarray(fun(np.ones(1, a.dtype), example)).dtype.name)
        dims = (*q.dims, *reduced_dims(a.dims, call["axis"], call["keepdims"]))
        return Array(dtype, dims) if dims else Scalar(dtype)

    return infer


for _name in ("median", "nanmedian"):
    define(
        f"np.{_name}(a, axis=None, out=None, overwrite_input=False, keepdims=False)",
        infer=infer_median(getattr(np, _name)),
        cases=(
            f"np.{_name}(un)",
            f"np.{_name}(wn)",
            f"np.{_name}(An)",
            f"np.{_name}(An, axis=0)",
            f"np.{_name}(An, -1, keepdims=True)",
            f"np.{_name}(Tn, axis=(0, -1))",
            f"np.{_name}(Tn, axis=(2, 0), keepdims=True)",
            f"np.{_name}(z)",
            f"np.{_name}(x)",
        ),
    )

# not with NaN left out: of empty arrays NumPy returns other shapes
_OF_VECTORS = {
    "quantile": (
        "np.quantile(An, u / 3, axis=1, keepdims=True)",
        "np.quantile(Tn, w / 3, axis=(0, 2))",
    ),
    "percentile": ("np.percentile(An, 30 * u, axis=0)", "np.percentile(un, 30 * w)"),
}

for _name in ("quantile", "percentile", "nanquantile", "nanpercentile"):
    _q, _qs = ("0.3", "[0.1, 0.5, 1.0]") if "quantile" in _name else ("30.0", "[10.0, 50.0, 100.0]")
    define(
        f"np.{_name}(a, q, axis=None, out=None, overwrite_input=False, method='linear',"
        " keepdims=False, weights=None)",
        infer=infer_quantile(getattr(np, _name)),
        cases=(
            f"np.{_name}(un, {_q})",
            f"np.{_name}(An, {_q}, axis=0)",
            f"np.{_name}([[x, y, 0.1], [y, 2.0, x]], {_qs}, axis=1, keepdims=True)",
            f"np.{_name}([[[x, y], [y, -x]]], {_qs}, axis=(0, 2))",
            f"np.{_name}(Tn, {_q}, axis=(2, 0), keepdims=True)",
            f"np.{_name}([x, y, -x], {_qs})",
            f"np.{_name}(z, {_q})",
            *_OF_VECTORS.get(_name, ()),
            *(f"np.{_name}(un, {_q}, method={_method!r})" for _method in METHODS),
        ),
    )


def rank_along(a: Any, axis: int) -> Any:
    """The position that each element has when its line is sorted."""
    return np.argsort(np.argsort(a, axis=axis, kind="stable"), axis=axis)


def ranks(a: Any, axis: Axis) -> Any:
    """The position that each element has among those that go into the same result."""
    if a.ndim == 0:
        return 0
    if axis is None or (isinstance(axis, tuple) and len(axis) == a.ndim):
        return rank_along(a, 0) if a.ndim == 1 else np.reshape(rank_along(np.ravel(a), 0), a.shape)
    if not isinstance(axis, tuple):
        return rank_along(a, axis)
    order = reduced_last(axis, a.ndim)
    kept = a.ndim - len(axis)
    moved = np.transpose(a, order)
    flat = np.reshape(moved, (*moved.shape[:kept], times(moved.shape[kept:])))
    return np.transpose(np.reshape(rank_along(flat, kept), moved.shape), inverse(order))


def place_of(q: Any, n: Any, method: str) -> Any:
    """Where the quantile is among n sorted elements, counted from 0."""
    if method == "linear":
        return (n - 1) * q
    if method == "lower":
        return np.floor((n - 1) * q)
    if method == "higher":
        return np.ceil((n - 1) * q)
    if method == "nearest":
        return np.around((n - 1) * q)
    if method == "midpoint":
        return 0.5 * (np.floor((n - 1) * q) + np.ceil((n - 1) * q))
    if method == "hazen":
        return n * q - 0.5
    if method == "weibull":
        return (n + 1) * q - 1
    if method == "median_unbiased":
        return n * q + (1 + q) / 3 - 1
    if method == "normal_unbiased":
        return n * q + 3 / 8 + q / 4 - 1
    if method == "interpolated_inverted_cdf":
        return n * q - 1
    if method == "inverted_cdf":
        return np.ceil(n * q - 1)
    if method == "averaged_inverted_cdf":
        return (np.ceil(n * q - 1) + np.floor(n * q)) / 2
    below = np.floor(n * q - 1.5)  # the nearest, of two the one with an even number
    return np.where((below == n * q - 1.5) & (below % 2 == 1), below, below + 1)


def shares(a: Any, place: Any, axis: Axis) -> Any:
    """What part of the quantile at a place each element is."""
    return np.maximum(1.0 - np.abs(ranks(a, axis) - place), 0.0)


@static_helper
def behind(axis: Axis, rank: int) -> tuple[int, ...]:
    """The reduced axes behind one axis in front."""
    return tuple(i + 1 for i in normalized(axis, rank))


def shares_of_all(a: Any, q: Any, n: Any, axis: Axis, method: str) -> Any:
    """The parts for each q, in front; `n` has the axes of `a`, or is a number."""
    qs = q if q.ndim == 0 else np.expand_dims(q, tuple(range(1, a.ndim + 1)))
    return shares(a, np.clip(place_of(qs, n, method), 0, n - 1), axis)


def quantile_slope(dy: Any, a: Any, q: Any, n: Any, axis: Axis, method: str, keepdims: Any) -> Any:
    """The pullback of quantiles among n elements."""
    parts = shares_of_all(a, q, n, axis, method)
    if q.ndim == 0:
        return parts * lined_up(dy, a, axis, keepdims)
    lined = dy if keepdims else np.expand_dims(dy, behind(axis, a.ndim))
    return np.sum(parts * lined, axis=0)


def quantile_growth(
    a_dot: Any, a: Any, q: Any, n: Any, axis: Axis, method: str, keepdims: Any
) -> Any:
    """The tangent of quantiles among n elements."""
    parts = shares_of_all(a, q, n, axis, method) * a_dot
    axes = axis if q.ndim == 0 else behind(axis, a.ndim)
    return np.sum(parts, axis=axes, keepdims=keepdims)


def present(a: Any, axis: Axis) -> Any:
    """How many elements are not NaN, with axes of length 1."""
    return np.sum(np.logical_not(np.isnan(a)), axis=axis, keepdims=True)


def rate_of(n: Any, method: str) -> Any:
    """The derivative of `place_of` in q, for the methods that do not jump."""
    if method == "linear":
        return n - 1
    if method == "hazen" or method == "interpolated_inverted_cdf":
        return n
    return n + {"weibull": 1, "median_unbiased": 1 / 3, "normal_unbiased": 1 / 4}[method]


@static_helper
def jumps(method: str) -> bool:
    """Is a quantile of this method an element, or the mean of two, that jumps with q?"""
    return "unbiased" not in method and method not in (
        "linear", "hazen", "weibull", "interpolated_inverted_cdf",
    )  # fmt: skip


def steps(a: Any, q: Any, n: Any, axis: Axis, method: str, keepdims: Any) -> Any:
    """The derivative in q: how far the neighbours are apart; at an element the step after it."""
    qs = q if q.ndim == 0 else np.expand_dims(q, tuple(range(1, a.ndim + 1)))
    place = place_of(qs, n, method)
    below = np.clip(np.floor(place), 0, n - 2)
    rank = ranks(a, axis)
    up = np.where(rank == below + 1, a, 0.0) - np.where(rank == below, a, 0.0)
    inside = (place >= 0) & (place <= n - 1) & (n > 1)
    slope = np.where(inside, up * rate_of(n, method), 0.0)
    axes = axis if q.ndim == 0 else behind(axis, a.ndim)
    return np.sum(slope, axis=axes, keepdims=keepdims)


def q_slope(dy: Any, a: Any, q: Any, n: Any, axis: Axis, method: str, keepdims: Any) -> Any:
    """The pullback of quantiles in q."""
    if jumps(method):
        return np.zeros_like(q)
    product = dy * steps(a, q, n, axis, method, keepdims)
    return np.sum(product) if q.ndim == 0 else np.sum(product, axis=tuple(range(1, product.ndim)))


def q_growth(q_dot: Any, a: Any, q: Any, n: Any, axis: Axis, method: str, keepdims: Any) -> Any:
    """The tangent of quantiles in q."""
    rise = (
        quantile_growth(0.0, a, q, n, axis, method, keepdims)
        if jumps(method)
        else steps(a, q, n, axis, method, keepdims)
    )
    return rise * (q_dot if q.ndim == 0 else np.expand_dims(q_dot, tuple(range(1, rise.ndim))))


@pullback("y = np.median(a, axis)", wrt="a")
def median_a(dy: Any, a: Any, axis: Any, keepdims: Any) -> Any:
    return shares(a, (count(a, axis) - 1) / 2, axis) * lined_up(dy, a, axis, keepdims)


@tangent("y = np.median(a, axis)", wrt="a")
def median_dot(a_dot: Any, a: Any, axis: Any, keepdims: Any) -> Any:
    parts = shares(a, (count(a, axis) - 1) / 2, axis)
    return np.sum(parts * a_dot, axis=axis, keepdims=keepdims)


@pullback("y = np.nanmedian(a, axis)", wrt="a")
def nanmedian_a(dy: Any, a: Any, axis: Any, keepdims: Any) -> Any:
    return shares(a, (present(a, axis) - 1) / 2, axis) * lined_up(dy, a, axis, keepdims)


@tangent("y = np.nanmedian(a, axis)", wrt="a")
def nanmedian_dot(a_dot: Any, a: Any, axis: Any, keepdims: Any) -> Any:
    parts = shares(a, (present(a, axis) - 1) / 2, axis)
    return np.sum(np.where(parts == 0, 0.0, parts * a_dot), axis=axis, keepdims=keepdims)


@pullback("y = np.quantile(a, q, axis)", wrt="a")
def quantile_a(dy: Any, a: Any, q: Any, axis: Any, method: Any, keepdims: Any) -> Any:
    return quantile_slope(dy, a, q, count(a, axis), axis, method, keepdims)


@tangent("y = np.quantile(a, q, axis)", wrt="a")
def quantile_dot(a_dot: Any, a: Any, q: Any, axis: Any, method: Any, keepdims: Any) -> Any:
    return quantile_growth(a_dot, a, q, count(a, axis), axis, method, keepdims)


@pullback("y = np.percentile(a, q, axis)", wrt="a")
def percentile_a(dy: Any, a: Any, q: Any, axis: Any, method: Any, keepdims: Any) -> Any:
    return quantile_slope(dy, a, q / 100, count(a, axis), axis, method, keepdims)


@tangent("y = np.percentile(a, q, axis)", wrt="a")
def percentile_dot(a_dot: Any, a: Any, q: Any, axis: Any, method: Any, keepdims: Any) -> Any:
    return quantile_growth(a_dot, a, q / 100, count(a, axis), axis, method, keepdims)


@pullback("y = np.nanquantile(a, q, axis)", wrt="a")
def nanquantile_a(dy: Any, a: Any, q: Any, axis: Any, method: Any, keepdims: Any) -> Any:
    return quantile_slope(dy, a, q, present(a, axis), axis, method, keepdims)


@tangent("y = np.nanquantile(a, q, axis)", wrt="a")
def nanquantile_dot(a_dot: Any, a: Any, q: Any, axis: Any, method: Any, keepdims: Any) -> Any:
    return quantile_growth(a_dot, a, q, present(a, axis), axis, method, keepdims)


@pullback("y = np.nanpercentile(a, q, axis)", wrt="a")
def nanpercentile_a(dy: Any, a: Any, q: Any, axis: Any, method: Any, keepdims: Any) -> Any:
    return quantile_slope(dy, a, q / 100, present(a, axis), axis, method, keepdims)


@tangent("y = np.nanpercentile(a, q, axis)", wrt="a")
def nanpercentile_dot(a_dot: Any, a: Any, q: Any, axis: Any, method: Any, keepdims: Any) -> Any:
    return quantile_growth(a_dot, a, q / 100, present(a, axis), axis, method, keepdims)


@pullback("y = np.quantile(a, q, axis)", wrt="q")
def quantile_q(dy: Any, a: Any, q: Any, axis: Any, method: Any, keepdims: Any) -> Any:
    return q_slope(dy, a, q, count(a, axis), axis, method, keepdims)


@tangent("y = np.quantile(a, q, axis)", wrt="q")
def quantile_q_dot(q_dot: Any, a: Any, q: Any, axis: Any, method: Any, keepdims: Any) -> Any:
    return q_growth(q_dot, a, q, count(a, axis), axis, method, keepdims)


@pullback("y = np.percentile(a, q, axis)", wrt="q")
def percentile_q(dy: Any, a: Any, q: Any, axis: Any, method: Any, keepdims: Any) -> Any:
    return q_slope(dy, a, q / 100, count(a, axis), axis, method, keepdims) / 100


@tangent("y = np.percentile(a, q, axis)", wrt="q")
def percentile_q_dot(q_dot: Any, a: Any, q: Any, axis: Any, method: Any, keepdims: Any) -> Any:
    return q_growth(q_dot / 100, a, q / 100, count(a, axis), axis, method, keepdims)


@pullback("y = np.nanquantile(a, q, axis)", wrt="q")
def nanquantile_q(dy: Any, a: Any, q: Any, axis: Any, method: Any, keepdims: Any) -> Any:
    return q_slope(dy, a, q, present(a, axis), axis, method, keepdims)


@tangent("y = np.nanquantile(a, q, axis)", wrt="q")
def nanquantile_q_dot(q_dot: Any, a: Any, q: Any, axis: Any, method: Any, keepdims: Any) -> Any:
    return q_growth(q_dot, a, q, present(a, axis), axis, method, keepdims)


@pullback("y = np.nanpercentile(a, q, axis)", wrt="q")
def nanpercentile_q(dy: Any, a: Any, q: Any, axis: Any, method: Any, keepdims: Any) -> Any:
    return q_slope(dy, a, q / 100, present(a, axis), axis, method, keepdims) / 100


@tangent("y = np.nanpercentile(a, q, axis)", wrt="q")
def nanpercentile_q_dot(q_dot: Any, a: Any, q: Any, axis: Any, method: Any, keepdims: Any) -> Any:
    return q_growth(q_dot / 100, a, q / 100, present(a, axis), axis, method, keepdims)
