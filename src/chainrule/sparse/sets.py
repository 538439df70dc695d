"""What a program of index sets runs on: for each number the set of inputs that it depends on.

An array of sets is a NumPy array of objects, so that indices, writes and shapes are NumPy's own. An
element is a `Set`, or a plain number where nothing is depended on. Where an operation takes numbers
beside sets (a matrix times a vector of sets), zeros among them pass nothing on: with these values the
derivative there is zero whatever the sets are.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import count
from typing import Any, final

import numpy as np


@final
class Set:
    """A set of input numbers; sums and products with anything are unions.

    >>> (Set(frozenset({1})) * 2.0 + Set(frozenset({3}))).of == {1, 3}
    True
    """

    __slots__ = ("of",)

    def __init__(self, of: frozenset[int]) -> None:
        self.of = of

    def __add__(self, other: Any) -> Any:
        if type(other) is Set:
            return self if other.of is self.of else Set(self.of | other.of)
        return NotImplemented if isinstance(other, np.ndarray) else self

    __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __truediv__ = __add__

    def __neg__(self) -> Set:
        return self

    __pos__ = __neg__

    def __eq__(self, other: object) -> bool:
        return False  # not known to be zero

    __hash__ = None  # type: ignore[assignment]

    def reshape(self, *shape: Any) -> Any:
        """As of a NumPy number."""
        return np.reshape(_array_of(self), shape[0] if len(shape) == 1 else shape)

    def __repr__(self) -> str:
        return f"Set({sorted(self.of)})"


def seeded(shapes: Sequence[tuple[int, ...] | None]) -> list[Any]:
    """A set of its own for each number of these arrays; None stands for a Python number."""
    numbers = count()
    found: list[Any] = []
    for shape in shapes:
        array = np.empty(shape or (), dtype=object)
        for place in np.ndindex(array.shape):
            array[place] = Set(frozenset({next(numbers)}))
        found.append(array[()] if shape is None else array)
    return found


def _array_of(value: Any) -> Any:
    """An array of rank 0."""
    found = np.empty((), dtype=object)
    found[()] = value
    return found


def _is_sets(part: Any) -> bool:
    return type(part) is Set or (isinstance(part, np.ndarray) and part.dtype == object)


def _joined(items: Iterable[Any]) -> Any:
    """The union of many sets; a plain zero where there is none."""
    found = {id(item.of): item.of for item in items if type(item) is Set}
    if len(found) == 1:
        return Set(next(iter(found.values())))
    return Set(frozenset().union(*found.values())) if found else 0.0


def union(*parts: Any) -> Any:
    """The sets of all parts, element by element; parts that hold numbers give their shape only."""
    shape = np.broadcast_shapes(*map(np.shape, parts))
    if not shape:
        return _joined(item for part in parts for item in _elements(part))
    total: Any = None
    for part in parts:
        if _is_sets(part):
            total = part if total is None else np.add(total, part, dtype=object)
    return np.array(np.broadcast_to(np.asarray(total, dtype=object), shape))


def total(array: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """The union along axes."""
    array = np.asarray(array, dtype=object)
    given = range(array.ndim) if axis is None else np.atleast_1d(axis).tolist()
    axes = sorted(a % array.ndim for a in given)
    kept = [a for a in range(array.ndim) if a not in axes]
    turned = array.transpose([*kept, *axes])
    shape = tuple(array.shape[a] for a in kept)
    rows = turned.reshape((int(np.prod(shape, dtype=int)), -1))
    found = np.empty(len(rows), dtype=object)
    for place, row in enumerate(rows):
        found[place] = _joined(row)
    if keepdims:
        shape = tuple(1 if a in axes else n for a, n in enumerate(array.shape))
    return found.reshape(shape)[()]


def sum_to(array: Any, dims: tuple[int, ...]) -> Any:
    """The union over the axes that broadcasting from a shape added or stretched."""
    extra = np.ndim(array) - len(dims)
    array = total(array, tuple(range(extra))) if extra else np.asarray(array, dtype=object)
    axes = tuple(i for i, n in enumerate(dims) if n == 1 and array.shape[i] != 1)
    return total(array, axes, keepdims=True) if axes else array


def matmul(a: Any, b: Any) -> Any:
    """What `a @ b` depends on."""
    left = a[None, :] if a.ndim == 1 else a
    right = b[:, None] if b.ndim == 1 else b
    batch = np.broadcast_shapes(left.shape[:-2], right.shape[:-2])
    left = np.broadcast_to(left, (*batch, *left.shape[-2:]))
    right = np.broadcast_to(right, (*batch, *right.shape[-2:]))
    found = np.empty((*batch, left.shape[-2], right.shape[-1]), dtype=object)
    for place in np.ndindex(batch):
        found[place] = _matrices(left[place], right[place])
    if a.ndim == 1:
        found = found[..., 0, :]
    return found[..., 0][()] if b.ndim == 1 else found


def _matrices(a: Any, b: Any) -> Any:
    if not _is_sets(b):
        return _matrices(b.T, a.T).T
    found = np.empty((len(a), b.shape[1]), dtype=object)
    whole: list[Any] | None = None
    for place, row in enumerate(a):
        used = np.arange(len(row)) if _is_sets(a) else np.flatnonzero(row)
        if len(used) == len(row):
            whole = whole or [_joined(column) for column in b.T]
            found[place] = whole
        else:
            found[place] = [_joined(column) for column in b[used].T]
        if _is_sets(a):
            found[place] = [_joined([*row, item]) for item in found[place]]
    return found


def dot(a: Any, b: Any) -> Any:
    """What `np.dot(a, b)` depends on."""
    if not np.ndim(a) or not np.ndim(b):
        return union(a, b)
    if a.ndim <= 2 and b.ndim <= 2:
        return matmul(a, b)
    shape = (*a.shape[:-1], *b.shape[:-2], b.shape[-1])
    return mix(*(part for part in (a, b) if _is_sets(part)), dims=shape)


def outer(a: Any, b: Any) -> Any:
    """What `np.outer(a, b)` depends on."""
    return union(np.ravel(a)[:, None], np.ravel(b)[None, :])


def einsum(*parts: Any, subscripts: str) -> Any:
    """What `np.einsum(subscripts, ...)` depends on, whatever the numbers in it."""
    inputs, output = subscripts.replace(" ", "").split("->")
    terms = inputs.split(",")
    sizes = {
        c: n for t, p in zip(terms, parts, strict=True) for c, n in zip(t, np.shape(p), strict=True)
    }
    shape = tuple(sizes[c] for c in output)
    found: list[Any] = [np.zeros(shape)]
    for term, part in zip(terms, parts, strict=True):
        if not _is_sets(part):
            continue
        kept = [c for c in output if c in term]
        alone = "".join(dict.fromkeys(term))
        while term != alone:  # a diagonal
            repeated = next(c for c in alone if term.count(c) > 1)
            i, j = (n for n, c in enumerate(term) if c == repeated)  # two at a time
            part = np.diagonal(part, axis1=i, axis2=j)
            term = term.replace(repeated, "") + repeated
        part = total(part, tuple(i for i, c in enumerate(term) if c not in kept))
        left = [c for c in term if c in kept]
        part = np.transpose(part, [left.index(c) for c in kept]) if kept else part
        places = tuple(slice(None) if c in kept else None for c in output)
        found.append(part[places] if kept else part)
    return union(*found)


def mix(*parts: Any, dims: tuple[int, ...]) -> Any:
    """Every element depends on all there is."""
    whole = _joined(item for part in parts for item in _elements(part))
    if dims == ():
        return whole
    found = np.empty(dims, dtype=object)
    found[...] = whole
    return found


def _elements(part: Any) -> Iterable[Any]:
    if isinstance(part, list):
        return (item for inner in part for item in _elements(inner))
    return np.asarray(part, dtype=object).ravel()


def list_total(items: list[Any]) -> Any:
    """What the sum of a list depends on."""
    return union(*items) if items else 0.0


def list_stack(items: list[Any], axis: int = 0) -> Any:
    """An array of the items of a list."""
    if not items or not isinstance(items[0], np.ndarray):
        found = np.empty(len(items), dtype=object)
        found[:] = items
        return found
    return np.stack([np.asarray(item, dtype=object) for item in items], axis=axis or 0)


def reshaped(value: Any, *index: Any, dims: tuple[int, ...]) -> Any:
    """A number with new axes."""
    return np.reshape(value if isinstance(value, np.ndarray) else _array_of(value), dims)


def item(value: Any) -> Any:
    """The element of an array that has one."""
    return value.item() if isinstance(value, np.ndarray) else value


def copy(value: Any) -> Any:
    """The value in memory of its own."""
    return value.copy() if isinstance(value, np.ndarray) else np.asarray(value, dtype=object)


def rows_of(values: Iterable[Any]) -> list[list[int]]:
    """The sorted inputs of each element of all values."""
    return [
        sorted(item.of) if type(item) is Set else []
        for value in values
        for item in _elements(value)
    ]
