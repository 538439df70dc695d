"""Data that passes no gradient: rounding, signs, tests of numbers, integer functions."""

from __future__ import annotations

import numpy as np

from ..ir.types import Scalar, Type
from .arithmetic import ANY
from .registry import InferError, Op, OpCall, complex_too, define, no_derivative
from .shapes import broadcast_dims, elementwise, with_dims

STEP = "it is a step"

# -- rounding and signs ----------------------------------------------------------------------------

no_derivative(elementwise("np.floor(x)", "math.floor(x)", sample=ANY), because=STEP)
no_derivative(elementwise("np.ceil(x)", "math.ceil(x)", sample=ANY), because=STEP)
no_derivative(elementwise("np.trunc(x)", "math.trunc(x)", sample=ANY), because=STEP)
no_derivative(elementwise("np.rint(x)", sample=ANY), because=STEP)
no_derivative(elementwise("np.sign(x)", sample=ANY), because=STEP)
no_derivative(elementwise("np.signbit(x)", sample=ANY), because=STEP)


def infer_own_dtype(call: OpCall) -> Type:
    """The operand's dtype and shape."""
    (x,) = call.types
    return with_dims(x.dtype, x.dims)


def infer_round(call: OpCall) -> Type:
    """The operand's dtype, but half precision for bools."""
    (x,) = call.types
    return with_dims("float16" if x.dtype == "bool" else x.dtype, x.dims)


no_derivative(
    define("np.fix(x)", infer=infer_own_dtype, elementwise=True, sample=ANY), because=STEP
)
no_derivative(
    define(
        "np.round(a, decimals=0)",
        "np.around(a, decimals=0)",
        name="np.round",
        infer=infer_round,
        elementwise=True,
        method="round",
        sample=ANY,
        cases=("np.round(An, 1)", "An.round(decimals=1)", "np.around(x)"),
    ),
    because=STEP,
)


# -- tests of numbers ------------------------------------------------------------------------------

no_derivative(elementwise("np.isnan(x)", "math.isnan(x)", "cmath.isnan(x)", sample=ANY))
no_derivative(elementwise("np.isinf(x)", "math.isinf(x)", "cmath.isinf(x)", sample=ANY))
no_derivative(elementwise("np.isfinite(x)", "math.isfinite(x)", "cmath.isfinite(x)", sample=ANY))


def infer_test(call: OpCall) -> Type:
    """NumPy bools in the common shape."""
    return with_dims("bool", broadcast_dims([t.dims for t in call.types]))


def infer_python_bool(call: OpCall) -> Type:
    """One Python bool, from operands that need not broadcast."""
    return Scalar("bool", weak=True)


def infer_allclose(call: OpCall) -> Type:
    """One Python bool."""
    broadcast_dims([t.dims for t in call.types])
    return Scalar("bool", weak=True)


def infer_scalar_test(call: OpCall) -> Type:
    """A Python bool from numbers."""
    require_numbers(call)
    return Scalar("bool", weak=True)


def require_numbers(call: OpCall) -> None:
    """Functions of `math` take no arrays with axes."""
    if any(t.dims for t in call.types):
        raise InferError("only 0-dimensional arrays can be converted to Python scalars")


for _name in ("isposinf", "isneginf"):
    no_derivative(define(f"np.{_name}(x)", infer=infer_test, elementwise=True, sample=ANY))

no_derivative(
    define(
        "np.isclose(a, b, rtol=1e-05, atol=1e-08, equal_nan=False)",
        infer=infer_test,
        elementwise=True,
        sample=ANY,
        cases=("np.isclose(A, row, 0.1)", "np.isclose(x, y, equal_nan=True)"),
    )
)
no_derivative(
    define(
        "np.allclose(a, b, rtol=1e-05, atol=1e-08, equal_nan=False)",
        infer=infer_allclose,
        cases=("np.allclose(A, row)", "np.allclose(x, x)"),
    )
)
no_derivative(
    define(
        "np.array_equal(a1, a2, equal_nan=False)",
        infer=infer_python_bool,
        cases=("np.array_equal(A, A)", "np.array_equal(A, u)", "np.array_equal(x, y)"),
    )
)
no_derivative(
    define(
        "math.isclose(a, b, rel_tol=1e-09, abs_tol=0.0)",
        name="math.isclose",
        infer=infer_scalar_test,
        cases=("math.isclose(x, y)", "math.isclose(x, x + 1e-12)"),
    )
)

complex_too("isnan", "isinf", "isfinite", "isclose", "allclose", "array_equal")

# -- integers --------------------------------------------------------------------------------------


def infer_integer(call: OpCall) -> Type:
    """A Python int from ints."""
    require_numbers(call)
    for type_ in call.types:
        if np.dtype(type_.dtype).kind not in "biu":
            raise InferError(f"'{type_.dtype}' object cannot be interpreted as an integer")
    return Scalar("int64", weak=True)


def _integer_function(text: str, *cases: str, varargs: bool = False) -> Op:
    name = text.split("(")[0]
    op = define(text, name=name, infer=infer_integer, varargs=varargs, cases=cases)
    return no_derivative(op, because="it is a function of integers")


_integer_function("math.factorial(n)", "math.factorial(5)")
_integer_function("math.comb(n, k)", "math.comb(5, 2)")
_integer_function("math.perm(n, k)", "math.perm(5, 2)")
_integer_function("math.isqrt(n)", "math.isqrt(17)")
_integer_function("math.gcd(*integers)", "math.gcd(12, 18)", "math.gcd(4, 6, 10)", varargs=True)
_integer_function("math.lcm(*integers)", "math.lcm(4, 6)", varargs=True)
