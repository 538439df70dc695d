"""Testing tangents: forward mode against reverse mode, over the calls of each operation.

For a cotangent `c` and a direction `t` both sides of `c . (J t) = (J^T c) . t` are the same number,
computed by different rules.
"""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from ..api import vjp
from ..derivatives import jvp
from ..errors import UnsupportedError
from ..rules.registry import OPS, NotWritten, Op, tangent_of
from .rules import (
    Call,
    calls,
    check_all,
    check_resized,
    copied,
    cotangent_of,
    flat,
    is_float,
    leaves,
    precision,
    right_or_refused,
    same,
    watched,
)

RTOL = {"float64": 1e-9, "float32": 2e-4}


def check_tangents(op: Op | str) -> None:
    """Check the tangents of all calls of an operation; AssertionError with a line for each failure."""
    op = OPS[op] if isinstance(op, str) else op
    decided = [isinstance(tangent_of(op, name), NotWritten) for name in op.operands]
    if decided and all(decided):
        check_all(calls(op), check_refused)
    elif any(decided):
        check_all(calls(op), check_partly)
    else:
        check_all(calls(op), lambda call: right_or_refused(call, check_tangent))


def check_tangent_sizes(op: Op | str) -> None:
    """Check the cases of an operation with sizes cut to 1 and 0: right, or refused."""
    check_resized(op, check_tangent)


def check_refused(call: Call) -> None:
    """A tangent that is not written is refused."""
    moving = [cotangent_of(v) if is_float(v) else None for v in call.values]
    try:
        jvp(call.fun, call.values, moving)
    except UnsupportedError as error:
        assert error.code == "CR025", str(error)
    else:
        raise AssertionError("a tangent that is not written is not refused")


def check_partly(call: Call) -> None:
    """Check a call of an operation that lacks some tangents: right, or refused where it needs one."""
    try:
        check_tangent(call)
    except UnsupportedError as error:
        assert error.code in ("CR024", "CR025"), str(error)


def check_tangent(call: Call) -> None:
    """Check one call: value, kinds, arguments left alone, and agreement with reverse mode."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        _check(call)


def _check(call: Call) -> None:
    try:
        expected, said = watched(call.fun, *copied(call.values))
    except Exception as error:
        _check_raised(call, error)
        return
    rng = np.random.default_rng(7)
    dots = [cotangent_of(v, rng) if is_float(v) else None for v in call.values]
    if all(dot is None for dot in dots):
        return
    args, given = copied(call.values), copied(dots)
    (value, tangent), more = watched(jvp, call.fun, args, given)
    new = {kind for kind, _ in more} - {kind for kind, _ in said}
    assert not new or not np.all(np.isfinite(flat(tangent))), f"forward mode warns: {new}"
    same(value, expected, "value")
    same(args, call.values, "arguments afterwards")
    same(given, dots, "tangents afterwards")
    _check_kinds(value, tangent)
    _check_memory(args, given, value, tangent)
    _check_product(call, expected, dots, tangent)


def _check_raised(call: Call, expected: Exception) -> None:
    dots = [cotangent_of(v) if is_float(v) else None for v in call.values]
    try:
        jvp(call.fun, copied(call.values), dots)
    except Exception as error:
        assert type(error) is type(expected), f"{error!r} instead of {expected!r}"
    else:
        raise AssertionError(f"{expected!r} is not raised")


def _check_kinds(value: Any, tangent: Any) -> None:
    """A tangent is of its value's kind: type, precision, shape; a double serves as a float."""
    if isinstance(value, list | tuple):
        assert type(tangent) is type(value), f"a {type(tangent).__name__}"
        for v, t in zip(value, tangent, strict=True):
            _check_kinds(v, t)
    elif not is_float(value):
        assert tangent is None, f"a tangent for {value!r}"
    elif type(value) in (float, complex):
        assert isinstance(tangent, type(value)), f"a {type(tangent).__name__} for {value!r}"
    else:
        got, want = np.asarray(tangent), np.asarray(value)
        plain = type(tangent) in (float, complex) and got.dtype == want.dtype
        same_class = isinstance(tangent, np.ndarray) == isinstance(value, np.ndarray)
        assert same_class, f"a {type(tangent).__name__} for a {type(value).__name__}"
        assert plain or got.dtype == want.dtype, f"{got.dtype} instead of {want.dtype}"
        assert got.shape == want.shape, f"shape {got.shape} instead of {want.shape}"


def _check_memory(args: Any, given: Any, value: Any, tangent: Any) -> None:
    others = [x for x in leaves([args, given, value]) if isinstance(x, np.ndarray)]
    for part in leaves(tangent):
        if isinstance(part, np.ndarray):
            assert part.flags.writeable, "a tangent is read-only"
            shared = any(np.shares_memory(part, other) for other in others)
            assert not shared, "a tangent shares memory"


def _check_product(call: Call, value: Any, dots: Any, tangent: Any) -> None:
    """The dot-product test."""
    if not np.all(np.isfinite(flat(value))):
        return
    cotangent = cotangent_of(value)
    _, pullback = vjp(call.fun, *copied(call.values))
    gradients = pullback(cotangent)
    pairs = zip(dots, gradients, strict=True)
    terms = [np.ravel(d) * np.ravel(g) for d, g in pairs if d is not None and g is not None]
    ahead = flat([cotangent]) * flat([tangent]) if flat([tangent]).size else np.zeros(0)
    ahead, back = np.real(ahead), np.real(np.concatenate(terms)) if terms else np.zeros(0)
    if not (np.all(np.isfinite(ahead)) and np.all(np.isfinite(back))):
        odd = np.all(np.isfinite(ahead)) == np.all(np.isfinite(back))
        assert odd, f"forward {ahead}, reverse {back}"
        return
    scale = float(np.sum(np.abs(ahead)) + np.sum(np.abs(back)))
    error = abs(float(np.sum(ahead)) - float(np.sum(back)))
    rtol = RTOL[precision(call.values)]
    assert error <= rtol * max(scale, 1e-6), f"forward {np.sum(ahead)}, reverse {np.sum(back)}"
