"""Values as short text, for tables and pictures."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..ir.types import short_dtype

_SHOWN = 4  # elements of an array that is shown whole


def short(value: Any, digits: int = 6) -> str:
    """A value on a few characters; of an array the type, the shape and some elements.

    >>> short(0.017986209962091555), short(3.0), short(-4)
    ('0.0179862', '3', '-4')
    >>> short(1 + 2.5j)
    '1+2.5j'
    >>> short(np.array([[1.0, 2.5], [3.0, 4.0]])), short(np.arange(6.0).reshape(2, 3))
    ('f64[2,2] [[1, 2.5], [3, 4]]', 'f64[2,3] [[0, 1, …, 5]]')
    """
    if isinstance(value, np.ndarray):
        sizes = ",".join(map(str, value.shape))
        return f"{short_dtype(value.dtype.name)}[{sizes}] {_elements(value, digits)}"
    if isinstance(value, bool | np.bool_):
        return str(bool(value))
    if isinstance(value, int | np.integer):
        return str(value)
    if isinstance(value, float | np.floating):
        return f"{float(value):.{digits}g}"
    if isinstance(value, complex | np.complexfloating):
        return f"{complex(value):.{digits}g}"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{k}: {short(v, digits)}" for k, v in value.items()) + "}"
    if isinstance(value, tuple | list):
        inside = ", ".join(short(v, digits) for v in value)
        return f"[{inside}]" if isinstance(value, list) else f"({inside})"
    return repr(value)


def typed(value: Any) -> str:
    """The type and shape of an array, a number as `short` has it.

    >>> typed(np.zeros((2, 3))), typed(0.5)
    ('f64[2,3]', '0.5')
    """
    return short(value, 4) if not isinstance(value, np.ndarray) else short(value).split(" ")[0]


def _elements(value: np.ndarray[Any, Any], digits: int) -> str:
    if value.size <= _SHOWN:
        return _nested(value, digits)
    flat = value.ravel()
    inside = ", ".join([*(short(x, digits) for x in flat[:2]), "…", short(flat[-1], digits)])
    return "[" * value.ndim + inside + "]" * value.ndim


def _nested(value: np.ndarray[Any, Any], digits: int) -> str:
    if not value.ndim:
        return short(value[()], digits)
    return f"[{', '.join(_nested(part, digits) for part in value)}]"
