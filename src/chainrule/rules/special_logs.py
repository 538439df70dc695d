"""Logistic functions, entropies, losses and powers of `scipy.special`, safe at 0 and in the tails."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import special

from .arithmetic import ANY, POSITIVE
from .registry import composite, interval, pullback
from .shapes import elementwise
from .special import UNIT
from .trigonometry import or_one

# -- logistic functions ----------------------------------------------------------------------------

elementwise("special.expit(x)", sample=ANY, probe=(0.0, 40.0, -40.0))
elementwise("special.log_expit(x)", sample=ANY, probe=(0.0, 40.0, -40.0))
elementwise("special.logit(x)", sample=UNIT, probe=(0.5, 1e-9))


@pullback("y = special.expit(x)", wrt="x")
def expit_x(dy: Any, x: Any, y: Any) -> Any:
    # 1 - y would lose the right tail
    return special.expit(-x) * y * dy


@pullback("y = special.log_expit(x)", wrt="x")
def log_expit_x(dy: Any, x: Any) -> Any:
    return special.expit(-x) * dy


@pullback("y = special.logit(x)", wrt="x", singular=True)
def logit_x(dy: Any, x: Any) -> Any:
    return dy / (x * (1 - x))


@composite(special.softplus)
def softplus(x: Any) -> Any:
    """The logarithm of 1 + exp(x)."""
    return np.logaddexp(0, x)


# -- entropies -------------------------------------------------------------------------------------

elementwise("special.xlogy(x, y)", sample=POSITIVE)
elementwise("special.xlog1py(x, y)", sample=POSITIVE)
elementwise("special.entr(x)", sample=POSITIVE)
elementwise("special.rel_entr(x, y)", sample=POSITIVE)
elementwise("special.kl_div(x, y)", sample=POSITIVE)


def ratio(x: Any, y: Any) -> Any:
    """x / y, 0 where x is 0."""
    return np.where(x == 0, 0.0, x / np.where(x == 0, 1.0, y))


@pullback("z = special.xlogy(x, y)", wrt="x", singular=True)
def xlogy_x(dz: Any, y: Any) -> Any:
    return np.log(y) * dz


@pullback("z = special.xlogy(x, y)", wrt="y", singular=True)
def xlogy_y(dz: Any, x: Any, y: Any) -> Any:
    return ratio(x, y) * dz


@pullback("z = special.xlog1py(x, y)", wrt="x", singular=True)
def xlog1py_x(dz: Any, y: Any) -> Any:
    return np.log1p(y) * dz


@pullback("z = special.xlog1py(x, y)", wrt="y", singular=True)
def xlog1py_y(dz: Any, x: Any, y: Any) -> Any:
    return ratio(x, 1 + y) * dz


@pullback("z = special.entr(x)", wrt="x", singular=True)
def entr_x(dz: Any, x: Any) -> Any:
    return -(1 + np.log(x)) * dz


@pullback("z = special.rel_entr(x, y)", wrt="x", singular=True)
def rel_entr_x(dz: Any, x: Any, y: Any) -> Any:
    return (1 + np.log(x / y)) * dz


@pullback("z = special.rel_entr(x, y)", wrt="y", singular=True)
def rel_entr_y(dz: Any, x: Any, y: Any) -> Any:
    return -ratio(x, y) * dz


@pullback("z = special.kl_div(x, y)", wrt="x", singular=True)
def kl_div_x(dz: Any, x: Any, y: Any) -> Any:
    return np.log(x / y) * dz


@pullback("z = special.kl_div(x, y)", wrt="y", singular=True)
def kl_div_y(dz: Any, x: Any, y: Any) -> Any:
    return (1 - ratio(x, y)) * dz


# -- losses ----------------------------------------------------------------------------------------

elementwise("special.huber(delta, r)", sample=(POSITIVE, ANY))
elementwise("special.pseudo_huber(delta, r)", sample=(POSITIVE, ANY))


@pullback("y = special.huber(delta, r)", wrt="delta")
def huber_delta(dy: Any, delta: Any, r: Any) -> Any:
    return np.maximum(np.abs(r) - delta, 0) * dy


@pullback("y = special.huber(delta, r)", wrt="r")
def huber_r(dy: Any, delta: Any, r: Any) -> Any:
    return np.clip(r, -delta, delta) * dy


@pullback("y = special.pseudo_huber(delta, r)", wrt="delta")
def pseudo_huber_delta(dy: Any, delta: Any, r: Any) -> Any:
    length = np.hypot(delta, r)
    excess = r * r / or_one(length + delta)  # length - delta
    return excess * excess / or_one(length) * dy


@pullback("y = special.pseudo_huber(delta, r)", wrt="r")
def pseudo_huber_r(dy: Any, delta: Any, r: Any) -> Any:
    return delta * r / or_one(np.hypot(delta, r)) * dy


# -- powers and exponentials -----------------------------------------------------------------------

elementwise("special.cbrt(x)", sample=POSITIVE)
elementwise("special.exp2(x)", sample=ANY)
elementwise("special.exp10(x)", sample=ANY)
elementwise("special.expm1(x)", sample=ANY, probe=(1e-9,))
elementwise("special.log1p(x)", sample=POSITIVE, probe=(1e-9,))
elementwise("special.cosm1(x)", sample=ANY)
elementwise("special.exprel(x)", sample=ANY, probe=(0.0, 1e-9))
elementwise("special.powm1(x, y)", sample=POSITIVE)
elementwise("special.boxcox(x, lmbda)", sample=POSITIVE)
elementwise("special.boxcox1p(x, lmbda)", sample=POSITIVE)
elementwise("special.inv_boxcox(y, lmbda)", sample=POSITIVE)
elementwise("special.inv_boxcox1p(y, lmbda)", sample=POSITIVE)


@pullback("y = special.cbrt(x)", wrt="x", singular=True)
def cbrt_x(dy: Any, y: Any) -> Any:
    return dy / (3 * y * y)


@pullback("y = special.exp2(x)", wrt="x")
def exp2_x(dy: Any, y: Any) -> Any:
    return np.log(2) * y * dy


@pullback("y = special.exp10(x)", wrt="x")
def exp10_x(dy: Any, y: Any) -> Any:
    return np.log(10) * y * dy


@pullback("y = special.expm1(x)", wrt="x")
def expm1_x(dy: Any, y: Any) -> Any:
    return (y + 1) * dy


@pullback("y = special.log1p(x)", wrt="x", singular=True)
def log1p_x(dy: Any, x: Any) -> Any:
    return dy / (1 + x)


@pullback("y = special.cosm1(x)", wrt="x")
def cosm1_x(dy: Any, x: Any) -> Any:
    return -np.sin(x) * dy


def exprel_slope(x: Any) -> Any:
    """The derivative of (exp(x) - 1) / x."""
    return special.hyp1f1(2.0, 3.0, x) / 2


@pullback("y = special.exprel(x)", wrt="x")
def exprel_x(dy: Any, x: Any) -> Any:
    return exprel_slope(x) * dy


@pullback("z = special.powm1(x, y)", wrt="x", singular=True)
def powm1_x(dz: Any, x: Any, y: Any) -> Any:
    return y * x ** (y - 1) * dz


@pullback("z = special.powm1(x, y)", wrt="y", singular=True)
def powm1_y(dz: Any, x: Any, z: Any) -> Any:
    return np.log(x) * (z + 1) * dz


@pullback("y = special.boxcox(x, lmbda)", wrt="x", singular=True)
def boxcox_x(dy: Any, x: Any, lmbda: Any) -> Any:
    return x ** (lmbda - 1) * dy


@pullback("y = special.boxcox(x, lmbda)", wrt="lmbda", singular=True)
def boxcox_lmbda(dy: Any, x: Any, lmbda: Any) -> Any:
    log = np.log(x)
    return log**2 * exprel_slope(lmbda * log) * dy


@pullback("y = special.boxcox1p(x, lmbda)", wrt="x", singular=True)
def boxcox1p_x(dy: Any, x: Any, lmbda: Any) -> Any:
    return (1 + x) ** (lmbda - 1) * dy


@pullback("y = special.boxcox1p(x, lmbda)", wrt="lmbda", singular=True)
def boxcox1p_lmbda(dy: Any, x: Any, lmbda: Any) -> Any:
    log = np.log1p(x)
    return log**2 * exprel_slope(lmbda * log) * dy


@pullback("x = special.inv_boxcox(y, lmbda)", wrt="y", singular=True)
def inv_boxcox_y(dx: Any, x: Any, lmbda: Any) -> Any:
    return x ** (1 - lmbda) * dx


@pullback("x = special.inv_boxcox(y, lmbda)", wrt="lmbda", singular=True)
def inv_boxcox_lmbda(dx: Any, x: Any, lmbda: Any) -> Any:
    log = np.log(x)
    return -(x ** (1 - lmbda)) * log**2 * exprel_slope(lmbda * log) * dx


@pullback("x = special.inv_boxcox1p(y, lmbda)", wrt="y", singular=True)
def inv_boxcox1p_y(dx: Any, x: Any, lmbda: Any) -> Any:
    return (1 + x) ** (1 - lmbda) * dx


@pullback("x = special.inv_boxcox1p(y, lmbda)", wrt="lmbda", singular=True)
def inv_boxcox1p_lmbda(dx: Any, x: Any, lmbda: Any) -> Any:
    log = np.log1p(x)
    return -((1 + x) ** (1 - lmbda)) * log**2 * exprel_slope(lmbda * log) * dx


# -- angles in degrees -----------------------------------------------------------------------------

for _name in ("sindg", "cosdg", "tandg", "cotdg"):
    elementwise(f"special.{_name}(x)", sample=interval(10, 80))


@pullback("y = special.sindg(x)", wrt="x")
def sindg_x(dy: Any, x: Any) -> Any:
    return np.pi / 180 * special.cosdg(x) * dy


@pullback("y = special.cosdg(x)", wrt="x")
def cosdg_x(dy: Any, x: Any) -> Any:
    return -np.pi / 180 * special.sindg(x) * dy


@pullback("y = special.tandg(x)", wrt="x", singular=True)
def tandg_x(dy: Any, y: Any) -> Any:
    return np.pi / 180 * (1 + y * y) * dy


@pullback("y = special.cotdg(x)", wrt="x", singular=True)
def cotdg_x(dy: Any, y: Any) -> Any:
    return -np.pi / 180 * (1 + y * y) * dy
