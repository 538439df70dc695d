"""Roots of values that are 0 only where their slope is: no callable stands for these operations.

The compiler forms them where it reads `np.sqrt(np.sum(x**2))` or `x * np.sqrt(x)`, whose derivative
at 0 the chain rule would make `inf * 0`. The text stays what the user wrote.
"""

from __future__ import annotations

import ast
from typing import Any

import numpy as np

from .arithmetic import POSITIVE
from .registry import OPS, Infer, Op, OpCall, no_derivative, pullback


def _formed(
    name: str,
    operands: tuple[str, ...],
    spellings: dict[str, str],
    infer: Infer,
    cases: tuple[str, ...],
    **options: Any,
) -> Op:
    """An operation that is written in these ways."""
    trees = {via: ast.parse(text, mode="eval").body for via, text in spellings.items()}
    order = (*operands, *options)
    op = Op(name, operands, options, trees, infer, None, True, order=order, cases=cases)
    op.sample, op.formed = POSITIVE, True
    OPS[name] = op
    return op


# ---- of sums of squares and the like

_formed(
    "root", ("x",), {"np": "np.sqrt(x)", "math": "math.sqrt(x)"}, OPS["sqrt"].infer,
    ("np.sqrt(np.sum(A**2, axis=0))", "np.sqrt(u * u)", "np.sqrt(u @ u)", "math.sqrt(x**2)"),
)  # fmt: skip
no_derivative(
    _formed(
        "rooted_power", ("a", "b"), {"": "a**b"}, OPS["pow"].infer,
        ("np.sum(A**2, axis=0) ** 0.5", "(x * x) ** 0.5", "np.mean(np.abs(u) ** 3) ** (1 / 3)"),
    ),
    "b",
    because="it is a number in the source",
)  # fmt: skip


@pullback("y = np.sqrt(x)", wrt="x", name="root")
def root_x(dy: Any, y: Any) -> Any:
    # 0 at 0, an element of the subdifferential: every square has the slope 0 there
    return 0.5 / np.where(y == 0, np.inf, y) * dy


@pullback("c = a**b", wrt="a", name="rooted_power")
def rooted_power_a(dc: Any, a: Any, b: Any) -> Any:
    return b * np.where(a == 0, np.inf, a) ** (b - 1) * dc


# ---- times a power of the same value


def _infer_first(call: OpCall) -> Any:
    operator = OPS["pow" if call["power"] else "mul"].infer
    return operator(OpCall(call.types[:2], {}, call.via))


_BOTH = "the whole gradient goes to x, of which both are powers"

no_derivative(
    _formed(
        "monomial", ("a", "b", "x"), {"": "a * b"}, _infer_first,
        ("A * np.sqrt(A)", "u**0.5 * u**2", "x * math.sqrt(x)"),
        exponent=1.5, power=False,
    ),
    "a", "b", because=_BOTH,
)  # fmt: skip
no_derivative(
    _formed(
        "monomial_power", ("a", "b", "x"), {"": "a**b"}, _infer_first,
        ("np.sqrt(np.exp(A)) ** 2", "math.sqrt(abs(x)) ** 3"), exponent=1.5, power=True,
    ),
    "a", "b", because=_BOTH,
)  # fmt: skip


def power_slope(dc: Any, x: Any, exponent: Any) -> Any:
    """The slope of `x**exponent`."""
    if exponent == 1:
        return dc
    return exponent * x ** (exponent - 1) * dc


@pullback("c = a * b", wrt="x", name="monomial")
def monomial_x(dc: Any, x: Any, exponent: Any) -> Any:
    return power_slope(dc, x, exponent)


@pullback("c = a**b", wrt="x", name="monomial_power")
def monomial_power_x(dc: Any, x: Any, exponent: Any) -> Any:
    return power_slope(dc, x, exponent)
