"""Values as nests of containers: their numbers and arrays one by one, and back again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from .frontend.signature import fields_of


def leaves(value: Any) -> Iterator[Any]:
    """What is not a container, from left to right.

    >>> list(leaves({"a": 1.0, "b": (2.0, [3.0])}))
    [1.0, 2.0, 3.0]
    """
    parts = fields_of(value)
    if parts is None:
        yield value
        return
    for item in parts[1]:
        yield from leaves(item)


def rebuilt(value: Any, new: Iterator[Any]) -> Any:
    """The same nest of containers with other leaves.

    >>> rebuilt((1.0, [2.0]), iter("ab"))
    ('a', ['b'])
    """
    parts = fields_of(value)
    if parts is None:
        return next(new)
    keys, items = parts
    changed = [rebuilt(item, new) for item in items]
    if isinstance(value, dict):
        return dict(zip(value, changed, strict=True))
    if keys is not None:
        return type(value)(**dict(zip(keys, changed, strict=True)))
    return type(value)(changed)


def floated(value: Any) -> Any:
    """The value with Python ints as floats, which count as such where they are differentiated.

    >>> floated((1, [2.5, "text"], True))
    (1.0, [2.5, 'text'], True)
    """
    return rebuilt(value, iter([float(v) if type(v) is int else v for v in leaves(value)]))


def is_float(value: Any) -> bool:
    """Is it a number or an array that a derivative belongs to?"""
    if isinstance(value, np.ndarray | np.generic):
        return value.dtype.kind in "fc"
    return isinstance(value, float | complex)


def has_complex(value: Any) -> bool:
    """Is there a complex number or array among the leaves?"""
    return any(np.iscomplexobj(leaf) for leaf in leaves(value) if is_float(leaf))


def has_real(value: Any) -> bool:
    """Is there a real floating-point number or array among the leaves?"""
    return any(not np.iscomplexobj(leaf) for leaf in leaves(value) if is_float(leaf))


def _wide(leaf: Any) -> Any:
    """A leaf in double precision."""
    return np.asarray(leaf).astype(complex if np.iscomplexobj(leaf) else float)


def size(value: Any) -> int:
    """How many floating-point numbers there are in all leaves."""
    return sum(int(np.size(leaf)) for leaf in leaves(value) if is_float(leaf))


def units(value: Any) -> Iterator[Any]:
    """Each direction of a value in turn: zeros with one 1 in the leaves' own precisions.

    A leaf that is not floating point is None.

    >>> list(units((1.0, 2.0)))
    [(1.0, 0.0), (0.0, 1.0)]
    """
    found = list(leaves(value))
    for position, leaf in enumerate(found):
        if is_float(leaf):
            for place in np.ndindex(np.shape(leaf)):
                yield rebuilt(value, iter(_unit(found, position, place)))


def _unit(found: Sequence[Any], position: int, place: tuple[int, ...]) -> list[Any]:
    zeros: list[Any] = []
    for i, leaf in enumerate(found):
        if not is_float(leaf):
            zeros.append(None)
            continue
        unit = np.zeros(np.shape(leaf), np.asarray(leaf).dtype)
        if i == position:
            unit[place] = 1.0
        zeros.append(unit if isinstance(leaf, np.ndarray) else type(leaf)(unit))
    return zeros


def stacked(value: Any, first: int, last: int) -> Any:
    """The directions `first` to `last` of `units`, stacked in a new axis in front of each leaf.

    >>> stacked((1.0, 2.0), 0, 2)
    (array([1., 0.]), array([0., 1.]))
    """
    return directions(value, np.eye(last - first, size(value), first))


def directions(value: Any, rows: Any) -> Any:
    """The rows of a matrix as directions of a value, stacked in a new axis in front of each leaf.

    >>> directions((1.0, np.zeros(2)), np.array([[1.0, 2.0, 3.0]]))
    (array([1.]), array([[2., 3.]]))
    """
    parts: list[Any] = []
    left = 0
    for leaf in leaves(value):
        if not is_float(leaf):
            parts.append(None)
            continue
        part = rows[:, left : left + np.size(leaf)].reshape((len(rows), *np.shape(leaf)))
        parts.append(part.astype(np.asarray(leaf).dtype))
        left += np.size(leaf)
    return rebuilt(value, iter(parts))


def flat_rows(value: Any) -> Any:
    """All numbers of each of the directions that are stacked, as the rows of a matrix."""
    found = [np.asarray(leaf) for leaf in leaves(value) if is_float(leaf)]
    count = len(found[0])
    return np.concatenate([_wide(leaf).reshape(count, -1) for leaf in found], axis=1)


def flat(value: Any) -> Any:
    """All floating-point numbers of a value in one vector, in double precision at least."""
    parts = [np.ravel(_wide(leaf)) for leaf in leaves(value) if is_float(leaf)]
    return np.concatenate(parts) if parts else np.zeros(0)


def blocks(matrix: Any, rows: Any, columns: Any) -> Any:
    """A matrix cut into `rows` whose leaves are `columns`, each block in the shapes of both.

    The precision of a block is that of the leaf of `columns`; it is complex where one of both is.
    """
    top = 0
    outer: list[Any] = []
    for row in leaves(rows):
        if not is_float(row):
            outer.append(None)
            continue
        inner: list[Any] = []
        left = 0
        for column in leaves(columns):
            if not is_float(column):
                inner.append(None)
                continue
            n, m = np.size(row), np.size(column)
            block = matrix[top : top + n, left : left + m]
            shape = (*np.shape(row), *np.shape(column))
            dtype = np.asarray(column).dtype
            if np.iscomplexobj(row):
                dtype = np.result_type(dtype, np.complex64)
            block = (block if dtype.kind == "c" else block.real).reshape(shape).astype(dtype)
            single = not shape and is_number(column)
            inner.append(_number(block, column) if single else block)
            left += m
        outer.append(rebuilt(columns, iter(inner)))
        top += np.size(row)
    return rebuilt(rows, iter(outer))


def _number(block: Any, column: Any) -> Any:
    """An entry as a number of the kind of the leaf that it belongs to."""
    if np.iscomplexobj(block) and not np.iscomplexobj(column):
        return block.item() if isinstance(column, float) else block[()]
    return type(column)(block)


def is_number(value: Any) -> bool:
    """A Python or NumPy number, not an array."""
    return not isinstance(value, np.ndarray)
