"""Numbers and arrays as literals that give back the same value."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from .text import LINE, literal, wrapped

LARGEST: Final = 1000  # elements of an array that is written into a file


def literal_lines(head: str, value: Any) -> list[str]:
    """`head` and a number or array; a long array goes over several lines.

    >>> literal_lines("k = ", 2.5), literal_lines("rate = ", np.float32(0.1))
    (['k = 2.5'], ['rate = np.float32(0.1)'])
    >>> literal_lines("w = ", np.array([[1.0, np.inf], [0.25, 3.0]]))
    ['w = np.array([[1.0, np.inf], [0.25, 3.0]])']
    """
    if isinstance(value, np.generic):
        return [f"{head}np.{value.dtype.name}({_element(value)})"]
    if not isinstance(value, np.ndarray):
        return [f"{head}{literal(value)}"]
    dtype = "" if value.dtype.name in ("float64", "int64", "bool") else f", dtype=np.{value.dtype}"
    if not value.size:
        return [f"{head}np.zeros({value.shape}{dtype or f', dtype={_dtype(value)}'})"]
    if value.ndim < 2:
        items = [_element(x) for x in value.ravel()]
        if not value.ndim:
            return [f"{head}np.array({items[0]}{dtype})"]
        return wrapped(f"{head}np.array([", items, f"]{dtype})")
    rows = [_nested(row) for row in value]
    if max(map(len, rows)) < LINE - 8:
        return wrapped(f"{head}np.array([", rows, f"]{dtype})")
    shape = ", ".join(map(str, value.shape))
    items = [_element(x) for x in value.ravel()]
    return wrapped(f"{head}np.array([", items, f"]{dtype}).reshape({shape})")


def _nested(value: np.ndarray[Any, Any]) -> str:
    if not value.ndim:
        return _element(value[()])
    return f"[{', '.join(_nested(row) for row in value)}]"


def _dtype(value: np.ndarray[Any, Any]) -> str:
    return "bool" if value.dtype.kind == "b" else f"np.{value.dtype.name}"


def _element(value: Any) -> str:
    """The shortest text that gives back the number in its own precision."""
    if isinstance(value, complex | np.complexfloating):
        parts = _element(value.real), _element(value.imag)
        known = all(map(np.isfinite, (value.real, value.imag)))
        return str(value) if known else f"complex({', '.join(parts)})"
    text = str(value)
    return f"np.{text}" if text in ("inf", "nan") else "-np.inf" if text == "-inf" else text
