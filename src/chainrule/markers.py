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

    The backward pass stores the state of the loop at a few trips and computes it again in between.
    With `every=None` it chooses so few snapshots that at most three more runs of the loop are needed:
    their number grows with the cube root of the trips. With `every=k` the state is stored at each
    k-th trip, and at each trip of one stretch of k: one more run and a half as many snapshots as
    possible near `k = sqrt(trips)`.

    >>> checkpoint(range(3))
    range(0, 3)
    """
    if not isinstance(trips, range):
        raise TypeError(f"checkpoint takes a range, not {type(trips).__name__}")
    if every is not None and operator.index(every) < 1:
        raise ValueError("every has to be at least 1")
    return trips
