"""Polynomials as vectors of coefficients, the highest power first."""

from __future__ import annotations

from typing import Any

import numpy as np

from .language import refuse
from .registry import composite


@composite(
    np.polyval,
    cases=(
        "np.polyval([x, y, 2.0], x)",
        "np.polyval([1.0, x], A)",
        "np.polyval((x, y, y, -x), un)",
        "np.polyval([x], A)",
        "np.polyval(un, x)",
        "np.polyval(un, A)",
        "np.polyval(un, w)",
    ),
    complex_too=True,
)
def polyval(p: Any, x: Any) -> Any:
    y = np.float64(0.0) if x.ndim == 0 else np.zeros_like(x)
    for c in np.asarray(p):
        y = y * x + c
    return y


def longer(a1: Any, a2: Any) -> Any:
    """Both with leading zeros, so that they have as many coefficients."""
    more = a2.size - a1.size
    zeros = np.zeros(np.abs(more), a1.dtype)
    if more == 0:
        return a1, a2
    if more > 0:
        return np.concatenate((zeros, a1)), a2
    return a1, np.concatenate((zeros, a2))


@composite(
    np.polyadd, cases=("np.polyadd(u, v)", "np.polyadd([x, y], [y, x, 1.0])"), complex_too=True
)
def polyadd(a1: Any, a2: Any) -> Any:
    first, second = longer(np.atleast_1d(a1), np.atleast_1d(a2))
    return first + second


@composite(
    np.polysub, cases=("np.polysub(u, v)", "np.polysub([x, y, 2.0], [y, x])"), complex_too=True
)
def polysub(a1: Any, a2: Any) -> Any:
    first, second = longer(np.atleast_1d(a1), np.atleast_1d(a2))
    return first - second


@composite(
    np.polyder,
    cases=("np.polyder(un)", "np.polyder(un, 2)", "np.polyder([x, y, 3.0])"),
    complex_too=True,
)
def polyder(p: Any, m: Any = 1) -> Any:
    p = np.asarray(p)
    if m == 0:
        return p
    return polyder(p[:-1] * np.arange(p.size - 1, 0, -1), m - 1)


@composite(
    np.polyint,
    cases=("np.polyint(un)", "np.polyint(un, 2)", "np.polyint([x, y], k=x)"),
    complex_too=True,
)
def polyint(p: Any, m: Any = 1, k: Any = None) -> Any:
    if m > 1 and k is not None:
        return refuse("np.polyint of several constants is not supported: integrate one by one")
    p = np.asarray(p)
    if m == 0:
        return p
    constant = np.zeros(1, p.dtype) if k is None else np.atleast_1d(k)
    risen = np.concatenate((p / np.arange(p.size, 0, -1), constant))
    return risen if m == 1 else polyint(risen, m - 1)


@composite(np.polymul, cases=("np.polymul(u, w)", "np.polymul([x, y], [y, 1.0, x])"))
def polymul(a1: Any, a2: Any) -> Any:
    return np.convolve(a1, a2)


@composite(
    np.polyfit,
    cases=(
        "np.polyfit(un, v, 2)",
        "np.polyfit(un, np.sin(S), 1)",
        "np.polyfit(un, v, 1, w=u)",
    ),
)
def polyfit(
    x: Any, y: Any, deg: Any, rcond: Any = None, full: Any = False, w: Any = None, cov: Any = False
) -> Any:
    if full or cov:
        return refuse("np.polyfit with full= or cov= is not supported: leave it out")
    x, y = x + 0.0, y + 0.0
    lhs, rhs = np.vander(x, deg + 1), y
    if w is not None:
        lhs = lhs * w[:, None]
        rhs = rhs * (w[:, None] if y.ndim == 2 else w)
    scale = np.sqrt(np.sum(lhs * lhs, axis=0))
    c = np.linalg.lstsq(lhs / scale, rhs, rcond)[0]
    return c / scale[:, None] if y.ndim == 2 else c / scale


@composite(np.poly, cases=("np.poly([x, y])", "np.poly([x, y, 2.0, -x])"))
def poly(seq_of_zeros: Any) -> Any:
    c = np.ones(1)
    for zero in seq_of_zeros:
        c = np.convolve(c, np.array([1.0, -zero]))
    return c


@composite(
    np.polynomial.polynomial.polyval,
    cases=(
        "np.polynomial.polynomial.polyval(A, u)",
        "np.polynomial.polynomial.polyval(A, [1.0, y])",
    ),
)
def polyval_ascending(x: Any, c: Any, tensor: Any = True) -> Any:
    coefficients = np.asarray(c)
    if coefficients.ndim != 1:
        return refuse("polyval of several polynomials at once is not supported")
    x = np.asarray(x) if isinstance(x, list) or isinstance(x, tuple) else x
    y = coefficients[-1] + x * 0
    for i in range(2, coefficients.shape[0] + 1):
        y = coefficients[-i] + y * x
    return y


@composite(np.row_stack, cases=("np.row_stack([u, v])",))
def row_stack(tup: Any, *, dtype: Any = None) -> Any:
    return np.vstack(tup, dtype=dtype)
