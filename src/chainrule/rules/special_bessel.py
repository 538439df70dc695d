"""Bessel functions, and others of their kind: Airy and Struve functions, spherical ones.

The derivatives in the argument are differences of neighbouring orders (DLMF 10.6, 10.29): nothing is
divided by the argument, so they hold at 0 too. No derivative by the order is known in such terms.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from scipy import special

from ..ir.types import Array, Type, is_inexact
from .arithmetic import ANY, POSITIVE
from .registry import (
    Interval,
    NotSupported,
    Op,
    OpCall,
    composite,
    define,
    not_written,
    pullback,
    same_text,
    tangent,
)
from .shapes import elementwise, promoted, with_dims

ORDERS: Final = Interval(0, 3, ints=True)
ROOT_PI: Final = 1.7724538509055159


def _by_order(*names: str, sample: Interval = ANY, probe: tuple[float, ...] = ()) -> None:
    """Declare functions of an order and an argument."""
    for name in names:
        op = elementwise(f"special.{name}(v, z)", sample=(ORDERS, sample), probe=probe)
        no_order(op, "v")


def no_order(op: Op, operand: str) -> None:
    """Refuse the derivative by an order or a degree."""
    not_written(
        op, operand, because=f"no closed form of the derivative by the order {operand} is known"
    )


# -- of order 0 and 1 ------------------------------------------------------------------------------

for _name in ("j0", "j1", "i0", "i1", "i0e", "i1e"):
    elementwise(f"special.{_name}(x)", sample=ANY, probe=(20.0,))
for _name in ("y0", "y1", "k0", "k1", "k0e", "k1e"):
    elementwise(f"special.{_name}(x)", sample=POSITIVE, probe=(20.0,))


def infer_i0(call: OpCall) -> Type:
    """Always an array; integers count as float64."""
    (x,) = call.types
    return Array(x.dtype if is_inexact(x) else "float64", x.dims)


define("np.i0(x)", infer=infer_i0, elementwise=True, sample=POSITIVE)


@pullback("y = special.j0(x)", wrt="x")
def j0_x(dy: Any, x: Any) -> Any:
    return -special.j1(x) * dy


@pullback("y = special.j1(x)", wrt="x")
def j1_x(dy: Any, x: Any) -> Any:
    return (special.j0(x) - special.jv(2, x)) / 2 * dy


@pullback("y = special.y0(x)", wrt="x", singular=True)
def y0_x(dy: Any, x: Any) -> Any:
    return -special.y1(x) * dy


@pullback("y = special.y1(x)", wrt="x", singular=True)
def y1_x(dy: Any, x: Any) -> Any:
    return (special.y0(x) - special.yv(2, x)) / 2 * dy


@pullback("y = special.i0(x)", wrt="x", singular=True)
def i0_x(dy: Any, x: Any) -> Any:
    return special.i1(x) * dy


@pullback("y = np.i0(x)", wrt="x", singular=True)
def np_i0_x(dy: Any, x: Any) -> Any:
    return special.i1(x) * dy


@pullback("y = special.i1(x)", wrt="x", singular=True)
def i1_x(dy: Any, x: Any) -> Any:
    return (special.i0(x) + special.iv(2, x)) / 2 * dy


@pullback("y = special.i0e(x)", wrt="x")
def i0e_x(dy: Any, x: Any) -> Any:
    # i1e(x) - sign(x) * i0e(x), which cancels for large x; 0 at the kink
    return -np.sign(x) * special.hyp1f1(1.5, 2.0, -2 * np.abs(x)) * dy


@pullback("y = special.i1e(x)", wrt="x")
def i1e_x(dy: Any, x: Any, y: Any) -> Any:
    # for large x the difference loses 2 x units of precision
    return ((special.i0e(x) + special.ive(2, x)) / 2 - np.sign(x) * y) * dy


@pullback("y = special.k0(x)", wrt="x", singular=True)
def k0_x(dy: Any, x: Any) -> Any:
    return -special.k1(x) * dy


@pullback("y = special.k1(x)", wrt="x", singular=True)
def k1_x(dy: Any, x: Any) -> Any:
    return -(special.k0(x) + special.kv(2, x)) / 2 * dy


@pullback("y = special.k0e(x)", wrt="x", singular=True)
def k0e_x(dy: Any, x: Any, y: Any) -> Any:
    # for large x the difference loses 2 x units of precision
    return (y - special.k1e(x)) * dy


@pullback("y = special.k1e(x)", wrt="x", singular=True)
def k1e_x(dy: Any, x: Any, y: Any) -> Any:
    return (y - (special.k0e(x) + special.kve(2, x)) / 2) * dy


# -- of any order ----------------------------------------------------------------------------------

_by_order("jv", "jve", "iv", "ive", probe=(0.5,))
_by_order("yv", "yve", "kv", "kve", sample=POSITIVE, probe=(0.5,))
for _name in ("yn", "kn"):
    no_order(elementwise(f"special.{_name}(n, x)", sample=(ORDERS, POSITIVE), probe=(1.0,)), "n")


@pullback("y = special.jv(v, z)", wrt="z", singular=True)
def jv_z(dy: Any, v: Any, z: Any) -> Any:
    return (special.jv(v - 1, z) - special.jv(v + 1, z)) / 2 * dy


@pullback("y = special.jve(v, z)", wrt="z", singular=True)
def jve_z(dy: Any, v: Any, z: Any) -> Any:
    return (special.jve(v - 1, z) - special.jve(v + 1, z)) / 2 * dy


@pullback("y = special.yv(v, z)", wrt="z", singular=True)
def yv_z(dy: Any, v: Any, z: Any) -> Any:
    return (special.yv(v - 1, z) - special.yv(v + 1, z)) / 2 * dy


@pullback("y = special.yve(v, z)", wrt="z", singular=True)
def yve_z(dy: Any, v: Any, z: Any) -> Any:
    return (special.yve(v - 1, z) - special.yve(v + 1, z)) / 2 * dy


@pullback("y = special.iv(v, z)", wrt="z", singular=True)
def iv_z(dy: Any, v: Any, z: Any) -> Any:
    return (special.iv(v - 1, z) + special.iv(v + 1, z)) / 2 * dy


@pullback("y = special.ive(v, z)", wrt="z", singular=True)
def ive_z(dy: Any, v: Any, z: Any, y: Any) -> Any:
    return ((special.ive(v - 1, z) + special.ive(v + 1, z)) / 2 - np.sign(z) * y) * dy


@pullback("y = special.kv(v, z)", wrt="z", singular=True)
def kv_z(dy: Any, v: Any, z: Any) -> Any:
    return -(special.kv(v - 1, z) + special.kv(v + 1, z)) / 2 * dy


@pullback("y = special.kve(v, z)", wrt="z", singular=True)
def kve_z(dy: Any, v: Any, z: Any, y: Any) -> Any:
    return (y - (special.kve(v - 1, z) + special.kve(v + 1, z)) / 2) * dy


@pullback("y = special.yn(n, x)", wrt="x", singular=True)
def yn_x(dy: Any, n: Any, x: Any) -> Any:
    return (special.yv(n - 1, x) - special.yv(n + 1, x)) / 2 * dy


@pullback("y = special.kn(n, x)", wrt="x", singular=True)
def kn_x(dy: Any, n: Any, x: Any) -> Any:
    return -(special.kv(n - 1, x) + special.kv(n + 1, x)) / 2 * dy


@composite(special.jvp)
def jvp(v: Any, z: Any, n: Any = 1) -> Any:
    """The derivative of order n, by those of the neighbouring orders."""
    return special.jv(v, z) if n == 0 else (jvp(v - 1, z, n - 1) - jvp(v + 1, z, n - 1)) / 2


@composite(special.yvp)
def yvp(v: Any, z: Any, n: Any = 1) -> Any:
    """The derivative of order n, by those of the neighbouring orders."""
    return special.yv(v, z) if n == 0 else (yvp(v - 1, z, n - 1) - yvp(v + 1, z, n - 1)) / 2


@composite(special.ivp)
def ivp(v: Any, z: Any, n: Any = 1) -> Any:
    """The derivative of order n, by those of the neighbouring orders."""
    return special.iv(v, z) if n == 0 else (ivp(v - 1, z, n - 1) + ivp(v + 1, z, n - 1)) / 2


@composite(special.kvp)
def kvp(v: Any, z: Any, n: Any = 1) -> Any:
    """The derivative of order n, by those of the neighbouring orders."""
    return special.kv(v, z) if n == 0 else -(kvp(v - 1, z, n - 1) + kvp(v + 1, z, n - 1)) / 2


# -- Struve and Airy functions ---------------------------------------------------------------------

for _name in ("struve", "modstruve"):
    no_order(elementwise(f"special.{_name}(v, x)", sample=(ORDERS, POSITIVE), probe=(0.5,)), "v")


@pullback("y = special.struve(v, x)", wrt="x", singular=True)
def struve_x(dy: Any, v: Any, x: Any) -> Any:
    power = (x / 2) ** v / (ROOT_PI * special.gamma(v + 1.5))
    return (special.struve(v - 1, x) - special.struve(v + 1, x) + power) / 2 * dy


@pullback("y = special.modstruve(v, x)", wrt="x", singular=True)
def modstruve_x(dy: Any, v: Any, x: Any) -> Any:
    power = (x / 2) ** v / (ROOT_PI * special.gamma(v + 1.5))
    return (special.modstruve(v - 1, x) + special.modstruve(v + 1, x) + power) / 2 * dy


def infer_several(ufunc: Any) -> Any:
    """The types of a function of one number that returns several."""

    def infer(call: OpCall) -> tuple[Type, ...]:
        (x,) = call.types
        return (with_dims(promoted(ufunc, call.types), x.dims),) * int(ufunc.nout)

    return infer


define(
    "special.airy(z)",
    infer=infer_several(special.airy),
    cases=("special.airy(An)", "special.airy(x)", "special.airy(z)"),
)


@pullback("ys = special.airy(z)", wrt="z")
def airy_z(dys: Any, z: Any, ys: Any) -> Any:
    dai, daip, dbi, dbip = dys
    ai, aip, bi, bip = ys
    return aip * dai + z * ai * daip + bip * dbi + z * bi * dbip


@tangent("ys = special.airy(z)", wrt="z")
def airy_z_dot(z_dot: Any, z: Any, ys: Any) -> Any:
    ai, aip, bi, bip = ys
    return aip * z_dot, z * ai * z_dot, bip * z_dot, z * bi * z_dot


# -- spherical Bessel functions --------------------------------------------------------------------


def infer_spherical(fun: Any) -> Any:
    """The shape of `z`; of the four functions only one keeps single precision."""

    def infer(call: OpCall) -> Type:
        (z,) = call.types
        if not isinstance(call["n"], int):
            raise NotSupported("the order has to be an int that is known before the program runs")
        return with_dims(fun(0, np.ones(1, z.dtype)).dtype.name, z.dims)

    return infer


for _name in ("jn", "yn", "in", "kn"):
    define(
        f"special.spherical_{_name}(n, z, derivative=False)",
        static=("n",),
        infer=infer_spherical(getattr(special, f"spherical_{_name}")),
        cases=(
            f"special.spherical_{_name}(0, A)",
            f"special.spherical_{_name}(2, x)",
            f"special.spherical_{_name}(1, u, derivative=True)",
        ),
    )


@pullback("y = special.spherical_jn(n, z)", wrt="z", singular=True)
def spherical_jn_z(dy: Any, n: Any, z: Any, y: Any, derivative: Any) -> Any:
    if not derivative:
        return special.spherical_jn(n, z, derivative=True) * dy
    return ((n * (n + 1) / z**2 - 1) * special.spherical_jn(n, z) - 2 / z * y) * dy


@pullback("y = special.spherical_yn(n, z)", wrt="z", singular=True)
def spherical_yn_z(dy: Any, n: Any, z: Any, y: Any, derivative: Any) -> Any:
    if not derivative:
        return special.spherical_yn(n, z, derivative=True) * dy
    return ((n * (n + 1) / z**2 - 1) * special.spherical_yn(n, z) - 2 / z * y) * dy


@pullback("y = special.spherical_in(n, z)", wrt="z", singular=True)
def spherical_in_z(dy: Any, n: Any, z: Any, y: Any, derivative: Any) -> Any:
    if not derivative:
        return special.spherical_in(n, z, derivative=True) * dy
    return ((n * (n + 1) / z**2 + 1) * special.spherical_in(n, z) - 2 / z * y) * dy


@pullback("y = special.spherical_kn(n, z)", wrt="z", singular=True)
def spherical_kn_z(dy: Any, n: Any, z: Any, y: Any, derivative: Any) -> Any:
    if not derivative:
        return special.spherical_kn(n, z, derivative=True) * dy
    return ((n * (n + 1) / z**2 + 1) * special.spherical_kn(n, z) - 2 / z * y) * dy


same_text(*(f"special.spherical_{_name}" for _name in ("jn", "yn", "in", "kn")))
