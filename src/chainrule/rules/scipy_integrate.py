"""Integrals of samples and of functions in `scipy.integrate`."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import integrate, special

from .language import refuse, static_helper
from .registry import composite
from .signals import trapezoid

composite(integrate.trapezoid)(trapezoid)


def steps(x: Any, dx: Any) -> Any:
    """The distances of the samples, or the one distance."""
    if x is None:
        return dx
    if x.ndim != 1:
        refuse("the places of the samples have to be a vector")
    return np.diff(x)


def last(y: Any, axis: Any) -> Any:
    """The samples along the last axis."""
    return y if axis == -1 or axis == y.ndim - 1 else np.moveaxis(y, axis, -1)


def back(y: Any, axis: Any) -> Any:
    """The last axis where it was."""
    return y if axis == -1 or axis == y.ndim - 1 else np.moveaxis(y, -1, axis)


@composite(integrate.cumulative_trapezoid)
def cumulative_trapezoid(
    y: Any, x: Any = None, dx: Any = 1.0, axis: Any = -1, initial: Any = None
) -> Any:
    samples = last(y, axis)
    areas = steps(x, dx) * (samples[..., 1:] + samples[..., :-1]) / 2
    total = np.cumsum(areas, axis=-1)
    if initial is not None:
        start = np.zeros_like(samples[..., :1]) + initial
        total = np.concatenate((start, total), axis=-1)
    return back(total, axis)


@composite(integrate.simpson)
def simpson(y: Any, x: Any = None, *, dx: Any = 1.0, axis: Any = -1) -> Any:
    """Parabolas over every second step, with Cartwright's correction for a step that is left over."""
    samples = last(y, axis)
    n = samples.shape[-1]
    first = np.arange(n - 2)
    used = (first % 2 == 0) & (first < n - 3 + n % 2)
    left, middle, right = samples[..., :-2], samples[..., 1:-1], samples[..., 2:]
    end, before, third = samples[..., -1], samples[..., -2], samples[..., -3]
    over = (n + 1) % 2  # is a step left over?
    if x is None:
        parabolas = (left + 4 * middle + right) * (dx / 3)
        rest = (5 * end + 8 * before - third) * (dx / 12)
        return np.sum(np.where(used, parabolas, 0.0), axis=-1) + over * rest
    h = steps(x, dx)
    a, b = h[:-1], h[1:]
    both = a + b
    parabolas = (2 - b / a) * left + both**2 / (a * b) * middle + (2 - a / b) * right
    a, b = h[-2], h[-1]
    rest = (2 * b + 3 * a) * b / (a + b) * end + (b + 3 * a) * b / a * before
    rest = (rest - b**3 / (a * (a + b)) * third) / 6
    return np.sum(np.where(used, both / 6 * parabolas, 0.0), axis=-1) + over * rest


@static_helper
def gauss_legendre(n: int) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """The nodes and weights of Gauss and Legendre."""
    nodes, weights = special.roots_legendre(n)
    return tuple(map(float, nodes)), tuple(map(float, weights))


@composite(integrate.fixed_quad)
def fixed_quad(func: Any, a: Any, b: Any, args: Any = (), n: Any = 5) -> Any:
    nodes, weights = gauss_legendre(n)
    half = (b - a) / 2
    places = half * (np.array(nodes) + 1) + a
    return half * np.sum(np.array(weights) * func(places, *args), axis=-1), None
