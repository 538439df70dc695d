"""Print the project's speed as ratios, every pair timed in one run: `python bench/run.py`."""

from __future__ import annotations

import statistics
import time
import timeit
import tracemalloc
from collections.abc import Callable, Sequence
from typing import Any

import autograd
import autograd.numpy as anp
import cases
import loops
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


def scalar_loops() -> None:
    print("value and gradient of scalar loops, run as plain Python, against the function  ratio")
    ratios = []
    for fun, args in loops.programs():
        ours = cr.value_and_grad(fun, argnums=loops.floats(args))
        calls = [lambda f=fun, a=args: f(*copies(a)), lambda g=ours, a=args: g(*copies(a))]
        number = max(1, int(1e-3 / timeit.timeit(calls[0], number=1)))
        plain, gradient = best(calls, number)
        ratios.append(gradient / plain)
        row(fun.__name__, gradient, plain)
    print(f"  geometric mean{statistics.geometric_mean(ratios):51.2f}  at most 4")


def best(funs: Sequence[Callable[[], Any]], loops: int) -> list[float]:
    """Seconds per call, the shortest of many rounds: what short loops take when nothing disturbs."""
    rounds = [[timeit.timeit(fun, number=loops) / loops for fun in funs] for _ in range(ROUNDS)]
    return [min(times) for times in zip(*rounds, strict=True)]


def long_simulation() -> None:
    """10,000 steps of a state of 1 MB: snapshots, and the steps that are run again."""
    print("gradient of a checkpointed simulation, 10,000 steps of a state of 1 MB      sweeps")
    u, steps = np.linspace(0.0, 1.0, 131_072), 10_000
    state = u.nbytes
    gradient = cr.grad(loops.simulation)
    gradient(u, 2, 0.1)
    start = time.perf_counter()
    loops.simulation(u, steps, 0.1)
    sweep = time.perf_counter() - start
    tracemalloc.start()
    start = time.perf_counter()
    gradient(u, steps, 0.1)
    seconds = time.perf_counter() - start
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    row("simulation, forward", sweep * 1.0, sweep)
    row("cr.grad", seconds, sweep)
    print(
        f"  memory at most {peak / 2**20:.0f} MB, {state / 2**20:.0f} MB of it a state; at most 64"
    )


def copies(args: Sequence[Any]) -> list[Any]:
    """Arguments that the function may write into."""
    return [a.copy() if isinstance(a, np.ndarray) else a for a in args]


if __name__ == "__main__":
    seed()
    network()
    scalar_loops()
    long_simulation()
    first_call()
