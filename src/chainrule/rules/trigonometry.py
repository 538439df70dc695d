"""Trigonometric and hyperbolic functions, their inverses, angles and lengths."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..ir.types import Scalar, Type, is_inexact
from .arithmetic import ANY, POSITIVE
from .elementwise import over
from .registry import (
    InferError,
    OpCall,
    complex_too,
    composite,
    define,
    interval,
    pullback,
    same_text,
)
from .shapes import elementwise, with_dims

INSIDE = interval(-0.9, 0.9)

# -- trigonometric ---------------------------------------------------------------------------------

elementwise("np.sin(x)", "math.sin(x)", "cmath.sin(x)", sample=ANY)
elementwise("np.cos(x)", "math.cos(x)", "cmath.cos(x)", sample=ANY)
elementwise("np.tan(x)", "math.tan(x)", "cmath.tan(x)", sample=interval(-1.4, 1.4))
elementwise("np.arcsin(x)", "math.asin(x)", "cmath.asin(x)", sample=INSIDE, probe=(0.999, -0.999))
elementwise("np.arccos(x)", "math.acos(x)", "cmath.acos(x)", sample=INSIDE, probe=(0.999, -0.999))
elementwise("np.arctan(x)", "math.atan(x)", "cmath.atan(x)", sample=ANY, probe=(1e6,))


@pullback("y = np.sin(x)", wrt="x")
def sin_x(dy: Any, x: Any) -> Any:
    return np.cos(x) * dy


@pullback("y = np.cos(x)", wrt="x")
def cos_x(dy: Any, x: Any) -> Any:
    return -np.sin(x) * dy


@pullback("y = np.tan(x)", wrt="x")
def tan_x(dy: Any, y: Any) -> Any:
    return (1 + y**2) * dy


@pullback("y = np.arcsin(x)", wrt="x", singular=True)
def arcsin_x(dy: Any, x: Any) -> Any:
    cosine = np.sqrt((1 - x) * (1 + x))  # 1 - x**2 would cancel near 1
    return over(dy, cosine)


@pullback("y = np.arccos(x)", wrt="x", singular=True)
def arccos_x(dy: Any, x: Any) -> Any:
    sine = np.sqrt((1 - x) * (1 + x))
    return -over(dy, sine)


@pullback("y = np.arctan(x)", wrt="x")
def arctan_x(dy: Any, x: Any) -> Any:
    return dy / (1 + x * x)  # for a float, x**2 raises where it overflows


# -- hyperbolic ------------------------------------------------------------------------------------

elementwise("np.sinh(x)", "math.sinh(x)", "cmath.sinh(x)", sample=ANY)
elementwise("np.cosh(x)", "math.cosh(x)", "cmath.cosh(x)", sample=ANY)
elementwise("np.tanh(x)", "math.tanh(x)", "cmath.tanh(x)", sample=ANY, probe=(0.0, 20.0))
elementwise("np.arcsinh(x)", "math.asinh(x)", "cmath.asinh(x)", sample=ANY, probe=(1e6,))
elementwise(
    "np.arccosh(x)", "math.acosh(x)", "cmath.acosh(x)", sample=interval(1.2, 4), probe=(1.001,)
)
elementwise(
    "np.arctanh(x)", "math.atanh(x)", "cmath.atanh(x)", sample=INSIDE, probe=(0.999, -0.999)
)


@pullback("y = np.sinh(x)", wrt="x", singular=True)
def sinh_x(dy: Any, x: Any) -> Any:
    return np.cosh(x) * dy


@pullback("y = np.cosh(x)", wrt="x", singular=True)
def cosh_x(dy: Any, x: Any) -> Any:
    return np.sinh(x) * dy


@pullback("y = np.tanh(x)", wrt="x")
def tanh_x(dy: Any, y: Any) -> Any:
    # Exactly 0 from |x| = 19, where the true slope is 1.3e-16.
    return (1 - y**2) * dy


@pullback("y = np.arcsinh(x)", wrt="x")
def arcsinh_x(dy: Any, x: Any) -> Any:
    return dy / np.sqrt(1 + x * x)


@pullback("y = np.arccosh(x)", wrt="x", singular=True)
def arccosh_x(dy: Any, x: Any) -> Any:
    if np.iscomplexobj(x):
        sinh = np.sqrt(x - 1) * np.sqrt(x + 1)  # the root of the product is that only for Re x > 0
        return over(dy, sinh)
    sinh = np.sqrt((x - 1) * (x + 1))
    return over(dy, sinh)


@pullback("y = np.arctanh(x)", wrt="x", singular=True)
def arctanh_x(dy: Any, x: Any) -> Any:
    return dy / ((1 - x) * (1 + x))


# -- units of angles -------------------------------------------------------------------------------

elementwise("np.radians(x)", "math.radians(x)", sample=interval(-200, 200))
elementwise("np.degrees(x)", "math.degrees(x)", sample=ANY)
elementwise("np.deg2rad(x)", sample=interval(-200, 200))
elementwise("np.rad2deg(x)", sample=ANY)


@pullback("y = np.radians(x)", wrt="x")
def radians_x(dy: Any) -> Any:
    return np.radians(dy)


@pullback("y = np.degrees(x)", wrt="x")
def degrees_x(dy: Any) -> Any:
    return np.degrees(dy)


@pullback("y = np.deg2rad(x)", wrt="x")
def deg2rad_x(dy: Any) -> Any:
    return np.deg2rad(dy)


@pullback("y = np.rad2deg(x)", wrt="x")
def rad2deg_x(dy: Any) -> Any:
    return np.rad2deg(dy)


# -- lengths and directions: 0 at the origin, as an element of the subdifferential -----------------


def infer_lengths(call: OpCall) -> Type:
    """A Python float of any number of scalars."""
    if any(t.dims for t in call.types):
        raise InferError("only 0-dimensional arrays can be converted to Python scalars")
    return Scalar("float64", weak=True)


# Before np.hypot, so that math.hypot, which takes any number of arguments, means this operation.
define(
    "math.hypot(*coordinates)",
    name="math.hypot",
    varargs=True,
    infer=infer_lengths,
    cases=("math.hypot(x, y)", "math.hypot(x, y, 2.0)", "math.hypot(-x)", "math.hypot(x, x)"),
)
elementwise("np.hypot(a, b)", "math.hypot(a, b)", name="hypot", sample=ANY)
elementwise("np.arctan2(a, b)", "math.atan2(a, b)", sample=POSITIVE, probe=(-2.0,))


def or_one(length: Any) -> Any:
    """The length as a divisor, 1 at the origin, where what it divides is 0."""
    return np.where(length == 0, 1.0, length)


@pullback("r = math.hypot(coordinates)", wrt="coordinates")
def hypot_coordinates(dr: Any, coordinates: Any, r: Any, k: Any) -> Any:
    return coordinates[k] / or_one(r) * dr


@pullback("r = np.hypot(a, b)", wrt="a")
def hypot_a(dr: Any, a: Any, r: Any) -> Any:
    return a / or_one(r) * dr


@pullback("r = np.hypot(a, b)", wrt="b")
def hypot_b(dr: Any, b: Any, r: Any) -> Any:
    return b / or_one(r) * dr


@pullback("angle = np.arctan2(a, b)", wrt="a")
def arctan2_a(dangle: Any, a: Any, b: Any) -> Any:
    r = or_one(np.hypot(a, b))  # a**2 + b**2 would overflow, and vanish, much sooner
    return b / r / r * dangle


@pullback("angle = np.arctan2(a, b)", wrt="b")
def arctan2_b(dangle: Any, a: Any, b: Any) -> Any:
    r = or_one(np.hypot(a, b))
    return -a / r / r * dangle


@composite(math.dist)
def dist(p: Any, q: Any) -> Any:
    return math.hypot(*(a - b for a, b in zip(p, q, strict=True)))


# -- sinc ------------------------------------------------------------------------------------------


def infer_sinc(call: OpCall) -> Type:
    """Its own dtype for floats, float64 for integers of any width, since pi multiplies them."""
    (x,) = call.types
    return with_dims(x.dtype if is_inexact(x) else "float64", x.dims)


define(
    "np.sinc(x)", infer=infer_sinc, elementwise=True, sample=ANY, probe=(0.0, 1.0, 1e-6, 0.09, 0.1)
)


@pullback("y = np.sinc(x)", wrt="x")
def sinc_x(dy: Any, x: Any, y: Any) -> Any:
    # (cos(pi x) - sinc(x)) / x cancels near 0, where the series of sin(t) / t takes over
    t = np.pi * x
    near = np.abs(t) < 1.0
    t2 = np.where(near, t * t, 0.0)
    tail = 1 - t2 / 88 * (1 - t2 / 130 * (1 - t2 / 180 * (1 - t2 / 238 * (1 - t2 / 304))))
    series = -np.pi * t / 3 * (1 - t2 / 10 * (1 - t2 / 28 * (1 - t2 / 54 * tail)))
    slope = np.where(near, series, (np.cos(t) - y) / np.where(x == 0, 1.0, x))
    return slope * dy


same_text("math.hypot")

complex_too(
    "sin", "cos", "tan", "arcsin", "arccos", "arctan", "sinh", "cosh", "tanh", "arcsinh",
    "arccosh", "arctanh", "sinc",
)  # fmt: skip
