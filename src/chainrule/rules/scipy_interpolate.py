"""Interpolation in `scipy.interpolate`: what is made of samples is a nested function of the places.

A spline is written by its slopes at the knots, which solve a linear system in the samples.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import interpolate

from .language import refuse
from .registry import composite


def vectors(x: Any, y: Any) -> Any:
    """The samples, as many as there are knots."""
    if x.ndim != 1 or y.ndim != 1:
        refuse("interpolation of vectors only")
    return y.reshape(x.shape)


def piece(x: Any, places: Any) -> Any:
    """The number of the piece that each place is in; those outside are in the first or last."""
    return np.clip(np.searchsorted(x, places, side="right") - 1, 0, x.shape[0] - 2)


@composite(interpolate.interp1d)
def interp1d(
    x: Any,
    y: Any,
    kind: Any = "linear",
    axis: Any = -1,
    copy: Any = True,
    bounds_error: Any = None,
    fill_value: Any = np.nan,
    assume_sorted: Any = False,
) -> Any:
    """Linear; NaN outside where SciPy raises ValueError, and for `fill_value="extrapolate"` the line."""
    y = vectors(x, y)
    if kind == "cubic":
        return CubicSpline(x, y)
    if kind != "linear":
        refuse("interp1d is supported with kind='linear' and kind='cubic'")
    order = np.argsort(x)
    knots, values = (x, y) if assume_sorted else (x[order], y[order])

    def at(places: Any) -> Any:
        k = piece(knots, places)
        slope = (values[k + 1] - values[k]) / (knots[k + 1] - knots[k])
        line = values[k] + slope * (places - knots[k])
        if isinstance(fill_value, str):
            return line
        inside = (places >= knots[0]) & (places <= knots[-1])
        return np.where(inside, line, fill_value)

    return at


def hermite(x: Any, y: Any, slopes: Any) -> Any:
    """The cubic pieces with given values and slopes at the knots."""

    def at(places: Any, nu: Any = 0) -> Any:
        k = piece(x, places)
        h = x[k + 1] - x[k]
        t = (places - x[k]) / h
        rise = (y[k + 1] - y[k]) / h
        first, second = slopes[k] - rise, slopes[k + 1] - rise
        if nu == 0:
            straight = y[k] + t * (y[k + 1] - y[k])
            return straight + t * (1 - t) * h * (first * (1 - t) - second * t)
        if nu == 1:
            curved = first * (1 - t) * (1 - 3 * t) - second * t * (2 - 3 * t)
            return rise + curved
        if nu == 2:
            return (first * (6 * t - 4) + second * (6 * t - 2)) / h
        return refuse("derivatives of a spline up to the second are supported")

    return at


def natural_slopes(x: Any, y: Any, bc_type: Any) -> Any:
    """The slopes of a cubic spline at its knots."""
    h = np.diff(x)
    rise = np.diff(y) / h
    inner = np.diag(2 * (h[:-1] + h[1:]))
    n = x.shape[0]
    zeros = np.zeros((n - 2, 1))
    left = np.concatenate((np.diag(h[1:]), zeros, zeros), axis=1)
    middle = np.concatenate((zeros, inner, zeros), axis=1)
    right = np.concatenate((zeros, zeros, np.diag(h[:-1])), axis=1)
    rest = 3 * (h[1:] * rise[:-1] + h[:-1] * rise[1:])
    first, last, start, end = ends(h, rise, n, bc_type)
    matrix = np.concatenate((first, left + middle + right, last))
    return np.linalg.solve(matrix, np.concatenate((start, rest, end)))


def row(values: Any, before: Any, n: Any) -> Any:
    """A row of a matrix with some values in it."""
    after = n - before - values.shape[0]
    return np.concatenate((np.zeros(before), values, np.zeros(after)))[None, :]


def ends(h: Any, rise: Any, n: Any, bc_type: Any) -> Any:
    """The equations at both ends."""
    if bc_type == "natural":
        first, last = np.array([2.0, 1.0]), np.array([1.0, 2.0])
        start, end = 3 * rise[:1], 3 * rise[-1:]
    elif bc_type == "clamped":
        first, last = np.array([1.0, 0.0]), np.array([0.0, 1.0])
        start, end = 0 * rise[:1], 0 * rise[-1:]
    elif bc_type == "not-a-knot":
        d, e = h[0] + h[1], h[-1] + h[-2]
        first, last = np.array([h[1], d]), np.array([e, h[-2]])
        start = ((h[0] + 2 * d) * h[1] * rise[0] + h[0] ** 2 * rise[1]) / d
        end = (h[-1] ** 2 * rise[-2] + (2 * e + h[-1]) * h[-2] * rise[-1]) / e
        # three knots are another case in SciPy: NaN instead of a singular system
        start, end = np.atleast_1d(np.where(n > 3, start, np.nan)), np.atleast_1d(end)
    else:
        refuse("bc_type is supported as 'not-a-knot', 'natural' and 'clamped'")
    return row(first, 0, n), row(last, n - 2, n), start, end


@composite(interpolate.CubicSpline)
def CubicSpline(
    x: Any, y: Any, axis: Any = 0, bc_type: Any = "not-a-knot", extrapolate: Any = None
) -> Any:
    y = vectors(x, y)
    if extrapolate is not None and not extrapolate:
        refuse("extrapolate=False is not supported")
    return hermite(x, y, natural_slopes(x, y, bc_type))


@composite(interpolate.make_interp_spline)
def make_interp_spline(
    x: Any,
    y: Any,
    k: Any = 3,
    t: Any = None,
    bc_type: Any = None,
    axis: Any = 0,
    check_finite: Any = True,
) -> Any:
    if k != 3 or t is not None:
        refuse("make_interp_spline is supported with k=3")
    return CubicSpline(x, y, bc_type="not-a-knot" if bc_type is None else bc_type)


@composite(interpolate.CubicHermiteSpline)
def CubicHermiteSpline(x: Any, y: Any, dydx: Any, axis: Any = 0, extrapolate: Any = None) -> Any:
    return hermite(x, vectors(x, y), vectors(x, dydx))
