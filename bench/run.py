"""Print the project's speed as ratios, every pair timed in one run: `python bench/run.py`."""

from __future__ import annotations

import statistics
import time
import timeit
from collections.abc import Callable, Sequence
from typing import Any

import autograd
import autograd.numpy as anp
import cases
import numpy as np

import chainrule as cr

ROUNDS = 25


def medians(funs: Sequence[Callable[[], Any]], loops: int) -> list[float]:
    """Seconds per call of each function, medians over rounds in which they take turns."""
    times: list[list[float]] = [[] for _ in funs]
    for _ in range(ROUNDS):
        for fun, taken in zip(funs, times, strict=True):
            taken.append(timeit.timeit(fun, number=loops) / loops)
    return [statistics.median(taken) for taken in times]


def row(name: str, seconds: float, base: float | None = None, limit: str = "") -> None:
    ratio = f"{seconds / base:8.2f}" if base is not None else " " * 8
    print(f"  {name:<44}{seconds * 1e6:12.2f} us{ratio}  {limit}")


def seed() -> None:
    print("value and gradient of the staged function f(x, y), two floats             ratio")
    emitted = cr.stages(cases.f, 3.0, -4.0).function
    dispatched = cr.value_and_grad(cases.f, argnums=(0, 1))
    peer = autograd.value_and_grad(cases.f_for(anp), argnum=(0, 1))
    assert np.allclose(emitted(3.0, -4.0)[1], peer(3.0, -4.0)[1])
    assert np.allclose(emitted(3.0, -4.0)[1], cases.f_by_hand(3.0, -4.0)[1])
    funs = [cases.f_by_hand, emitted, dispatched]
    by_hand, ours, called = medians([lambda g=g: g(3.0, -4.0) for g in funs], 20_000)
    (theirs,) = medians([lambda: peer(3.0, -4.0)], 100)
    row("written by hand", by_hand, by_hand)
    row("emitted", ours, by_hand, "at most 1.05")
    row(
        "cr.value_and_grad",
        called,
        by_hand,
        f"dispatch adds {(called - ours) * 1e6:.2f} us, at most 1.5",
    )
    row("autograd", theirs, by_hand)


def network() -> None:
    print("value and gradient of a two-layer network, batch 64, 64-64-10             ratio")
    args = cases.network(64, 64, 64, 10)
    ours = cr.value_and_grad(cases.loss, argnums=(0, 1, 2, 3))
    peer = autograd.value_and_grad(cases.loss_for(anp), argnum=(0, 1, 2, 3))
    for a, b, c in zip(ours(*args)[1], peer(*args)[1], cases.loss_by_hand(*args)[1], strict=True):
        assert np.allclose(a, b)
        assert np.allclose(a, c)
    funs = [cases.loss_by_hand, ours, peer]
    by_hand, emitted, theirs = medians([lambda g=g: g(*args) for g in funs], 100)
    row("written by hand", by_hand, by_hand)
    row("cr.value_and_grad", emitted, by_hand, "at most 1.05")
    row("autograd", theirs, by_hand)


def first_call() -> None:
    print("first call of a new signature, a function of 30 statements")
    rng = np.random.default_rng(1)
    args = (rng.normal(size=8), rng.normal(size=8), 0.3)
    cr.grad(cases.f, argnums=(0, 1))(1.0, 2.0)  # the rule files are read once in a process
    taken = []
    for _ in range(ROUNDS):
        fresh = cr.value_and_grad(cases.thirty_lines, argnums=(0, 1, 2))
        start = time.perf_counter()
        fresh(*args)
        taken.append(time.perf_counter() - start)
    row("cr.value_and_grad, first of all", taken[0])
    row("cr.value_and_grad, median", statistics.median(taken), None, "at most 60,000 us")


if __name__ == "__main__":
    seed()
    network()
    first_call()
