"""Error, normal and gamma functions, of `math` and of `scipy.special`.

The slope of the gamma function needs digamma, which neither `math` nor NumPy has: those gradients
import SciPy.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from scipy import special

from ..ir.types import Array, Type
from .arithmetic import ANY, POSITIVE
from .distributions import chosen
from .language import refuse, static_helper
from .registry import (
    InferError,
    NotSupported,
    OpCall,
    composite,
    define,
    interval,
    no_derivative,
    pullback,
    same_text,
)
from .shapes import elementwise, with_dims

TWO_OVER_ROOT_PI: Final = 1.1283791670955126  # 2 / sqrt(pi)
HALF_ROOT_PI: Final = 0.886226925452758  # sqrt(pi) / 2
ROOT_TWO_PI: Final = 2.5066282746310002  # sqrt(2 pi)
ROOT_HALF: Final = 0.7071067811865476  # sqrt(1 / 2)
ROOT_TWO_OVER_PI: Final = 0.7978845608028654  # sqrt(2 / pi)

UNIT: Final = interval(0.1, 0.9)

elementwise("special.erf(x)", "math.erf(x)", sample=ANY, probe=(0.0, 6.0))
elementwise("special.erfc(x)", "math.erfc(x)", sample=ANY, probe=(0.0, 6.0))


@pullback("y = special.erf(x)", wrt="x")
def erf_x(dy: Any, x: Any) -> Any:
    return TWO_OVER_ROOT_PI * np.exp(-x * x) * dy


@pullback("y = special.erfc(x)", wrt="x")
def erfc_x(dy: Any, x: Any) -> Any:
    return -TWO_OVER_ROOT_PI * np.exp(-x * x) * dy


elementwise("special.erfcx(x)", sample=ANY, probe=(0.0, 30.0))
elementwise("special.erfi(x)", sample=ANY, probe=(0.0,))
elementwise("special.dawsn(x)", sample=ANY, probe=(0.0, 30.0))
elementwise("special.erfinv(y)", sample=interval(-0.9, 0.9), probe=(0.0, 0.999))
elementwise("special.erfcinv(y)", sample=interval(0.1, 1.9), probe=(1.0, 1e-5))


@pullback("y = special.erfcx(x)", wrt="x")
def erfcx_x(dy: Any, x: Any, y: Any) -> Any:
    # for large x the difference loses 2 x**2 units of precision
    return (2 * x * y - TWO_OVER_ROOT_PI) * dy


@pullback("y = special.erfi(x)", wrt="x")
def erfi_x(dy: Any, x: Any) -> Any:
    return TWO_OVER_ROOT_PI * np.exp(x * x) * dy


@pullback("y = special.dawsn(x)", wrt="x")
def dawsn_x(dy: Any, x: Any, y: Any) -> Any:
    # for large x the difference loses 2 x**2 units of precision
    return (1 - 2 * x * y) * dy


@pullback("x = special.erfinv(y)", wrt="y", singular=True)
def erfinv_y(dx: Any, x: Any) -> Any:
    return HALF_ROOT_PI * np.exp(x * x) * dx


@pullback("x = special.erfcinv(y)", wrt="y", singular=True)
def erfcinv_y(dx: Any, x: Any) -> Any:
    return -HALF_ROOT_PI * np.exp(x * x) * dx


# -- the normal distribution -----------------------------------------------------------------------

elementwise("special.ndtr(x)", sample=ANY, probe=(0.0, -9.0))
elementwise("special.log_ndtr(x)", sample=ANY, probe=(0.0, -40.0, 9.0))
elementwise("special.ndtri(y)", sample=UNIT, probe=(0.5, 1e-8))
elementwise("special.ndtri_exp(y)", sample=interval(-4, -0.2), probe=(-50.0,))


@pullback("y = special.ndtr(x)", wrt="x")
def ndtr_x(dy: Any, x: Any) -> Any:
    return np.exp(-x * x / 2) / ROOT_TWO_PI * dy


@pullback("y = special.log_ndtr(x)", wrt="x")
def log_ndtr_x(dy: Any, x: Any) -> Any:
    return ROOT_TWO_OVER_PI / special.erfcx(-ROOT_HALF * x) * dy


@pullback("x = special.ndtri(y)", wrt="y", singular=True)
def ndtri_y(dx: Any, x: Any) -> Any:
    return ROOT_TWO_PI * np.exp(x * x / 2) * dx


@pullback("x = special.ndtri_exp(y)", wrt="y", singular=True)
def ndtri_exp_y(dx: Any, x: Any) -> Any:
    return special.erfcx(-ROOT_HALF * x) / ROOT_TWO_OVER_PI * dx


# -- gamma functions -------------------------------------------------------------------------------

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


elementwise("special.loggamma(x)", sample=POSITIVE)
elementwise("special.rgamma(x)", sample=ANY, probe=(-2.0, 0.0, 1.0, 200.0))
elementwise("special.beta(a, b)", sample=POSITIVE)
elementwise("special.betaln(a, b)", sample=POSITIVE)
elementwise("special.poch(z, m)", sample=POSITIVE)
elementwise("special.binom(n, k)", sample=(interval(4, 6), interval(0.5, 3)))
no_derivative(elementwise("special.gammasgn(x)", sample=ANY), because="it is a step")


@pullback("y = special.loggamma(x)", wrt="x", singular=True)
def loggamma_x(dy: Any, x: Any) -> Any:
    return special.digamma(x) * dy


@pullback("y = special.rgamma(x)", wrt="x")
def rgamma_x(dy: Any, x: Any, y: Any) -> Any:
    # by reflection below 1/2: digamma has poles where the slope is finite
    angle = np.pi * x
    turned = np.cos(angle) - np.sin(angle) / np.pi * special.digamma(np.where(x < 0.5, 1 - x, 1.0))
    left = turned * special.gamma(np.where(x < 0.5, 1 - x, 1.0))
    right = -special.digamma(np.where(x < 0.5, 1.0, x)) * y
    return np.where(x < 0.5, left, right) * dy


@pullback("y = special.beta(a, b)", wrt="a", singular=True)
def beta_a(dy: Any, a: Any, b: Any, y: Any) -> Any:
    return (special.digamma(a) - special.digamma(a + b)) * y * dy


@pullback("y = special.beta(a, b)", wrt="b", singular=True)
def beta_b(dy: Any, a: Any, b: Any, y: Any) -> Any:
    return (special.digamma(b) - special.digamma(a + b)) * y * dy


@pullback("y = special.betaln(a, b)", wrt="a", singular=True)
def betaln_a(dy: Any, a: Any, b: Any) -> Any:
    return (special.digamma(a) - special.digamma(a + b)) * dy


@pullback("y = special.betaln(a, b)", wrt="b", singular=True)
def betaln_b(dy: Any, a: Any, b: Any) -> Any:
    return (special.digamma(b) - special.digamma(a + b)) * dy


@pullback("y = special.poch(z, m)", wrt="z", singular=True)
def poch_z(dy: Any, z: Any, m: Any, y: Any) -> Any:
    return (special.digamma(z + m) - special.digamma(z)) * y * dy


@pullback("y = special.poch(z, m)", wrt="m", singular=True)
def poch_m(dy: Any, z: Any, m: Any, y: Any) -> Any:
    return special.digamma(z + m) * y * dy


@pullback("y = special.binom(n, k)", wrt="n", singular=True)
def binom_n(dy: Any, n: Any, k: Any, y: Any) -> Any:
    return (special.digamma(n + 1) - special.digamma(n - k + 1)) * y * dy


@pullback("y = special.binom(n, k)", wrt="k", singular=True)
def binom_k(dy: Any, n: Any, k: Any, y: Any) -> Any:
    return (special.digamma(n - k + 1) - special.digamma(k + 1)) * y * dy


def infer_multigammaln(call: OpCall) -> Type:
    """The shape of `a`, in double precision."""
    (a,) = call.types
    if not isinstance(call["d"], int):
        raise NotSupported("d has to be an int that is known before the program runs")
    if call["d"] < 1:
        raise InferError("d should be a positive integer (dimension)")
    return with_dims("float64", a.dims)


define(
    "special.multigammaln(a, d)",
    static=("d",),
    infer=infer_multigammaln,
    cases=(
        "special.multigammaln(A + 2, 3)",
        "special.multigammaln(y, 1)",
        "special.multigammaln(z + 1, d=2)",
    ),
)


@static_helper
def halves(d: int) -> tuple[float, ...]:
    """What the arguments of the factors of a multivariate gamma function lie below the first.

    >>> halves(3)
    (0.5, 1.0)
    """
    return tuple(j / 2 for j in range(1, d))


@pullback("y = special.multigammaln(a, d)", wrt="a", singular=True)
def multigammaln_a(dy: Any, a: Any, d: Any) -> Any:
    slope = special.digamma(a)
    for below in halves(d):
        slope = slope + special.digamma(a - below)
    return slope * dy


same_text("special.polygamma", "special.multigammaln")

# -- numbers of choices ----------------------------------------------------------------------------


def inexactly(exact: Any) -> Any:
    """Refuse integers without bound."""
    if exact:
        refuse("exact=True computes with Python integers, which have no derivative")


@composite(special.comb)
def comb(N: Any, k: Any, *, exact: Any = False, repetition: Any = False) -> Any:
    inexactly(exact)
    if repetition:
        return comb(N + k - 1, k)
    possible = (k <= N) & (N >= 0) & (k >= 0)
    return chosen(possible, special.binom(N, k), 0.0)


@composite(special.perm)
def perm(N: Any, k: Any, exact: Any = False) -> Any:
    inexactly(exact)
    possible = (k <= N) & (N >= 0) & (k >= 0)
    return chosen(possible, special.poch(N - k + 1, k), 0.0)


@composite(special.factorial)
def factorial(n: Any, exact: Any = False, extend: Any = "zero") -> Any:
    inexactly(exact)
    if extend != "zero":
        refuse("only extend='zero' is supported")
    return chosen(n < 0, 0.0, special.gamma(n + 1))
