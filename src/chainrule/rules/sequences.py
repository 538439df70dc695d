"""Functions of `math` that take a tuple or list of numbers, or return one."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..ir.types import Scalar, Type
from .registry import InferError, OpCall, composite, define, linear, literal, pullback


def infer_float(call: OpCall) -> Type:
    """A Python float of numbers."""
    if any(t.dims for t in call.types):
        raise InferError("only 0-dimensional arrays can be converted to Python scalars")
    return Scalar("float64", weak=True)


define(
    "math.fsum(*seq)",
    name="math.fsum",
    infer=infer_float,
    cases=("math.fsum((x, y))", "math.fsum([x, x, y])", "math.fsum((x,))"),
)


@pullback("total = math.fsum(seq)", wrt="seq")
def fsum_seq(dtotal: Any) -> Any:
    return dtotal


@composite(math.prod, complex_too=True)
def prod(iterable: Any, *, start: Any = 1) -> Any:
    if literal(start) and start == 1 and len(iterable) > 0:
        return prod(iterable[1:], start=iterable[0])
    if len(iterable) == 0:
        return start
    return prod(iterable[1:], start=start * iterable[0])


@composite(math.modf)
def modf(x: Any) -> Any:
    fraction = math.fmod(x, 1.0)
    return fraction, x - fraction


@composite(np.modf)
def np_modf(x: Any) -> Any:
    return np.fmod(x, 1.0), np.trunc(x)


linear("math.fsum", together=True)
