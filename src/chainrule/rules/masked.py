"""Reductions that leave elements out (`where=`), and variances about a given mean (`mean=`).

Each is written by others: what is left out is replaced by what changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np

from .language import count_dtype, refuse, static_helper
from .reductions import count
from .registry import literal


def taking_part(where: Any, a: Any, axis: Any, keepdims: Any) -> Any:
    """How many elements go into each result."""
    if where is True:
        return count(a, axis)
    everywhere = np.broadcast_to(where, a.shape)
    return np.sum(everywhere, axis=axis, dtype=count_dtype(a.dtype), keepdims=keepdims)


def kept(where: Any, a: Any, other: Any) -> Any:
    """The elements that take part, something else in place of the others."""
    return a if where is True else np.where(where, a, other)


@static_helper
def complex_dtype(dtype: Any) -> bool:
    """Is it the dtype of complex numbers?"""
    return bool(np.dtype(dtype).kind == "c")


def masked_sum(
    a: Any, axis: Any = None, dtype: Any = None, out: Any = None, keepdims: Any = False,
    initial: Any = None, where: Any = True,
) -> Any:  # fmt: skip
    elements = kept(where, a, 0)
    if initial is None or literal(initial):
        return np.sum(elements, axis=axis, dtype=dtype, keepdims=keepdims, initial=initial)
    return np.sum(elements, axis=axis, dtype=dtype, keepdims=keepdims) + initial


def masked_prod(
    a: Any, axis: Any = None, dtype: Any = None, out: Any = None, keepdims: Any = False,
    initial: Any = None, where: Any = True,
) -> Any:  # fmt: skip
    elements = kept(where, a, 1)
    if initial is None or literal(initial):
        return np.prod(elements, axis=axis, dtype=dtype, keepdims=keepdims, initial=initial)
    return np.prod(elements, axis=axis, dtype=dtype, keepdims=keepdims) * initial


def masked_max(
    a: Any, axis: Any = None, out: Any = None, keepdims: Any = False, initial: Any = None,
    where: Any = True,
) -> Any:  # fmt: skip
    if initial is None:
        raise ValueError(
            "reduction operation 'maximum' does not have an identity, "
            "so to use a where mask one has to specify 'initial'"
        )
    elements = kept(where, a, initial)
    if literal(initial):
        return np.max(elements, axis=axis, keepdims=keepdims, initial=initial)
    return np.maximum(np.max(elements, axis=axis, keepdims=keepdims), initial)


def masked_min(
    a: Any, axis: Any = None, out: Any = None, keepdims: Any = False, initial: Any = None,
    where: Any = True,
) -> Any:  # fmt: skip
    if initial is None:
        raise ValueError(
            "reduction operation 'minimum' does not have an identity, "
            "so to use a where mask one has to specify 'initial'"
        )
    elements = kept(where, a, initial)
    if literal(initial):
        return np.min(elements, axis=axis, keepdims=keepdims, initial=initial)
    return np.minimum(np.min(elements, axis=axis, keepdims=keepdims), initial)


def masked_any(
    a: Any, axis: Any = None, out: Any = None, keepdims: Any = False, where: Any = True
) -> Any:
    return np.any(np.logical_and(a, where), axis=axis, keepdims=keepdims)


def masked_all(
    a: Any, axis: Any = None, out: Any = None, keepdims: Any = False, where: Any = True
) -> Any:
    return np.all(np.logical_or(a, np.logical_not(where)), axis=axis, keepdims=keepdims)


def masked_mean(
    a: Any, axis: Any = None, dtype: Any = None, out: Any = None, keepdims: Any = False,
    where: Any = True,
) -> Any:  # fmt: skip
    total = np.sum(kept(where, a, 0), axis=axis, dtype=dtype, keepdims=keepdims)
    return total / taking_part(where, a, axis, keepdims)


def masked_var(
    a: Any, axis: Any = None, dtype: Any = None, out: Any = None, ddof: Any = 0,
    keepdims: Any = False, where: Any = True, mean: Any = None, correction: Any = None,
) -> Any:  # fmt: skip
    if dtype is not None:
        return refuse("dtype= together with where= or mean= is not supported: use astype")
    if complex_dtype(a.dtype):
        return refuse("variances of complex numbers with where= or mean= are not supported")
    middle = masked_mean(a, axis, None, None, True, where) if mean is None else mean
    squares = np.sum(np.square(kept(where, a - middle, 0)), axis=axis, keepdims=keepdims)
    lost = ddof if correction is None else correction
    return squares / (taking_part(where, a, axis, keepdims) - lost)


def masked_std(
    a: Any, axis: Any = None, dtype: Any = None, out: Any = None, ddof: Any = 0,
    keepdims: Any = False, where: Any = True, mean: Any = None, correction: Any = None,
) -> Any:  # fmt: skip
    return np.sqrt(masked_var(a, axis, dtype, None, ddof, keepdims, where, mean, correction))


def masked_nansum(
    a: Any, axis: Any = None, dtype: Any = None, out: Any = None, keepdims: Any = False,
    initial: Any = None, where: Any = True,
) -> Any:  # fmt: skip
    return np.nansum(kept(where, a, 0), axis=axis, dtype=dtype, keepdims=keepdims, initial=initial)


def masked_nanmean(
    a: Any, axis: Any = None, dtype: Any = None, out: Any = None, keepdims: Any = False,
    where: Any = True,
) -> Any:  # fmt: skip
    return np.nanmean(kept(where, a, np.nan), axis=axis, dtype=dtype, keepdims=keepdims)


# What stands for an operation where an option asks for more than the operation does.
MASKED: Final[dict[str, Callable[..., Any]]] = {
    "sum": masked_sum,
    "prod": masked_prod,
    "max": masked_max,
    "min": masked_min,
    "any": masked_any,
    "all": masked_all,
    "mean": masked_mean,
    "var": masked_var,
    "std": masked_std,
    "nansum": masked_nansum,
    "nanmean": masked_nanmean,
}
