"""Functions that mark something for differentiation and do nothing when they run."""

from __future__ import annotations

import operator
from typing import TypeVar

T = TypeVar("T")


def stop_gradient(value: T) -> T:
    """The value itself; no gradient flows through it.

    >>> stop_gradient(2.0)
    2.0
    """
    return value


def checkpoint(trips: range, every: int | None = None) -> range:
    """The range itself; the gradient of a loop over it runs the loop again instead of recording it.

    The state of the loop is stored before a few of the trips, and computed again in between. With
    `every=None` there are so few snapshots that all together at most three more runs of the loop are
    needed; their number grows with the cube root of the trips. With `every=k` the state is stored
    before each k-th trip, and in the backward pass before each trip of one stretch of k.

    >>> checkpoint(range(3))
    range(0, 3)
    """
    if not isinstance(trips, range):
        raise TypeError(f"checkpoint takes a range, not {type(trips).__name__}")
    if every is not None and operator.index(every) < 1:
        raise ValueError("every has to be at least 1")
    return trips
