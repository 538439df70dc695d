"""Distribution functions of `scipy.special`: incomplete gamma and beta functions, their inverses.

The derivatives by the parameters of the incomplete functions have no closed form. They are
differences of eighth order of the functions themselves, with steps that fit the functions' width;
against mpmath they are right to 1e-11 where the slope is not tiny. They have no derivative in turn.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from scipy import special

from ..ir.types import Type
from .arithmetic import ANY, POSITIVE
from .registry import OPS, Interval, OpCall, helper, no_derivative, not_written, pullback
from .shapes import broadcast_dims, elementwise, with_dims
from .special import UNIT

WHOLE: Final = Interval(1, 3, ints=True)
MORE: Final = Interval(5, 9, ints=True)
PARAMETER: Final = "there is no second derivative by a parameter"


def infer_slope(call: OpCall) -> Type:
    """Double precision, in the common shape."""
    return with_dims("float64", broadcast_dims([t.dims for t in call.types]))


# -- slopes by a parameter -------------------------------------------------------------------------


@helper(infer_slope)
def gammainc_slope(a: Any, x: Any) -> Any:
    """The derivative of special.gammainc(a, x) by a: differences of order 8, good to 1e-11."""
    a, x = np.asarray(a, float), np.asarray(x, float)
    width = np.sqrt(a) * np.abs(np.log(np.clip(x / a, 1e-300, 1e300)))
    step = 0.02 * a / (1 + np.sqrt(a)) / (1 + width)

    def smaller(a: Any) -> Any:  # of the function and its complement, which is the precise one
        return np.where(left, special.gammainc(a, x), -special.gammaincc(a, x))

    left = x < a
    weights = ((1, 672), (2, -168), (3, 32), (4, -3))
    parts = [w * (smaller(a + k * step) - smaller(a - k * step)) for k, w in weights]
    return np.sum(parts, axis=0) / (840 * step)


@helper(infer_slope)
def betainc_slope(a: Any, b: Any, x: Any) -> Any:
    """The derivative of special.betainc(a, b, x) by a: differences of order 8, good to 1e-11."""
    a, b, x = np.asarray(a, float), np.asarray(b, float), np.asarray(x, float)
    width = np.sqrt(a) * np.abs(np.log(np.clip(x + x * b / a, 1e-300, 1e300)))
    step = 0.02 * a / (1 + np.sqrt(a)) / (1 + width)

    def smaller(a: Any) -> Any:  # of the function and its complement, which is the precise one
        return np.where(left, special.betainc(a, b, x), -special.betaincc(a, b, x))

    left = x < a / (a + b)
    weights = ((1, 672), (2, -168), (3, 32), (4, -3))
    parts = [w * (smaller(a + k * step) - smaller(a - k * step)) for k, w in weights]
    return np.sum(parts, axis=0) / (840 * step)


@helper(infer_slope)
def stdtr_slope(df: Any, t: Any) -> Any:
    """The derivative of special.stdtr(df, t) by df: differences of order 8, good to 1e-10."""
    df, t = np.asarray(df, float), np.asarray(t, float)
    step = 0.03 * df / (1 + df * np.log1p(t * t / df))
    weights = ((1, 672), (2, -168), (3, 32), (4, -3))
    tail = -np.abs(t)
    parts = [
        w * (special.stdtr(df + k * step, tail) - special.stdtr(df - k * step, tail))
        for k, w in weights
    ]
    return -np.sign(t) * np.sum(parts, axis=0) / (840 * step)


def gamma_density(a: Any, x: Any) -> Any:
    """The slope of the incomplete gamma function in x."""
    return np.exp(special.xlogy(a - 1, x) - x - special.gammaln(a))


def beta_density(a: Any, b: Any, x: Any) -> Any:
    """The slope of the incomplete beta function in x."""
    return np.exp(special.xlogy(a - 1, x) + special.xlog1py(b - 1, -x) - special.betaln(a, b))


def t_density(df: Any, t: Any) -> Any:
    """The slope of Student's distribution function in t."""
    return np.exp(-(df + 1) / 2 * np.log1p(t * t / df) - special.betaln(df / 2, 0.5)) / np.sqrt(df)


@pullback("y = gammainc_slope(a, x)", wrt="x", name="gammainc_slope")
def gammainc_slope_x(dy: Any, a: Any, x: Any) -> Any:
    return gamma_density(a, x) * (np.log(x) - special.digamma(a)) * dy


@pullback("y = betainc_slope(a, b, x)", wrt="x", name="betainc_slope")
def betainc_slope_x(dy: Any, a: Any, b: Any, x: Any) -> Any:
    slope = np.log(x) - special.digamma(a) + special.digamma(a + b)
    return beta_density(a, b, x) * slope * dy


@pullback("y = stdtr_slope(df, t)", wrt="t", name="stdtr_slope")
def stdtr_slope_t(dy: Any, df: Any, t: Any) -> Any:
    inner = special.digamma((df + 1) / 2) - special.digamma(df / 2) - 1 / df
    square = t * t / df
    inner = inner - np.log1p(square) + (df + 1) / df * square / (1 + square)
    return t_density(df, t) * inner / 2 * dy


for _name in ("gammainc_slope", "betainc_slope", "stdtr_slope"):
    not_written(OPS[_name], because=PARAMETER)

# -- incomplete gamma functions --------------------------------------------------------------------

for _name in ("gammainc", "gammaincc"):
    elementwise(f"special.{_name}(a, x)", sample=POSITIVE)
for _name in ("gammaincinv", "gammainccinv"):
    elementwise(f"special.{_name}(a, y)", sample=(POSITIVE, UNIT))


@pullback("y = special.gammainc(a, x)", wrt="a")
def gammainc_a(dy: Any, a: Any, x: Any) -> Any:
    return gammainc_slope(a, x) * dy


@pullback("y = special.gammainc(a, x)", wrt="x", singular=True)
def gammainc_x(dy: Any, a: Any, x: Any) -> Any:
    return gamma_density(a, x) * dy


@pullback("y = special.gammaincc(a, x)", wrt="a")
def gammaincc_a(dy: Any, a: Any, x: Any) -> Any:
    return -gammainc_slope(a, x) * dy


@pullback("y = special.gammaincc(a, x)", wrt="x", singular=True)
def gammaincc_x(dy: Any, a: Any, x: Any) -> Any:
    return -gamma_density(a, x) * dy


@pullback("x = special.gammaincinv(a, y)", wrt="a", singular=True)
def gammaincinv_a(dx: Any, a: Any, x: Any) -> Any:
    return -gammainc_slope(a, x) / gamma_density(a, x) * dx


@pullback("x = special.gammaincinv(a, y)", wrt="y", singular=True)
def gammaincinv_y(dx: Any, a: Any, x: Any) -> Any:
    return dx / gamma_density(a, x)


@pullback("x = special.gammainccinv(a, y)", wrt="a", singular=True)
def gammainccinv_a(dx: Any, a: Any, x: Any) -> Any:
    return -gammainc_slope(a, x) / gamma_density(a, x) * dx


@pullback("x = special.gammainccinv(a, y)", wrt="y", singular=True)
def gammainccinv_y(dx: Any, a: Any, x: Any) -> Any:
    return -dx / gamma_density(a, x)


# -- incomplete beta functions ---------------------------------------------------------------------

for _name in ("betainc", "betaincc"):
    elementwise(f"special.{_name}(a, b, x)", sample=(POSITIVE, POSITIVE, UNIT))
for _name in ("betaincinv", "betainccinv"):
    elementwise(f"special.{_name}(a, b, y)", sample=(POSITIVE, POSITIVE, UNIT))


@pullback("y = special.betainc(a, b, x)", wrt="a")
def betainc_a(dy: Any, a: Any, b: Any, x: Any) -> Any:
    return betainc_slope(a, b, x) * dy


@pullback("y = special.betainc(a, b, x)", wrt="b")
def betainc_b(dy: Any, a: Any, b: Any, x: Any) -> Any:
    return -betainc_slope(b, a, 1 - x) * dy


@pullback("y = special.betainc(a, b, x)", wrt="x", singular=True)
def betainc_x(dy: Any, a: Any, b: Any, x: Any) -> Any:
    return beta_density(a, b, x) * dy


@pullback("y = special.betaincc(a, b, x)", wrt="a")
def betaincc_a(dy: Any, a: Any, b: Any, x: Any) -> Any:
    return -betainc_slope(a, b, x) * dy


@pullback("y = special.betaincc(a, b, x)", wrt="b")
def betaincc_b(dy: Any, a: Any, b: Any, x: Any) -> Any:
    return betainc_slope(b, a, 1 - x) * dy


@pullback("y = special.betaincc(a, b, x)", wrt="x", singular=True)
def betaincc_x(dy: Any, a: Any, b: Any, x: Any) -> Any:
    return -beta_density(a, b, x) * dy


@pullback("x = special.betaincinv(a, b, y)", wrt="a", singular=True)
def betaincinv_a(dx: Any, a: Any, b: Any, x: Any) -> Any:
    return -betainc_slope(a, b, x) / beta_density(a, b, x) * dx


@pullback("x = special.betaincinv(a, b, y)", wrt="b", singular=True)
def betaincinv_b(dx: Any, a: Any, b: Any, x: Any) -> Any:
    return betainc_slope(b, a, 1 - x) / beta_density(a, b, x) * dx


@pullback("x = special.betaincinv(a, b, y)", wrt="y", singular=True)
def betaincinv_y(dx: Any, a: Any, b: Any, x: Any) -> Any:
    return dx / beta_density(a, b, x)


@pullback("x = special.betainccinv(a, b, y)", wrt="a", singular=True)
def betainccinv_a(dx: Any, a: Any, b: Any, x: Any) -> Any:
    return -betainc_slope(a, b, x) / beta_density(a, b, x) * dx


@pullback("x = special.betainccinv(a, b, y)", wrt="b", singular=True)
def betainccinv_b(dx: Any, a: Any, b: Any, x: Any) -> Any:
    return betainc_slope(b, a, 1 - x) / beta_density(a, b, x) * dx


@pullback("x = special.betainccinv(a, b, y)", wrt="y", singular=True)
def betainccinv_y(dx: Any, a: Any, b: Any, x: Any) -> Any:
    return -dx / beta_density(a, b, x)


# -- by the names of distributions -----------------------------------------------------------------

elementwise("special.chdtr(v, x)", sample=POSITIVE)
elementwise("special.chdtrc(v, x)", sample=POSITIVE)
elementwise("special.chdtri(v, p)", sample=(POSITIVE, UNIT))
elementwise("special.stdtr(df, t)", sample=(POSITIVE, ANY))
elementwise("special.stdtrit(df, p)", sample=(POSITIVE, UNIT))
elementwise("special.fdtr(dfn, dfd, x)", sample=POSITIVE)
elementwise("special.fdtrc(dfn, dfd, x)", sample=POSITIVE)


for _name in ("bdtr", "bdtrc", "nbdtr", "nbdtrc"):
    _op = elementwise(f"special.{_name}(k, n, p)", sample=(WHOLE, MORE, UNIT))
    no_derivative(_op, "n", because="it is a whole number")
elementwise("special.pdtr(k, m)", sample=(WHOLE, POSITIVE))
elementwise("special.pdtrc(k, m)", sample=(WHOLE, POSITIVE))
for _name in ("bdtr", "bdtrc", "nbdtr", "nbdtrc", "pdtr", "pdtrc"):
    no_derivative(OPS[f"special.{_name}"], "k", because="the function has steps in k")


@pullback("y = special.chdtr(v, x)", wrt="v")
def chdtr_v(dy: Any, v: Any, x: Any) -> Any:
    return gammainc_slope(v / 2, x / 2) / 2 * dy


@pullback("y = special.chdtr(v, x)", wrt="x", singular=True)
def chdtr_x(dy: Any, v: Any, x: Any) -> Any:
    return gamma_density(v / 2, x / 2) / 2 * dy


@pullback("y = special.chdtrc(v, x)", wrt="v")
def chdtrc_v(dy: Any, v: Any, x: Any) -> Any:
    return -gammainc_slope(v / 2, x / 2) / 2 * dy


@pullback("y = special.chdtrc(v, x)", wrt="x", singular=True)
def chdtrc_x(dy: Any, v: Any, x: Any) -> Any:
    return -gamma_density(v / 2, x / 2) / 2 * dy


@pullback("x = special.chdtri(v, p)", wrt="v", singular=True)
def chdtri_v(dx: Any, v: Any, x: Any) -> Any:
    return -gammainc_slope(v / 2, x / 2) / gamma_density(v / 2, x / 2) * dx


@pullback("x = special.chdtri(v, p)", wrt="p", singular=True)
def chdtri_p(dx: Any, v: Any, x: Any) -> Any:
    return -2 * dx / gamma_density(v / 2, x / 2)


@pullback("y = special.stdtr(df, t)", wrt="df")
def stdtr_df(dy: Any, df: Any, t: Any) -> Any:
    return stdtr_slope(df, t) * dy


@pullback("y = special.stdtr(df, t)", wrt="t")
def stdtr_t(dy: Any, df: Any, t: Any) -> Any:
    return t_density(df, t) * dy


@pullback("t = special.stdtrit(df, p)", wrt="df", singular=True)
def stdtrit_df(dt: Any, df: Any, t: Any) -> Any:
    return -stdtr_slope(df, t) / t_density(df, t) * dt


@pullback("t = special.stdtrit(df, p)", wrt="p", singular=True)
def stdtrit_p(dt: Any, df: Any, t: Any) -> Any:
    return dt / t_density(df, t)


def f_share(dfn: Any, dfd: Any, x: Any) -> Any:
    """Where the beta distribution stands that Fisher's is made of."""
    return dfn * x / (dfd + dfn * x)


@pullback("y = special.fdtr(dfn, dfd, x)", wrt="x", singular=True)
def fdtr_x(dy: Any, dfn: Any, dfd: Any, x: Any) -> Any:
    share = f_share(dfn, dfd, x)
    return beta_density(dfn / 2, dfd / 2, share) * dfn * dfd / (dfd + dfn * x) ** 2 * dy


@pullback("y = special.fdtr(dfn, dfd, x)", wrt="dfn", singular=True)
def fdtr_dfn(dy: Any, dfn: Any, dfd: Any, x: Any) -> Any:
    share = f_share(dfn, dfd, x)
    moved = beta_density(dfn / 2, dfd / 2, share) * x * dfd / (dfd + dfn * x) ** 2
    return (betainc_slope(dfn / 2, dfd / 2, share) / 2 + moved) * dy


@pullback("y = special.fdtr(dfn, dfd, x)", wrt="dfd", singular=True)
def fdtr_dfd(dy: Any, dfn: Any, dfd: Any, x: Any) -> Any:
    share = f_share(dfn, dfd, x)
    moved = beta_density(dfn / 2, dfd / 2, share) * x * dfn / (dfd + dfn * x) ** 2
    return -(betainc_slope(dfd / 2, dfn / 2, 1 - share) / 2 + moved) * dy


@pullback("y = special.fdtrc(dfn, dfd, x)", wrt="x", singular=True)
def fdtrc_x(dy: Any, dfn: Any, dfd: Any, x: Any) -> Any:
    return -fdtr_x(dy, dfn, dfd, x)


@pullback("y = special.fdtrc(dfn, dfd, x)", wrt="dfn", singular=True)
def fdtrc_dfn(dy: Any, dfn: Any, dfd: Any, x: Any) -> Any:
    return -fdtr_dfn(dy, dfn, dfd, x)


@pullback("y = special.fdtrc(dfn, dfd, x)", wrt="dfd", singular=True)
def fdtrc_dfd(dy: Any, dfn: Any, dfd: Any, x: Any) -> Any:
    return -fdtr_dfd(dy, dfn, dfd, x)


@pullback("y = special.bdtr(k, n, p)", wrt="p", singular=True)
def bdtr_p(dy: Any, k: Any, n: Any, p: Any) -> Any:
    below = np.floor(k)
    return -beta_density(below + 1, n - below, p) * dy


@pullback("y = special.bdtrc(k, n, p)", wrt="p", singular=True)
def bdtrc_p(dy: Any, k: Any, n: Any, p: Any) -> Any:
    below = np.floor(k)
    return beta_density(below + 1, n - below, p) * dy


@pullback("y = special.nbdtr(k, n, p)", wrt="p", singular=True)
def nbdtr_p(dy: Any, k: Any, n: Any, p: Any) -> Any:
    return beta_density(n, np.floor(k) + 1, p) * dy


@pullback("y = special.nbdtrc(k, n, p)", wrt="p", singular=True)
def nbdtrc_p(dy: Any, k: Any, n: Any, p: Any) -> Any:
    return -beta_density(n, np.floor(k) + 1, p) * dy


@pullback("y = special.pdtr(k, m)", wrt="m", singular=True)
def pdtr_m(dy: Any, k: Any, m: Any) -> Any:
    return -gamma_density(np.floor(k) + 1, m) * dy


@pullback("y = special.pdtrc(k, m)", wrt="m", singular=True)
def pdtrc_m(dy: Any, k: Any, m: Any) -> Any:
    return gamma_density(np.floor(k) + 1, m) * dy
