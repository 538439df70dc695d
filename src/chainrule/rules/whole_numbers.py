"""Functions of whole numbers, neighbours of floats, windows, and other data without a derivative."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..ir.types import Array, Scalar, Type
from .arithmetic import ANY
from .extremes import infer_position
from .nondiff import STEP, infer_python_bool, require_numbers
from .registry import (
    InferError,
    Interval,
    OpCall,
    composite,
    define,
    no_derivative,
    pullback,
    tangent,
)
from .shapes import broadcast_dims, elementwise, promoted, with_dims
from .sizes import as_dim

WHOLE = Interval(1, 20, ints=True)
OF_INTEGERS = "it is a function of integers"

no_derivative(elementwise("np.gcd(x1, x2)", sample=WHOLE), because=OF_INTEGERS)
no_derivative(elementwise("np.lcm(x1, x2)", sample=WHOLE), because=OF_INTEGERS)
no_derivative(elementwise("np.bitwise_count(x)", sample=WHOLE), because=OF_INTEGERS)
no_derivative(elementwise("np.spacing(x)", sample=ANY), because=STEP)

for _name in ("nanargmax", "nanargmin"):
    no_derivative(
        define(
            f"np.{_name}(a, axis=None, out=None, keepdims=False)",
            infer=infer_position,
            cases=(f"np.{_name}(A)", f"np.{_name}(A, axis=0)", f"np.{_name}(u, keepdims=True)"),
        )
    )

no_derivative(
    define(
        "np.array_equiv(a1, a2)",
        infer=infer_python_bool,
        cases=("np.array_equiv(A, A)", "np.array_equiv(A, u)"),
    )
)


# ---- neighbours, mantissa and exponent


def infer_nextafter(call: OpCall) -> Type:
    """The common dtype."""
    if call.via == "math":
        require_numbers(call)
        return Scalar("float64", weak=True)
    dims = broadcast_dims([t.dims for t in call.types])
    return with_dims(promoted(np.nextafter, call.types), dims)


no_derivative(
    define(
        "np.nextafter(x1, x2)",
        "math.nextafter(x1, x2)",
        infer=infer_nextafter,
        elementwise=True,
        sample=ANY,
    ),
    "x2",
    because="it gives a direction",
)


@pullback("y = np.nextafter(x1, x2)", wrt="x1")
def nextafter_x1(dy: Any) -> Any:
    return +dy


def infer_frexp(call: OpCall) -> tuple[Type, Type]:
    """The mantissa, and the exponent as an integer."""
    (x,) = call.types
    if call.via == "math":
        require_numbers(call)
        return Scalar("float64", weak=True), Scalar("int64", weak=True)
    mantissa = with_dims(promoted(np.frexp, call.types), x.dims)
    return mantissa, with_dims("int32", x.dims)


define(
    "np.frexp(x)",
    "math.frexp(x)",
    infer=infer_frexp,
    cases=("np.frexp(A)", "np.frexp(x)", "np.frexp(un)[0]", "math.frexp(x)", "math.frexp(-y)[0]"),
)


@pullback("ys = np.frexp(x)", wrt="x")
def frexp_x(dys: Any, ys: Any) -> Any:
    return np.ldexp(dys[0], -ys[1])


@tangent("ys = np.frexp(x)", wrt="x")
def frexp_dot(x_dot: Any, ys: Any) -> Any:
    return np.ldexp(x_dot, -ys[1]), ys[1]


def infer_ulp(call: OpCall) -> Type:
    """A Python float."""
    require_numbers(call)
    return Scalar("float64", weak=True)


no_derivative(
    define("math.ulp(x)", name="math.ulp", infer=infer_ulp, cases=("math.ulp(x)",)), because=STEP
)


# ---- windows


def infer_window(call: OpCall) -> Type:
    """A vector of the given length."""
    size = as_dim(call["M"])
    if size.known is not None and size.known < 1:
        raise InferError("a window without elements")
    return Array("float64", (size,))


for _name in ("bartlett", "blackman", "hamming", "hanning"):
    define(
        f"np.{_name}(M)",
        static=("M",),
        infer=infer_window,
        cases=(f"np.{_name}(4) * u", f"np.{_name}(u.size + 1)[1:] * u"),
    )


@composite(np.kaiser, cases=("np.kaiser(4, 2.0) * u",))
def kaiser(M: Any, beta: Any) -> Any:
    if M == 1:
        return np.ones(1)
    alpha = (M - 1) / 2.0
    return np.i0(beta * np.sqrt(1 - ((np.arange(M) - alpha) / alpha) ** 2.0)) / np.i0(float(beta))
