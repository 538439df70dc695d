"""Elliptic integrals and functions, exponential, sine and Fresnel integrals."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from scipy import special

from ..ir.types import Type
from .arithmetic import ANY, POSITIVE
from .registry import Interval, OpCall, define, literal, not_written, pullback, tangent
from .shapes import broadcast_dims, elementwise, with_dims
from .special import ROOT_HALF, ROOT_TWO_PI, UNIT
from .special_bessel import infer_several, no_order
from .trigonometry import or_one

DEGREES: Final = Interval(0, 4, ints=True)

# -- elliptic integrals, by Carlson's symmetric ones (DLMF 19.25), which do not cancel at m = 0 ----

elementwise("special.ellipk(m)", sample=UNIT, probe=(0.0, -2.0))
elementwise("special.ellipe(m)", sample=UNIT, probe=(0.0, -2.0))
elementwise("special.ellipkm1(p)", sample=UNIT)
elementwise("special.ellipkinc(phi, m)", sample=UNIT)
elementwise("special.ellipeinc(phi, m)", sample=UNIT)
elementwise("special.elliprf(x, y, z)", sample=POSITIVE)
elementwise("special.elliprd(x, y, z)", sample=POSITIVE)


@pullback("y = special.ellipk(m)", wrt="m")
def ellipk_m(dy: Any, m: Any) -> Any:
    return special.elliprd(0.0, 1.0, 1 - m) / 6 * dy


@pullback("y = special.ellipe(m)", wrt="m")
def ellipe_m(dy: Any, m: Any) -> Any:
    return -special.elliprd(0.0, 1 - m, 1.0) / 6 * dy


@pullback("y = special.ellipkm1(p)", wrt="p", singular=True)
def ellipkm1_p(dy: Any, p: Any) -> Any:
    return -special.elliprd(0.0, 1.0, p) / 6 * dy


@pullback("y = special.ellipkinc(phi, m)", wrt="phi", singular=True)
def ellipkinc_phi(dy: Any, phi: Any, m: Any) -> Any:
    return dy / np.sqrt(1 - m * np.sin(phi) ** 2)


@pullback("y = special.ellipkinc(phi, m)", wrt="m", singular=True)
def ellipkinc_m(dy: Any, phi: Any, m: Any, y: Any) -> Any:
    # undefined at m = 0, and imprecise near it
    root = np.sqrt(1 - m * np.sin(phi) ** 2)
    inner = (special.ellipeinc(phi, m) / m - np.sin(2 * phi) / (2 * root)) / (1 - m)
    return (inner - y / m) / 2 * dy


@pullback("y = special.ellipeinc(phi, m)", wrt="phi")
def ellipeinc_phi(dy: Any, phi: Any, m: Any) -> Any:
    return np.sqrt(1 - m * np.sin(phi) ** 2) * dy


@pullback("y = special.ellipeinc(phi, m)", wrt="m", singular=True)
def ellipeinc_m(dy: Any, phi: Any, m: Any, y: Any) -> Any:
    # undefined at m = 0, and imprecise near it
    return (y - special.ellipkinc(phi, m)) / (2 * m) * dy


@pullback("r = special.elliprf(x, y, z)", wrt="x", singular=True)
def elliprf_x(dr: Any, x: Any, y: Any, z: Any) -> Any:
    return -special.elliprd(y, z, x) / 6 * dr


@pullback("r = special.elliprf(x, y, z)", wrt="y", singular=True)
def elliprf_y(dr: Any, x: Any, y: Any, z: Any) -> Any:
    return -special.elliprd(x, z, y) / 6 * dr


@pullback("r = special.elliprf(x, y, z)", wrt="z", singular=True)
def elliprf_z(dr: Any, x: Any, y: Any, z: Any) -> Any:
    return -special.elliprd(x, y, z) / 6 * dr


def towards(x: Any, y: Any, z: Any, r: Any) -> Any:
    """`x` times the slope of elliprd(x, y, z) in x, undefined where x is z; 0 for a literal 0."""
    if literal(x) and x == 0:
        return 0.0
    return x * (special.elliprd(y, z, x) - r) / (2 * (x - z))


@pullback("r = special.elliprd(x, y, z)", wrt="x", singular=True)
def elliprd_x(dr: Any, x: Any, y: Any, z: Any, r: Any) -> Any:
    return (special.elliprd(y, z, x) - r) / (2 * (x - z)) * dr


@pullback("r = special.elliprd(x, y, z)", wrt="y", singular=True)
def elliprd_y(dr: Any, x: Any, y: Any, z: Any, r: Any) -> Any:
    return (special.elliprd(x, z, y) - r) / (2 * (y - z)) * dr


@pullback("r = special.elliprd(x, y, z)", wrt="z", singular=True)
def elliprd_z(dr: Any, x: Any, y: Any, z: Any, r: Any) -> Any:
    # it is homogeneous of degree -3/2
    return -(1.5 * r + towards(x, y, z, r) + towards(y, x, z, r)) / z * dr


# -- exponential, sine and other integrals ---------------------------------------------------------

elementwise("special.exp1(x)", sample=POSITIVE)
elementwise("special.expi(x)", sample=POSITIVE, probe=(-1.0,))
elementwise("special.spence(z)", sample=POSITIVE, probe=(1.0,))
elementwise("special.owens_t(h, a)", sample=ANY)
elementwise("special.wrightomega(z)", sample=ANY)
no_order(elementwise("special.expn(n, x)", sample=(DEGREES, POSITIVE), probe=(1.0,)), "n")


@pullback("y = special.exp1(x)", wrt="x", singular=True)
def exp1_x(dy: Any, x: Any) -> Any:
    return -np.exp(-x) / x * dy


@pullback("y = special.expi(x)", wrt="x", singular=True)
def expi_x(dy: Any, x: Any) -> Any:
    return np.exp(x) / x * dy


@pullback("y = special.expn(n, x)", wrt="x", singular=True)
def expn_x(dy: Any, n: Any, x: Any, y: Any) -> Any:
    at_zero = (np.exp(-x) + y) / x  # SciPy has no order -1
    return -np.where(n == 0, at_zero, special.expn(np.maximum(n - 1, 0), x)) * dy


@pullback("y = special.spence(z)", wrt="z", singular=True)
def spence_z(dy: Any, z: Any) -> Any:
    w = z - 1  # at 1 the series, so that derivatives of the derivative are right there
    return np.where(z == 1, w / 2 - w**2 / 3 - 1.0, np.log(z) / or_one(1 - z)) * dy


@pullback("y = special.owens_t(h, a)", wrt="h")
def owens_t_h(dy: Any, h: Any, a: Any) -> Any:
    return -special.erf(ROOT_HALF * a * h) * np.exp(-h * h / 2) / (2 * ROOT_TWO_PI) * dy


@pullback("y = special.owens_t(h, a)", wrt="a")
def owens_t_a(dy: Any, h: Any, a: Any) -> Any:
    square = 1 + a * a
    return np.exp(-h * h * square / 2) / (2 * np.pi * square) * dy


@pullback("y = special.wrightomega(z)", wrt="z")
def wrightomega_z(dy: Any, y: Any) -> Any:
    return y / (1 + y) * dy


for _name in ("sici", "shichi", "fresnel"):
    define(
        f"special.{_name}(x)",
        infer=infer_several(getattr(special, _name)),
        cases=(f"special.{_name}(A)", f"special.{_name}(x)", f"special.{_name}(z)"),
    )


@pullback("ys = special.sici(x)", wrt="x")
def sici_x(dys: Any, x: Any) -> Any:
    return np.sinc(x / np.pi) * dys[0] + np.cos(x) / x * dys[1]


@tangent("ys = special.sici(x)", wrt="x")
def sici_x_dot(x_dot: Any, x: Any, ys: Any) -> Any:
    return np.sinc(x / np.pi) * x_dot, np.cos(x) / x * x_dot


@pullback("ys = special.shichi(x)", wrt="x")
def shichi_x(dys: Any, x: Any) -> Any:
    return special.spherical_in(0, x) * dys[0] + np.cosh(x) / x * dys[1]


@tangent("ys = special.shichi(x)", wrt="x")
def shichi_x_dot(x_dot: Any, x: Any, ys: Any) -> Any:
    return special.spherical_in(0, x) * x_dot, np.cosh(x) / x * x_dot


@pullback("ys = special.fresnel(x)", wrt="x")
def fresnel_x(dys: Any, x: Any) -> Any:
    angle = np.pi / 2 * x * x
    return np.sin(angle) * dys[0] + np.cos(angle) * dys[1]


@tangent("ys = special.fresnel(x)", wrt="x")
def fresnel_x_dot(x_dot: Any, x: Any, ys: Any) -> Any:
    angle = np.pi / 2 * x * x
    return np.sin(angle) * x_dot, np.cos(angle) * x_dot


# -- Jacobi's elliptic functions -------------------------------------------------------------------


def infer_ellipj(call: OpCall) -> tuple[Type, ...]:
    """Four results in the common shape."""
    dims = broadcast_dims([t.dims for t in call.types])
    single = all(t.dtype == "float32" for t in call.types)
    return (with_dims("float32" if single else "float64", dims),) * 4


not_written(
    define(
        "special.ellipj(u, m)",
        infer=infer_ellipj,
        cases=("special.ellipj(A, 0.3)", "special.ellipj(x, y)", "special.ellipj(u, 0.4)"),
    ),
    "m",
    because="no closed form of the derivative by the parameter m is written",
)


@pullback("ys = special.ellipj(u, m)", wrt="u")
def ellipj_u(dys: Any, m: Any, ys: Any) -> Any:
    dsn, dcn, ddn, dph = dys
    sn, cn, dn, _ = ys
    return cn * dn * dsn - sn * dn * dcn - m * sn * cn * ddn + dn * dph


@tangent("ys = special.ellipj(u, m)", wrt="u")
def ellipj_u_dot(u_dot: Any, m: Any, ys: Any) -> Any:
    sn, cn, dn, _ = ys
    return cn * dn * u_dot, -sn * dn * u_dot, -m * sn * cn * u_dot, dn * u_dot
