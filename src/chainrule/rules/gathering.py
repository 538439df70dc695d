"""Elements taken by integer arrays: take and take_along_axis, written as indexing."""

from __future__ import annotations

from typing import Any

import numpy as np

from .registry import composite
from .sizes import before, others_after, position_of


def as_axis(places: Any, i: Any, rank: Any) -> Any:
    """A vector as axis `i` of an array of this rank, to be broadcast along the others."""
    return places if i == rank - 1 else places[others_after(i, rank)]


def along_axis(indices: Any, shape: Any, axis: Any) -> Any:
    """The index that takes `indices` along one axis, each of the other axes at its own places."""
    axis = position_of(axis, len(shape))
    return tuple(
        indices if i == axis else as_axis(np.arange(n), i, len(shape)) for i, n in enumerate(shape)
    )


@composite(np.take)
def take(a: Any, indices: Any, axis: Any = None) -> Any:
    if axis is None:
        return np.ravel(a)[indices]
    return a[(*before(axis, a.ndim), indices)]


@composite(np.take_along_axis)
def take_along_axis(arr: Any, indices: Any, axis: Any = -1) -> Any:
    if axis is None:
        return np.ravel(arr)[indices]
    return arr[along_axis(indices, arr.shape, axis)]
