"""Sums of exponentials of `scipy.special`: softmax, its logarithm, and logsumexp."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import special

from ..ir.types import Type, is_inexact
from ..markers import stop_gradient
from .reductions import lined_up
from .registry import NotSupported, OpCall, composite, define, pullback, tangent
from .shapes import normalized, reduced, with_dims


def infer_same(call: OpCall) -> Type:
    """The operand's shape, in floating point."""
    (x,) = call.types
    normalized(call["axis"], len(x.dims))
    return with_dims(x.dtype if is_inexact(x) else "float64", x.dims)


def infer_logsumexp(call: OpCall) -> Type:
    """The shape without the axes that are summed over."""
    (a,) = call.types
    if call["b"] is not None or call["return_sign"]:
        raise NotSupported("weights and signs are written by others")
    dtype = a.dtype if is_inexact(a) else "float64"
    return with_dims(dtype, reduced(a.dims, call["axis"], call["keepdims"]))


for _name in ("softmax", "log_softmax"):
    define(
        f"special.{_name}(x, axis=None)",
        infer=infer_same,
        cases=(
            f"special.{_name}(An)",
            f"special.{_name}(An, axis=1)",
            f"special.{_name}(Tn, axis=(0, -1))",
            f"special.{_name}(un, 0)",
        ),
    )
define(
    "special.logsumexp(a, axis=None, b=None, keepdims=False, return_sign=False)",
    infer=infer_logsumexp,
    cases=(
        "special.logsumexp(An)",
        "special.logsumexp(An, axis=1)",
        "special.logsumexp(Tn, axis=(0, -1), keepdims=True)",
        "special.logsumexp(un, 0)",
    ),
)


@pullback("y = special.softmax(x, axis)", wrt="x")
def softmax_x(dy: Any, y: Any, axis: Any) -> Any:
    return y * (dy - np.sum(y * dy, axis=axis, keepdims=True))


@tangent("y = special.softmax(x, axis)", wrt="x")
def softmax_x_dot(x_dot: Any, y: Any, axis: Any) -> Any:
    return y * (x_dot - np.sum(y * x_dot, axis=axis, keepdims=True))


@pullback("y = special.log_softmax(x, axis)", wrt="x")
def log_softmax_x(dy: Any, y: Any, axis: Any) -> Any:
    return dy - np.exp(y) * np.sum(dy, axis=axis, keepdims=True)


@tangent("y = special.log_softmax(x, axis)", wrt="x")
def log_softmax_x_dot(x_dot: Any, y: Any, axis: Any) -> Any:
    return x_dot - np.sum(np.exp(y) * x_dot, axis=axis, keepdims=True)


def shares(a: Any, y: Any, axis: Any, keepdims: Any) -> Any:
    """The share of each term in the sum, less exact by as many units as `y` is large.

    It is 0 where all terms are 0.
    """
    finite = np.where(y == -np.inf, 0.0, y)
    return np.exp(a - lined_up(finite, a, axis, keepdims))


@pullback("y = special.logsumexp(a, axis)", wrt="a")
def logsumexp_a(dy: Any, a: Any, y: Any, axis: Any, keepdims: Any) -> Any:
    return shares(a, y, axis, keepdims) * lined_up(dy, a, axis, keepdims)


@tangent("y = special.logsumexp(a, axis)", wrt="a")
def logsumexp_a_dot(a_dot: Any, a: Any, y: Any, axis: Any, keepdims: Any) -> Any:
    return np.sum(shares(a, y, axis, keepdims) * a_dot, axis=axis, keepdims=keepdims)


@composite(special.logsumexp)
def logsumexp(
    a: Any, axis: Any = None, b: Any = None, keepdims: Any = False, return_sign: Any = False
) -> Any:
    """With weights by their definition; terms of weight 0 are left out."""
    if b is None and not return_sign:
        return special.logsumexp(a, axis=axis, keepdims=keepdims)
    if b is None:
        total = special.logsumexp(a, axis=axis, keepdims=keepdims)
        return total, np.ones_like(total)
    terms = np.where(b == 0, -np.inf, a)
    largest = stop_gradient(np.max(terms, axis=axis, keepdims=True))
    largest = np.where(np.isfinite(largest), largest, 0.0)
    total = np.sum(b * np.exp(terms - largest), axis=axis, keepdims=True)
    size = np.abs(total) if return_sign else total
    logarithm = np.sum(np.log(size) + largest, axis=axis, keepdims=keepdims)
    if return_sign:
        return logarithm, np.sum(np.sign(total), axis=axis, keepdims=keepdims)
    return logarithm
