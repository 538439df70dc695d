"""The methods of SciPy's distributions, made of the formulas of their standard members.

A distribution gives some functions of the standardised variable (`standard`), at least `logpdf` or
`logpmf`. The texts here shift and scale them, as the methods of `scipy.stats` do, and give NaN for
parameters outside their range. `frontend/distributions.py` inlines them at a call.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeVar

import numpy as np

from .language import static_helper
from .registry import CALLABLES, literal

F = TypeVar("F", bound=Callable[..., Any])

STANDARD: Final[dict[Any, dict[str, Callable[..., Any]]]] = {}  # by distribution and method
METHODS: Final[dict[str, Callable[..., Any]]] = {}  # by the name of a method of distributions


def standard(*distributions: Any) -> Callable[[F], F]:
    """Register a function of the standard member under its name, less that of the distribution.

    Its arguments are the standardised variable, or the probability, and the shape parameters.
    """

    def register(fun: F) -> F:
        for distribution in distributions:
            known = STANDARD.setdefault(distribution, {})
            known[fun.__name__.rsplit("_", 1)[-1]] = fun
        return fun

    return register


def method(fun: F) -> F:
    """Register the text of a method: of the formulas, the arguments, and the parameters."""
    METHODS[fun.__name__] = fun
    return fun


@static_helper
def is_single(dtype: Any) -> bool:
    """Is it a precision that SciPy's distributions widen to double?"""
    return np.dtype(dtype) in (np.float32, np.float16)


@static_helper
def is_integer(dtype: Any) -> bool:
    """Is it a type of whole numbers?"""
    return np.dtype(dtype).kind in "iub"


@static_helper
def either(known: Any, name: str) -> Any:
    """A formula of a distribution, None where it gives none."""
    return known.get(name)


@static_helper
def has(known: Any, name: str) -> bool:
    """Does a distribution give this formula?"""
    return name in known


# -- the language of formulas ----------------------------------------------------------------------


def if_else(condition: Any, x: Any, y: Any) -> Any:
    """A conditional expression, of numbers."""
    return x if condition else y


CALLABLES[if_else] = ("where", "")


def chosen(condition: Any, one: Any, other: Any) -> Any:
    """`np.where`, which gives a number where all are numbers."""
    if np.ndim(condition) == 0 and np.ndim(one) == 0 and np.ndim(other) == 0:
        return if_else(condition, one, other)
    return np.where(condition, one, other)


def doubled(x: Any) -> Any:
    """The argument in double precision."""
    if is_single(x.dtype):
        return x.astype(np.float64)
    return x


def standardized(x: Any, loc: Any, scale: Any) -> Any:
    """The variable of the standard member."""
    z = doubled(x)
    if not (literal(loc) and loc == 0):
        z = z - loc
    if not (literal(scale) and scale == 1):
        z = z / scale
    return z


def barred(outside: Any, y: Any) -> Any:
    """A logarithm of a density, -inf outside of the support, where `y` is just some number."""
    return y + chosen(outside, -np.inf, 0.0)


def above(z: Any) -> Any:
    """The variable, 0 where it is negative."""
    return np.maximum(z, 0)


def positive(parameter: Any) -> Any:
    """The parameter, NaN where it is not positive."""
    if literal(parameter) and parameter > 0:
        return parameter
    return chosen(parameter > 0, parameter, np.nan)


def all_positive(parameters: Any) -> Any:
    """Each parameter, NaN where it is not positive."""
    if len(parameters) == 0:
        return ()
    return (positive(parameters[0]), *all_positive(parameters[1:]))


def in_range(known: Any, shapes: Any) -> Any:
    """The shape parameters, one of them NaN where they are outside their range."""
    if has(known, "any"):
        return shapes
    if has(known, "valid"):
        valid = either(known, "valid")(*shapes)
        return (chosen(valid, shapes[0], np.nan), *shapes[1:])
    return all_positive(shapes)


def from_quantile(q: Any, z: Any, loc: Any, scale: Any) -> Any:
    """The quantile of the distribution from that of the standard member."""
    y = chosen((q >= 0) & (q <= 1), z, np.nan)
    if not (literal(scale) and scale == 1):
        y = y * positive(scale)
    if not (literal(loc) and loc == 0):
        y = y + loc
    return y


# -- methods ---------------------------------------------------------------------------------------


@method
def logpdf(known: Any, x: Any, shapes: Any, loc: Any, scale: Any) -> Any:
    """The logarithm of the density; that of a scale which is not positive is NaN by itself."""
    y = either(known, "logpdf")(standardized(x, loc, scale), *in_range(known, shapes))
    if not (literal(scale) and scale == 1):
        y = y - np.log(scale)
    return y


@method
def pdf(known: Any, x: Any, shapes: Any, loc: Any, scale: Any) -> Any:
    """The density."""
    return np.exp(logpdf(known, x, shapes, loc, scale))


@method
def cdf(known: Any, x: Any, shapes: Any, loc: Any, scale: Any = 1) -> Any:
    """The distribution function."""
    z = standardized(x, loc, positive(scale))
    return either(known, "cdf")(z, *in_range(known, shapes))


@method
def sf(known: Any, x: Any, shapes: Any, loc: Any, scale: Any = 1) -> Any:
    """The probability of more."""
    if not has(known, "sf"):
        return 1 - cdf(known, x, shapes, loc, scale)
    z = standardized(x, loc, positive(scale))
    return either(known, "sf")(z, *in_range(known, shapes))


@method
def logcdf(known: Any, x: Any, shapes: Any, loc: Any, scale: Any = 1) -> Any:
    """The logarithm of the distribution function."""
    if not has(known, "logcdf"):
        return np.log(cdf(known, x, shapes, loc, scale))
    z = standardized(x, loc, positive(scale))
    return either(known, "logcdf")(z, *in_range(known, shapes))


@method
def logsf(known: Any, x: Any, shapes: Any, loc: Any, scale: Any = 1) -> Any:
    """The logarithm of the probability of more."""
    if not has(known, "logsf"):
        return np.log(sf(known, x, shapes, loc, scale))
    z = standardized(x, loc, positive(scale))
    return either(known, "logsf")(z, *in_range(known, shapes))


@method
def ppf(known: Any, q: Any, shapes: Any, loc: Any, scale: Any) -> Any:
    """The quantile."""
    z = either(known, "ppf")(doubled(q), *in_range(known, shapes))
    return from_quantile(q, z, loc, scale)


@method
def isf(known: Any, q: Any, shapes: Any, loc: Any, scale: Any) -> Any:
    """The quantile from above."""
    if has(known, "isf"):
        z = either(known, "isf")(doubled(q), *in_range(known, shapes))
    else:
        z = either(known, "ppf")(1 - doubled(q), *in_range(known, shapes))
    return from_quantile(q, z, loc, scale)


@method
def entropy(known: Any, shapes: Any, loc: Any, scale: Any) -> Any:
    """The differential entropy."""
    return either(known, "entropy")(*shapes) + np.log(scale)


@method
def mean(known: Any, shapes: Any, loc: Any, scale: Any) -> Any:
    """The expectation."""
    return loc + scale * either(known, "mean")(*shapes)


@method
def var(known: Any, shapes: Any, loc: Any, scale: Any) -> Any:
    """The variance."""
    return scale * scale * either(known, "var")(*shapes)


@method
def std(known: Any, shapes: Any, loc: Any, scale: Any) -> Any:
    """The standard deviation."""
    return np.sqrt(var(known, shapes, loc, scale))


@method
def median(known: Any, shapes: Any, loc: Any, scale: Any) -> Any:
    """The median."""
    return ppf(known, 0.5, shapes, loc, scale)


# -- of discrete distributions ---------------------------------------------------------------------


def counted(k: Any, loc: Any) -> Any:
    """The count that the standard member has."""
    if literal(loc) and loc == 0:
        return doubled(k)
    return doubled(k) - loc


def whole(y: Any, k: Any) -> Any:
    """The logarithm of a probability: that of a number which is not whole is -inf."""
    if is_integer(k.dtype):
        return y
    return barred(np.floor(k) != k, y)


@method
def logpmf(known: Any, k: Any, shapes: Any, loc: Any) -> Any:
    """The logarithm of the probability of a number."""
    count = counted(k, loc)
    return whole(either(known, "logpmf")(count, *in_range(known, shapes)), count)


@method
def pmf(known: Any, k: Any, shapes: Any, loc: Any) -> Any:
    """The probability of a number."""
    return np.exp(logpmf(known, k, shapes, loc))
