"""Complex numbers taken apart: real and imaginary part, conjugate, angle.

None of these is holomorphic. See `registry` for what the gradient of a complex value is.
"""

from __future__ import annotations

import cmath
import math
from typing import Any

import numpy as np

from ..ir.types import Array, Scalar, Type
from .arithmetic import ANY
from .registry import (
    METHODS,
    OPS,
    InferError,
    OpCall,
    builtin,
    complex_too,
    composite,
    define,
    linear,
    no_derivative,
    pullback,
)
from .shapes import elementwise, with_dims

# -- real and imaginary part -----------------------------------------------------------------------


def real_dtype(dtype: str) -> str:
    """The precision of the parts of a complex number, a real dtype as it is.

    >>> real_dtype("complex64"), real_dtype("int64")
    ('float32', 'int64')
    """
    return str(np.zeros(0, dtype).real.dtype.name)


def infer_part(call: OpCall) -> Type:
    """A real number of the operand's precision, but an int for a Python bool."""
    (val,) = call.types
    if isinstance(val, Scalar) and val.weak and val.dtype == "bool":
        return Scalar("int64", weak=True)
    if np.dtype(val.dtype).kind != "c":
        return val
    dtype = real_dtype(val.dtype)
    return Scalar(dtype, val.weak) if isinstance(val, Scalar) else Array(dtype, val.dims)


def infer_real_if_close(call: OpCall) -> Type:
    """An array of rank 0 too."""
    return Array(call.types[0].dtype, call.types[0].dims)


define("np.real(val)", "val.real", infer=infer_part, elementwise=True, returns="view", sample=ANY)
define("np.imag(val)", "val.imag", infer=infer_part, elementwise=True, returns="view", sample=ANY)
define(
    "np.real_if_close(a, tol=100)",
    infer=infer_real_if_close,
    elementwise=True,
    returns="view",
    sample=ANY,
)


@pullback("y = np.real(val)", wrt="val")
def real_val(dy: Any) -> Any:
    return dy


@pullback("y = np.imag(val)", wrt="val")
def imag_val(dy: Any, val: Any) -> Any:
    return -1j * dy if np.iscomplexobj(val) else 0.0 * dy


@pullback("y = np.real_if_close(a)", wrt="a")
def real_if_close_a(dy: Any) -> Any:
    return dy


linear(("real", "imag", "real_if_close"))

# -- conjugate -------------------------------------------------------------------------------------

elementwise(
    "np.conj(x)", method=True, sample=ANY, cases=("(u + 1j * v).conj()", "(v * 1j).conjugate() * u")
)
builtin(OPS["conj"], "x.conjugate()")
METHODS["conjugate"] = "conj"


@pullback("y = np.conj(x)", wrt="x")
def conj_x(dy: Any) -> Any:
    return np.conj(dy)


linear("conj")

# -- angle -----------------------------------------------------------------------------------------


def infer_angle(call: OpCall) -> Type:
    """A real number, as arctan2 makes it of the parts."""
    (z,) = call.types
    weak = isinstance(z, Scalar) and z.weak
    dtype = np.angle(np.ones((), z.dtype).item() if weak else np.ones((), z.dtype)).dtype
    return with_dims(dtype.name, z.dims)


define(
    "np.angle(z, deg=False)",
    infer=infer_angle,
    elementwise=True,
    sample=ANY,
    cases=("np.angle(x + 1j * y)", "np.angle(u - 1j * v, deg=True)"),
)


def infer_phase(call: OpCall) -> Type:
    """A Python float of one number."""
    if call.types[0].dims:
        raise InferError("only 0-dimensional arrays can be converted to Python scalars")
    return Scalar("float64", weak=True)


define(
    "cmath.phase(z)",
    name="phase",
    infer=infer_phase,
    elementwise=True,
    sample=ANY,
    cases=("cmath.phase(complex(x, y))", "cmath.phase(x + 1j)"),
)


@pullback("y = np.angle(z)", wrt="z")
def angle_z(dy: Any, z: Any, deg: Any) -> Any:
    return turn(dy, z) * (180 / np.pi) if deg else turn(dy, z)


@pullback("y = cmath.phase(z)", wrt="z")
def phase_z(dy: Any, z: Any) -> Any:
    return turn(dy, z)


def turn(dy: Any, z: Any) -> Any:
    """The pullback of an angle: 0 at 0, where there is none."""
    if not np.iscomplexobj(z):
        return 0.0 * dy
    return -1j / np.where(z == 0, np.inf, z) * dy


@composite(cmath.polar, complex_too=True)
def polar(z: Any) -> Any:
    return abs(z), cmath.phase(z)


@composite(cmath.rect, complex_too=True)
def rect(r: Any, phi: Any) -> Any:
    return complex(r * math.cos(phi), r * math.sin(phi))


# -- tests -----------------------------------------------------------------------------------------


def infer_test(call: OpCall) -> Type:
    """NumPy bools, one for each number."""
    return with_dims("bool", call.types[0].dims)


no_derivative(define("np.isreal(x)", infer=infer_test, elementwise=True, sample=ANY))
no_derivative(define("np.iscomplex(x)", infer=infer_test, elementwise=True, sample=ANY))

complex_too("real", "imag", "conj", "angle", "phase", "isreal", "iscomplex")
