"""Operators: arithmetic, quotient and remainder, powers, comparison, logic, bits."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from ..ir.types import Array, Scalar, Type
from .registry import (
    InferError,
    Interval,
    OpCall,
    complex_too,
    composite,
    define,
    interval,
    literal,
    no_derivative,
    pullback,
)
from .shapes import elementwise, infer_elementwise

ANY = interval(-3, 3)
POSITIVE = interval(0.5, 3)
BITS = Interval(0, 7, ints=True)

elementwise("np.add(a, b)", "a + b", name="add", fun=operator.add, sample=ANY)
elementwise("np.subtract(a, b)", "a - b", name="sub", fun=operator.sub, sample=ANY)
elementwise("np.multiply(a, b)", "a * b", name="mul", fun=operator.mul, sample=ANY)
elementwise("np.divide(a, b)", "a / b", name="div", fun=operator.truediv, sample=POSITIVE)
elementwise("np.negative(a)", "-a", name="neg", fun=operator.neg, sample=ANY)
elementwise("np.positive(a)", "+a", name="pos", fun=operator.pos, sample=ANY)


@pullback("c = a + b", wrt="a, b")
def add_ab(dc: Any) -> Any:
    return dc


@pullback("c = a - b", wrt="a")
def sub_a(dc: Any) -> Any:
    return dc


@pullback("c = a - b", wrt="b")
def sub_b(dc: Any) -> Any:
    return -dc


@pullback("c = a * b", wrt="a")
def mul_a(dc: Any, b: Any) -> Any:
    return b * dc


@pullback("c = a * b", wrt="b")
def mul_b(dc: Any, a: Any) -> Any:
    return a * dc


@pullback("c = a / b", wrt="a", singular=True)
def div_a(dc: Any, b: Any) -> Any:
    return dc / b


@pullback("c = a / b", wrt="b", singular=True)
def div_b(dc: Any, a: Any, b: Any, c: Any) -> Any:
    if literal(a) and a == 1:
        return -(c**2) * dc
    return -c / b * dc


@pullback("b = -a", wrt="a")
def neg_a(db: Any) -> Any:
    return -db


@pullback("b = +a", wrt="a")
def pos_a(db: Any) -> Any:
    return db


# -- quotient and remainder ------------------------------------------------------------------------

DIVISORS = (interval(4, 9), interval(1.5, 2.5))  # a / b stays clear of most whole numbers

no_derivative(
    elementwise(
        "np.floor_divide(a, b)", "a // b", name="floordiv", fun=operator.floordiv, sample=DIVISORS
    )
)
elementwise("np.mod(a, b)", "a % b", name="mod", fun=operator.mod, sample=DIVISORS)
elementwise("np.fmod(a, b)", "math.fmod(a, b)", sample=DIVISORS)
elementwise("math.remainder(a, b)", name="math.remainder", sample=DIVISORS)


@pullback("c = a % b", wrt="a")
def mod_a(dc: Any) -> Any:
    return dc


@pullback("c = a % b", wrt="b", singular=True)
def mod_b(dc: Any, a: Any, b: Any) -> Any:
    return -(a // b) * dc


@pullback("c = np.fmod(a, b)", wrt="a")
def fmod_a(dc: Any) -> Any:
    return dc


@pullback("c = np.fmod(a, b)", wrt="b", singular=True)
def fmod_b(dc: Any, a: Any, b: Any, c: Any) -> Any:
    # minus the number of times that b fits; np.trunc(a / b) can be one off, where a / b was rounded
    return (c - a) / b * dc


@pullback("c = math.remainder(a, b)", wrt="a")
def remainder_a(dc: Any) -> Any:
    return dc


@pullback("c = math.remainder(a, b)", wrt="b")
def remainder_b(dc: Any, a: Any, b: Any, c: Any) -> Any:
    return (c - a) / b * dc


@composite(divmod)
def divmod_(a: Any, b: Any) -> Any:
    return a // b, a % b


@composite(np.divmod)
def np_divmod(a: Any, b: Any) -> Any:
    return np.floor_divide(a, b), np.mod(a, b)


# -- powers ----------------------------------------------------------------------------------------


def _infer_pow(call: OpCall) -> Type:
    """As NumPy, except that an int to a negative int power is a float or an error, by spelling."""
    base, exponent = call.types
    if call.via == "math":
        if base.dims or exponent.dims:
            raise InferError("only 0-dimensional arrays can be converted to Python scalars")
        return Scalar("float64", weak=True)
    integers = np.dtype(base.dtype).kind in "iu" and np.dtype(exponent.dtype).kind in "iu"
    value = exponent.dim.known if isinstance(exponent, Scalar) and exponent.dim else None
    if integers and value is not None and value < 0:
        if not call.via and all(isinstance(t, Scalar) and t.weak for t in call.types):
            return Scalar("float64", weak=True)
        raise InferError("Integers to negative integer powers are not allowed.")
    if base.dtype == "bool" and base.dims and value == 2 and not call.via:
        return Array("int8", base.dims)  # `**` squares, which np.power does not
    return infer_elementwise(operator.pow, np.power)(call)


define(
    "np.power(a, b)",
    "a**b",
    "math.pow(a, b)",
    name="pow",
    infer=_infer_pow,
    elementwise=True,
    sample=POSITIVE,
)
elementwise("np.float_power(a, b)", sample=POSITIVE)


def through_base(dc: Any, a: Any, b: Any, c: Any) -> Any:
    """The part of the cotangent of `c = a**b` that reaches `a`."""
    if literal(b):
        if b == 0:
            return 0.0 * dc
        if b == 1:
            return dc
        if b == 2:
            return 2 * a * dc
        if b == -1:
            return -c * c * dc
        if np.iscomplexobj(b) or c.ndim > 0 or b < 0 or b > 1:
            return b * a ** (b - 1) * dc
        return np.where(a == 0, np.inf, b * a ** (b - 1)) * dc
    if np.iscomplexobj(b):
        return b * a ** (b - 1) * dc
    if c.ndim == 0:
        # 0.0**(b - 1) raises for Python floats: the slope is 0 for b = 0, infinite for 0 < b < 1
        steep = (a == 0) & (b > 0) & (b < 1)
        return np.where(b == 0, 0.0, np.where(steep, np.inf, b * a ** (b - 1))) * dc
    # a**0 is constant: without the other exponent it would be 0 * inf at a = 0
    return b * a ** np.where(b == 0, 1, b - 1) * dc


def through_exponent(dc: Any, a: Any, c: Any) -> Any:
    """The part of the cotangent of `c = a**b` that reaches `b`."""
    if np.iscomplexobj(c):
        base = np.where(a == 0, 1.0, a)
        return c * np.log(base if np.iscomplexobj(a) else base + 0j) * dc
    # 0**b is constant for b > 0; a power of a negative number has no slope in the exponent
    if literal(a):
        if a > 0:
            return c * np.log(a) * dc
        return (0.0 if a == 0 else np.nan) * dc
    base = np.where(a == 0, 1, np.where(a > 0, a, np.nan))
    return c * np.log(base) * dc


@pullback("c = a**b", wrt="a", singular=True)
def pow_a(dc: Any, a: Any, b: Any, c: Any) -> Any:
    return through_base(dc, a, b, c)


@pullback("c = a**b", wrt="b", singular=True)
def pow_b(dc: Any, a: Any, c: Any) -> Any:
    return through_exponent(dc, a, c)


@pullback("c = np.float_power(a, b)", wrt="a", singular=True)
def float_power_a(dc: Any, a: Any, b: Any, c: Any) -> Any:
    return through_base(dc, a, b, c)


@pullback("c = np.float_power(a, b)", wrt="b", singular=True)
def float_power_b(dc: Any, a: Any, c: Any) -> Any:
    return through_exponent(dc, a, c)


complex_too("add", "sub", "mul", "div", "neg", "pos", "pow", "float_power")

# -- comparison, logic, bits: data without a derivative --------------------------------------------

no_derivative(elementwise("np.equal(a, b)", "a == b", name="eq", fun=operator.eq, sample=ANY))
no_derivative(elementwise("np.not_equal(a, b)", "a != b", name="ne", fun=operator.ne, sample=ANY))
no_derivative(elementwise("np.less(a, b)", "a < b", name="lt", fun=operator.lt, sample=ANY))
no_derivative(elementwise("np.less_equal(a, b)", "a <= b", name="le", fun=operator.le, sample=ANY))
no_derivative(elementwise("np.greater(a, b)", "a > b", name="gt", fun=operator.gt, sample=ANY))
no_derivative(
    elementwise("np.greater_equal(a, b)", "a >= b", name="ge", fun=operator.ge, sample=ANY)
)
no_derivative(elementwise("np.logical_and(a, b)", sample=ANY))
no_derivative(elementwise("np.logical_or(a, b)", sample=ANY))
no_derivative(elementwise("np.logical_xor(a, b)", sample=ANY))
no_derivative(elementwise("np.logical_not(a)", sample=ANY))
no_derivative(
    elementwise("np.bitwise_and(a, b)", "a & b", name="bitand", fun=operator.and_, sample=BITS)
)
no_derivative(
    elementwise("np.bitwise_or(a, b)", "a | b", name="bitor", fun=operator.or_, sample=BITS)
)
no_derivative(
    elementwise("np.bitwise_xor(a, b)", "a ^ b", name="bitxor", fun=operator.xor, sample=BITS)
)
no_derivative(elementwise("np.invert(a)", "~a", name="invert", fun=operator.invert, sample=BITS))
no_derivative(
    elementwise("np.left_shift(a, b)", "a << b", name="lshift", fun=operator.lshift, sample=BITS)
)
no_derivative(
    elementwise("np.right_shift(a, b)", "a >> b", name="rshift", fun=operator.rshift, sample=BITS)
)

complex_too("eq", "ne", "logical_and", "logical_or", "logical_xor", "logical_not")
