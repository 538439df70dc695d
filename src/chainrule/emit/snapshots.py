"""Helpers of checkpointed loops, as text for the emitted file: how many snapshots, and where.

They run here too, so that they can be tested:

>>> from chainrule.emit.snapshots import snapshot_count, snapshot_places
>>> [snapshot_count(trips) for trips in (1, 10, 100, 1000, 10_000)]
[1, 2, 7, 17, 38]
>>> sorted(snapshot_places(0, 20, 2))
[10, 16]
"""

from __future__ import annotations

import inspect
import math
from typing import Final


def snapshot_count(trips):  # type: ignore[no-untyped-def]
    """The fewest snapshots with which each trip is run at most three times before its last run."""
    count = 1
    while math.comb(count + 3, 3) < trips:
        count += 1
    return count


def snapshot_places(start, stop, free):  # type: ignore[no-untyped-def]
    """Where to store the state between trips `start` and `stop - 1`, in `free` snapshots.

    The places are those of Revolve (Griewank and Walther 2000, ACM TOMS 26(1)).
    """
    places = set()
    while free > 0 and stop - start > 2:
        sweeps = 1
        while math.comb(free + 1 + sweeps, sweeps) < stop - start:
            sweeps += 1
        shortest = math.comb(free + sweeps - 1, free + 1)
        start += max(1, shortest, stop - start - math.comb(free + sweeps, free))
        free -= 1
        if start < stop - 1:
            places.add(start)
    return places


def _text(function: object) -> str:
    return inspect.getsource(function).replace("  # type: ignore[no-untyped-def]", "")  # type: ignore[arg-type]


SNAPSHOT_COUNT: Final = _text(snapshot_count)
SNAPSHOT_PLACES: Final = _text(snapshot_places)
