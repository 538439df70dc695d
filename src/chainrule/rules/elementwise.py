"""Exponentials, logarithms, roots, and other functions of one number at a time."""

from __future__ import annotations

import ast
import cmath
import math
from typing import Any, Final

import numpy as np

from ..ir.types import Scalar, Type
from .arithmetic import ANY, POSITIVE
from .registry import (
    OPS,
    InferError,
    Interval,
    Op,
    OpCall,
    builtin,
    complex_too,
    composite,
    interval,
    no_derivative,
    pullback,
)
from .shapes import elementwise, promoted, with_dims

LOG_2: Final = math.log(2)
LOG_10: Final = math.log(10)

# -- exponentials: singular, since exp(x) is inf for large x, also where np.where drops it ---------

elementwise("np.exp(x)", "math.exp(x)", "cmath.exp(x)", sample=ANY, probe=(-40.0,))
elementwise("np.exp2(x)", "math.exp2(x)", sample=ANY, probe=(-40.0,))
elementwise("np.expm1(x)", "math.expm1(x)", sample=ANY, probe=(0.0, 1e-9))


@pullback("y = np.exp(x)", wrt="x", singular=True)
def exp_x(dy: Any, y: Any) -> Any:
    return y * dy


@pullback("y = np.exp2(x)", wrt="x", singular=True)
def exp2_x(dy: Any, y: Any) -> Any:
    return LOG_2 * y * dy


@pullback("y = np.expm1(x)", wrt="x", singular=True)
def expm1_x(dy: Any, x: Any) -> Any:
    return np.exp(x) * dy  # y + 1 has no digits left below -36


def infer_sigmoid(call: OpCall) -> Type:
    """The type of `1.0 / (1 + exp(-x))`."""
    (x,) = call.types
    negative = OPS["neg"].infer(OpCall((x,), {}))
    assert not isinstance(negative, tuple)
    if call.via in ("math", "cmath"):
        if x.dims:
            raise InferError("only 0-dimensional arrays can be converted to Python scalars")
        return Scalar("float64" if call.via == "math" else "complex128", weak=True)
    return with_dims(promoted(np.exp, [negative]), x.dims)


# No callable stands for it: the compiler forms it where it reads this expression.
OPS["sigmoid"] = Op(
    name="sigmoid",
    operands=("x",),
    options={},
    spellings={
        "np": ast.parse("1.0 / (1 + np.exp(-x))", mode="eval").body,
        "math": ast.parse("1.0 / (1 + math.exp(-x))", mode="eval").body,
        "cmath": ast.parse("1.0 / (1 + cmath.exp(-x))", mode="eval").body,
    },
    infer=infer_sigmoid,
    elementwise=True,
    order=("x",),
    sample=interval(-4, 4),
    probe=(0.0, 30.0, -30.0),
)


@pullback("s = sigmoid(x)", wrt="x", name="sigmoid")
def sigmoid_x(ds: Any, s: Any) -> Any:
    return (1 - s) * s * ds


# -- logarithms ------------------------------------------------------------------------------------

elementwise("np.log(x)", "math.log(x)", "cmath.log(x)", sample=POSITIVE)
elementwise("np.log2(x)", "math.log2(x)", sample=POSITIVE)
elementwise("np.log10(x)", "math.log10(x)", "cmath.log10(x)", sample=POSITIVE)
elementwise("np.log1p(x)", "math.log1p(x)", sample=interval(-0.5, 3), probe=(0.0, 1e-9))


@composite(math.log)
def log_with_base(x: Any, base: Any = None) -> Any:
    if base is None:
        return math.log(x)
    return math.log(x) / math.log(base)


@composite(cmath.log, complex_too=True)
def complex_log_with_base(x: Any, base: Any = None) -> Any:
    if base is None:
        return cmath.log(x)
    return cmath.log(x) / cmath.log(base)


@pullback("y = np.log(x)", wrt="x", singular=True)
def log_x(dy: Any, x: Any) -> Any:
    return dy / x


@pullback("y = np.log2(x)", wrt="x", singular=True)
def log2_x(dy: Any, x: Any) -> Any:
    return dy / (LOG_2 * x)


@pullback("y = np.log10(x)", wrt="x", singular=True)
def log10_x(dy: Any, x: Any) -> Any:
    return dy / (LOG_10 * x)


@pullback("y = np.log1p(x)", wrt="x", singular=True)
def log1p_x(dy: Any, x: Any) -> Any:
    return dy / (1 + x)


elementwise("np.logaddexp(a, b)", sample=ANY, probe=(-800.0, 800.0))
elementwise("np.logaddexp2(a, b)", sample=ANY, probe=(-1100.0, 1100.0))


def gap(a: Any, b: Any) -> Any:
    """`b - a`, and 0 rather than `inf - inf` where both are the same infinity."""
    same = (a == b) & np.isinf(a)
    return np.where(same, 0.0, b) - np.where(same, 0.0, a)


# The share of `a` is 1 / (1 + exp(b - a)), which has all digits however large both are.


@pullback("y = np.logaddexp(a, b)", wrt="a")
def logaddexp_a(dy: Any, a: Any, b: Any) -> Any:
    return np.exp(-np.logaddexp(0.0, gap(a, b))) * dy


@pullback("y = np.logaddexp(a, b)", wrt="b")
def logaddexp_b(dy: Any, a: Any, b: Any) -> Any:
    return np.exp(-np.logaddexp(0.0, gap(b, a))) * dy


@pullback("y = np.logaddexp2(a, b)", wrt="a")
def logaddexp2_a(dy: Any, a: Any, b: Any) -> Any:
    return np.exp2(-np.logaddexp2(0.0, gap(a, b))) * dy


@pullback("y = np.logaddexp2(a, b)", wrt="b")
def logaddexp2_b(dy: Any, a: Any, b: Any) -> Any:
    return np.exp2(-np.logaddexp2(0.0, gap(b, a))) * dy


# -- roots and simple powers -----------------------------------------------------------------------

elementwise("np.sqrt(x)", "math.sqrt(x)", "cmath.sqrt(x)", sample=POSITIVE)
elementwise("np.cbrt(x)", "math.cbrt(x)", sample=POSITIVE, probe=(-2.0,))
elementwise("np.square(x)", sample=ANY)
elementwise("np.reciprocal(x)", sample=POSITIVE, probe=(-2.0,))


def over(dy: Any, slope: Any) -> Any:
    """`dy / slope`, infinite at slope 0, where the division of Python floats would raise."""
    if slope.ndim == 0:
        return np.where(slope == 0, np.inf, 1.0 / slope) * dy
    return dy / slope


@pullback("y = np.sqrt(x)", wrt="x", singular=True)
def sqrt_x(dy: Any, y: Any) -> Any:
    if y.ndim == 0:
        return np.where(y == 0, np.inf, 0.5 / y) * dy
    return 0.5 / y * dy


@pullback("y = np.cbrt(x)", wrt="x", singular=True)
def cbrt_x(dy: Any, y: Any) -> Any:
    slope = 3 * y * y
    return over(dy, slope)


@pullback("y = np.square(x)", wrt="x")
def square_x(dy: Any, x: Any) -> Any:
    return 2 * x * dy


@pullback("y = np.reciprocal(x)", wrt="x", singular=True)
def reciprocal_x(dy: Any, y: Any) -> Any:
    return -(y**2) * dy


# -- absolute value --------------------------------------------------------------------------------

builtin(elementwise("np.abs(x)", name="abs", fun=abs, sample=ANY), "abs(x)")
elementwise("np.fabs(x)", "math.fabs(x)", sample=ANY)


def through_abs(dy: Any, x: Any, y: Any) -> Any:
    """The sign of `x` times the cotangent, 0 at 0; `math` has no sign function."""
    if np.iscomplexobj(x):
        return np.conj(x) / np.where(y == 0, 1.0, y) * dy
    if x.ndim == 0:
        return np.where(x > 0, dy, np.where(x < 0, -dy, 0.0))
    return np.sign(x) * dy


@pullback("y = np.abs(x)", wrt="x")
def abs_x(dy: Any, x: Any, y: Any) -> Any:
    return through_abs(dy, x, y)


@pullback("y = np.fabs(x)", wrt="x")
def fabs_x(dy: Any, x: Any, y: Any) -> Any:
    return through_abs(dy, x, y)


no_derivative(
    elementwise("np.copysign(a, b)", "math.copysign(a, b)", sample=ANY),
    "b",
    because="only its sign counts",
)


@pullback("c = np.copysign(a, b)", wrt="a")
def copysign_a(dc: Any, a: Any, c: Any) -> Any:
    if c.ndim == 0:
        return np.where(a == 0, 0.0, np.where((a > 0) == (c > 0), dc, -dc))
    return np.sign(a) * np.sign(c) * dc


# -- scaling by powers of two ----------------------------------------------------------------------

no_derivative(
    elementwise(
        "np.ldexp(x, i)", "math.ldexp(x, i)", sample=(interval(-3, 3), Interval(-3, 3, ints=True))
    ),
    "i",
    because="it is a whole number",
)


@pullback("y = np.ldexp(x, i)", wrt="x")
def ldexp_x(dy: Any, i: Any) -> Any:
    return np.ldexp(dy, i)


complex_too(
    "exp", "exp2", "expm1", "sigmoid", "log", "log2", "log10", "log1p", "sqrt", "square",
    "reciprocal", "abs",
)  # fmt: skip
