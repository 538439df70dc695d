"""Hypergeometric functions, orthogonal polynomials and the zeta function, in their argument.

The slope of each is a function of its own family with shifted parameters (DLMF 15.5, 16.3, 18.9). No
derivative by a parameter or a degree is known in such terms.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from scipy import special

from ..ir.types import Type
from .arithmetic import POSITIVE
from .language import refuse
from .registry import (
    Interval,
    NotSupported,
    Op,
    OpCall,
    complex_too,
    composite,
    define,
    interval,
    no_derivative,
    not_written,
    pullback,
    same_text,
)
from .shapes import elementwise, with_dims

INSIDE: Final = interval(-0.9, 0.9)
DEGREES: Final = Interval(0, 4, ints=True)


def _in_argument_only(op: Op) -> None:
    """Refuse the derivatives by all operands but the last."""
    not_written(op, *op.operands[:-1], because="only the derivative by the argument is known")


# -- hypergeometric functions ----------------------------------------------------------------------

_in_argument_only(elementwise("special.hyp0f1(v, z)", sample=POSITIVE))
_in_argument_only(elementwise("special.hyp1f1(a, b, x)", sample=POSITIVE))
_in_argument_only(elementwise("special.hyperu(a, b, x)", sample=POSITIVE))
_in_argument_only(
    elementwise("special.hyp2f1(a, b, c, z)", sample=(POSITIVE, POSITIVE, POSITIVE, INSIDE))
)


@pullback("y = special.hyp0f1(v, z)", wrt="z")
def hyp0f1_z(dy: Any, v: Any, z: Any) -> Any:
    return special.hyp0f1(v + 1, z) / v * dy


@pullback("y = special.hyp1f1(a, b, x)", wrt="x")
def hyp1f1_x(dy: Any, a: Any, b: Any, x: Any) -> Any:
    return a / b * special.hyp1f1(a + 1, b + 1, x) * dy


@pullback("y = special.hyperu(a, b, x)", wrt="x", singular=True)
def hyperu_x(dy: Any, a: Any, b: Any, x: Any) -> Any:
    return -a * special.hyperu(a + 1, b + 1, x) * dy


@pullback("y = special.hyp2f1(a, b, c, z)", wrt="z", singular=True)
def hyp2f1_z(dy: Any, a: Any, b: Any, c: Any, z: Any) -> Any:
    return a * b / c * special.hyp2f1(a + 1, b + 1, c + 1, z) * dy


# -- orthogonal polynomials ------------------------------------------------------------------------

for _name in (
    "legendre", "chebyt", "chebyu", "chebyc", "chebys", "hermite", "hermitenorm", "laguerre",
    "sh_legendre", "sh_chebyt", "sh_chebyu",
):  # fmt: skip
    _by_degree = elementwise(
        f"special.eval_{_name}(n, x)",
        sample=(DEGREES, INSIDE),
        probe=() if _name.startswith("hermite") else (0.5,),
    )
    if _name.startswith("hermite"):
        no_derivative(_by_degree, "n", because="it is a whole number")
    else:
        _in_argument_only(_by_degree)
for _name in ("gegenbauer", "genlaguerre"):
    _in_argument_only(
        elementwise(f"special.eval_{_name}(n, alpha, x)", sample=(DEGREES, POSITIVE, INSIDE))
    )
_in_argument_only(
    elementwise(
        "special.eval_jacobi(n, alpha, beta, x)", sample=(DEGREES, POSITIVE, POSITIVE, INSIDE)
    )
)


@pullback("y = special.eval_legendre(n, x)", wrt="x")
def eval_legendre_x(dy: Any, n: Any, x: Any) -> Any:
    return (n + 1) / 2 * special.eval_jacobi(n - 1, 1.0, 1.0, x) * dy


@pullback("y = special.eval_chebyt(n, x)", wrt="x")
def eval_chebyt_x(dy: Any, n: Any, x: Any) -> Any:
    return n * special.eval_chebyu(n - 1, x) * dy


@pullback("y = special.eval_chebyu(n, x)", wrt="x")
def eval_chebyu_x(dy: Any, n: Any, x: Any) -> Any:
    return 2 * special.eval_gegenbauer(n - 1, 2.0, x) * dy


@pullback("y = special.eval_chebyc(n, x)", wrt="x")
def eval_chebyc_x(dy: Any, n: Any, x: Any) -> Any:
    return n * special.eval_chebys(n - 1, x) * dy


@pullback("y = special.eval_chebys(n, x)", wrt="x")
def eval_chebys_x(dy: Any, n: Any, x: Any) -> Any:
    return special.eval_gegenbauer(n - 1, 2.0, x / 2) * dy


@pullback("y = special.eval_hermite(n, x)", wrt="x")
def eval_hermite_x(dy: Any, n: Any, x: Any) -> Any:
    return 2 * n * special.eval_hermite(np.maximum(n - 1, 0), x) * dy


@pullback("y = special.eval_hermitenorm(n, x)", wrt="x")
def eval_hermitenorm_x(dy: Any, n: Any, x: Any) -> Any:
    return n * special.eval_hermitenorm(np.maximum(n - 1, 0), x) * dy


@pullback("y = special.eval_laguerre(n, x)", wrt="x")
def eval_laguerre_x(dy: Any, n: Any, x: Any) -> Any:
    return -special.eval_genlaguerre(n - 1, 1.0, x) * dy


@pullback("y = special.eval_sh_legendre(n, x)", wrt="x")
def eval_sh_legendre_x(dy: Any, n: Any, x: Any) -> Any:
    return (n + 1) * special.eval_jacobi(n - 1, 1.0, 1.0, 2 * x - 1) * dy


@pullback("y = special.eval_sh_chebyt(n, x)", wrt="x")
def eval_sh_chebyt_x(dy: Any, n: Any, x: Any) -> Any:
    return 2 * n * special.eval_sh_chebyu(n - 1, x) * dy


@pullback("y = special.eval_sh_chebyu(n, x)", wrt="x")
def eval_sh_chebyu_x(dy: Any, n: Any, x: Any) -> Any:
    return 4 * special.eval_gegenbauer(n - 1, 2.0, 2 * x - 1) * dy


@pullback("y = special.eval_gegenbauer(n, alpha, x)", wrt="x")
def eval_gegenbauer_x(dy: Any, n: Any, alpha: Any, x: Any) -> Any:
    return 2 * alpha * special.eval_gegenbauer(n - 1, alpha + 1, x) * dy


@pullback("y = special.eval_genlaguerre(n, alpha, x)", wrt="x")
def eval_genlaguerre_x(dy: Any, n: Any, alpha: Any, x: Any) -> Any:
    return -special.eval_genlaguerre(n - 1, alpha + 1, x) * dy


@pullback("y = special.eval_jacobi(n, alpha, beta, x)", wrt="x")
def eval_jacobi_x(dy: Any, n: Any, alpha: Any, beta: Any, x: Any) -> Any:
    degree = special.eval_jacobi(n - 1, alpha + 1, beta + 1, x)
    return (n + alpha + beta + 1) / 2 * degree * dy


# -- the zeta function -----------------------------------------------------------------------------

_zeta = special._ufuncs._zeta  # `special.zeta` is a Python function in front of it
not_written(
    elementwise("special.zeta(x, q)", ufunc=_zeta, sample=(interval(1.5, 4), POSITIVE)),
    "x",
    because="only the derivative by q is known",
)


@composite(special.zeta)
def zeta(x: Any, q: Any = None) -> Any:
    """Hurwitz's function; Riemann's has no derivative here."""
    if q is None:
        refuse("zeta without q is Riemann's function, which has no derivative rule")
    return special.zeta(x, q)


@pullback("y = special.zeta(x, q)", wrt="q", singular=True)
def zeta_q(dy: Any, x: Any, q: Any) -> Any:
    return -x * special.zeta(x + 1, q) * dy


# -- Lambert's function ----------------------------------------------------------------------------


def infer_lambertw(call: OpCall) -> Type:
    """Always complex."""
    (z,) = call.types
    if not isinstance(call["k"], int):
        raise NotSupported("the branch k has to be known before the program runs")
    return with_dims("complex128", z.dims)


define(
    "special.lambertw(z, k=0, tol=1e-08)",
    infer=infer_lambertw,
    cases=(
        "special.lambertw(A).real",
        "special.lambertw(x)",
        "special.lambertw(-x / 4, -1).real",
        "special.lambertw(z)",
    ),
)
complex_too("special.lambertw")


@pullback("w = special.lambertw(z)", wrt="z")
def lambertw_z(dw: Any, z: Any, w: Any) -> Any:
    return dw / (z + np.exp(w))


same_text("special.lambertw")
