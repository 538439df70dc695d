"""The rule language beside plain NumPy: helpers that run while the compiler specialises a rule.

A *static helper* is an ordinary Python function that a rule calls on what is known before the
program runs: options, ranks, tuples of them, dtypes (`a.dtype`), and sizes. The compiler calls it
and goes on with the value that it returns. A size reaches it as an `int` where the rule runs on
arrays, and as a `Dim` where the compiler specialises.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NoReturn, TypeVar

import numpy as np

from ..ir.dims import Dim
from .registry import NotSupported

F = TypeVar("F", bound=Callable[..., Any])


def static_helper(fun: F) -> F:
    """Mark a function that is called at specialisation time, not inlined."""
    fun.static_helper = True  # type: ignore[attr-defined]
    return fun


@static_helper
def refuse(text: str) -> NoReturn:
    """In a rule: this form of the operation is not supported."""
    raise NotSupported(text)


@static_helper
def count_dtype(dtype: Any) -> Any:
    """The `dtype=` for counting beside values of `dtype`: None (an integer) beside doubles.

    An integer count would turn float32 into float64.

    >>> count_dtype(np.dtype("float64")), count_dtype(np.dtype("float32"))
    (None, dtype('float32'))
    """
    return None if np.result_type(np.dtype(dtype), np.int64) == np.dtype(dtype) else dtype


@static_helper
def surely(size: int | Dim, number: int) -> bool:
    """Is a size or another integer option this number, whatever the arguments are?"""
    return (size.known if isinstance(size, Dim) else size) == number


@static_helper
def at_least(size: int | Dim, number: int) -> bool:
    """Is a size surely not smaller than this number?"""
    return (size.least if isinstance(size, Dim) else size) >= number


@static_helper
def maybe_one(size: int | Dim) -> bool:
    """Can an axis of this size have length 1, and so be broadcast?"""
    return size.maybe_one if isinstance(size, Dim) else size == 1
