"""Error and gamma functions, of `math` and of `scipy.special`.

The slope of the gamma function needs digamma, which neither `math` nor NumPy has: those gradients
import SciPy.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from scipy import special

from ..ir.types import Array, Type, is_inexact
from .arithmetic import ANY, POSITIVE
from .registry import InferError, NotSupported, OpCall, define, not_written, pullback, same_text
from .shapes import elementwise

TWO_OVER_ROOT_PI: Final = 1.1283791670955126  # 2 / sqrt(pi)

elementwise("special.erf(x)", "math.erf(x)", sample=ANY, probe=(0.0, 6.0))
elementwise("special.erfc(x)", "math.erfc(x)", sample=ANY, probe=(0.0, 6.0))


@pullback("y = special.erf(x)", wrt="x")
def erf_x(dy: Any, x: Any) -> Any:
    return TWO_OVER_ROOT_PI * np.exp(-x * x) * dy


@pullback("y = special.erfc(x)", wrt="x")
def erfc_x(dy: Any, x: Any) -> Any:
    return -TWO_OVER_ROOT_PI * np.exp(-x * x) * dy


elementwise("special.gamma(x)", "math.gamma(x)", sample=POSITIVE, probe=(-1.5,))
elementwise("special.gammaln(x)", "math.lgamma(x)", sample=POSITIVE, probe=(-1.5,))
elementwise("special.digamma(x)", sample=POSITIVE)


@pullback("y = special.gamma(x)", wrt="x", singular=True)
def gamma_x(dy: Any, x: Any, y: Any) -> Any:
    return special.digamma(x) * y * dy


@pullback("y = special.gammaln(x)", wrt="x", singular=True)
def gammaln_x(dy: Any, x: Any) -> Any:
    return special.digamma(x) * dy


@pullback("y = special.digamma(x)", wrt="x", singular=True)
def digamma_x(dy: Any, x: Any) -> Any:
    return special.polygamma(1, x) * dy


def infer_polygamma(call: OpCall) -> Type:
    """Always an array, of float64."""
    (x,) = call.types
    if not isinstance(call["n"], int):
        raise NotSupported("the order has to be an int that is known before the program runs")
    if call["n"] < 0:
        raise InferError("the order must not be negative")
    return Array("float64", x.dims)


define(
    "special.polygamma(n, x)",
    static=("n",),
    infer=infer_polygamma,
    cases=("special.polygamma(1, A)", "special.polygamma(2, x)", "special.polygamma(0, u)"),
)


@pullback("y = special.polygamma(n, x)", wrt="x", singular=True)
def polygamma_x(dy: Any, n: Any, x: Any) -> Any:
    return special.polygamma(n + 1, x) * dy


def infer_i0(call: OpCall) -> Type:
    """Always an array; integers count as float64."""
    (x,) = call.types
    return Array(x.dtype if is_inexact(x) else "float64", x.dims)


not_written(
    define("np.i0(x)", infer=infer_i0, elementwise=True, sample=POSITIVE),
    because="its slope is the Bessel function I1, which has no rule yet",
)


same_text("special.polygamma")
