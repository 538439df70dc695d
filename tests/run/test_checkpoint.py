"""Checkpointed loops: the gradients of the same loops without, with few snapshots and little work."""

import inspect
import linecache
import math
import re
import tracemalloc

import numpy as np
import pytest

import chainrule as cr
from chainrule import checkpoint
from chainrule.emit.snapshots import snapshot_count, snapshot_places


def kept_in_place(u, k, n, every):
    for _ in checkpoint(range(n), every=every):
        u[1:-1] += k * np.sin(u[2:] - 2 * u[1:-1] + u[:-2])
    return np.sum(u**2)


def numbers(u, k, n, every):
    x, v = u[0], u[1]
    for t in checkpoint(range(n), every=every):
        v = v - k * math.sin(x) * (t + 1)
        x = x + k * v * v
    return x * v


def state_that_is_not_needed(u, k, n, every):
    total = 0.0
    for _ in checkpoint(range(n), every=every):
        u = np.tanh(u * k) + u
        total = total + u.sum()
    return total


def linear(u, k, n, every):
    for t in checkpoint(range(n), every=every):
        u = 0.5 * u + k * t
    return u.sum()


def branches(u, k, n, every):
    x = u[2]
    for t in checkpoint(range(n), every=every):
        if x > 0.5:
            x = x * x * k
        elif t % 2 == 0:
            x = x + math.exp(-x)
        else:
            x = x + k * x
    return x


def jumps(u, k, n, every):
    x = u[2]
    for t in checkpoint(range(n), every=every):
        if t % 3 == 1:
            continue
        x = x + k * math.sin(x)
    return x


def loops_inside(u, k, n, every):
    for _ in checkpoint(range(n), every=every):
        s = 0.0
        for i in range(len(u)):
            s = math.sin(s + u[i] * k)
        j = 0
        while s > 0.1 and j < 5:
            s = s * s
            j += 1
        u = u * (1 + s * 0.1)
    return u.sum()


def step(x, k):
    for _ in range(2):
        x = x + k * math.sin(x) * x
    return x


def calls(u, k, n, every):
    x = u[0]
    for _ in checkpoint(range(n), every=every):
        x = step(x, k)
    return x


def bounds(u, k, n, every):
    x = u[0]
    for t in checkpoint(range(2, n + 2), every=every):
        x = x + k * math.sin(x) * t
    return x


def nested(u, k, n, every):
    x = u[0]
    for t in checkpoint(range(n), every=every):
        for s in checkpoint(range(3), every=every):
            x = x + k * math.sin(x) * t * s
        x = x * 0.9
    return x


def in_a_loop(u, k, n, every):
    x = u[0]
    for i in range(3):
        for t in checkpoint(range(n), every=every):
            x = x + k * math.sin(x) * t * i
        u = u * math.cos(x)
    return x + u.sum()


def in_a_branch(u, k, n, every):
    if k > 0.01:
        for t in checkpoint(range(n), every=every):
            u = u + k * np.sin(u) * t
    return u.sum()


def swapped(u, k, n, every):
    v = np.zeros_like(u)
    for _ in checkpoint(range(n), every=every):
        v[1:-1] = u[1:-1] + k * np.sin(u[2:]) * u[:-2]
        u, v = v, u
    return np.sum(u**2)


def inner(u, k, n, every):
    for t in checkpoint(range(n), every=every):
        u = u + k * np.sin(u) * t
    return u


def in_a_call(u, k, n, every):
    return (inner(u, k, n, every) * inner(u * 2.0, k, n, every)).sum()


def noisy(u, k, n, every):
    for t in checkpoint(range(n), every=every):
        assert k > 0, "k"
        w = u[: len(u) - 1]
        u = u + k * np.sin(u) * t * w.sum()
    return u.sum()


def history(u, k, n, every):
    y = np.zeros(n + 1)
    y[0] = u[0]
    for t in checkpoint(range(n), every=every):
        y[t + 1] = y[t] + k * math.sin(y[t])
    return y.sum()


def with_steps(u, k, n, every):
    for t in checkpoint(range(2 * n, 0, -2), every=every):
        u = u + 0.1 * np.sin(u * k) * t
    return np.sum(u)


def fills_a_list(u, k, n, every):
    seen = []
    for _ in checkpoint(range(n), every=every):
        u = u + 0.1 * np.sin(u * k)
        seen.append(np.sum(u**2))
    return sum(seen)


PROGRAMS = [
    with_steps, fills_a_list,
    kept_in_place, numbers, state_that_is_not_needed, linear, branches, jumps, loops_inside, calls,
    bounds, nested, in_a_loop, in_a_branch, swapped, in_a_call, noisy, history,
]  # fmt: skip
U = np.array([0.3, 0.7, 0.4, 0.9])


SIZES = (0, 1, 2, 7, 30)


def plain(fun):
    """The same function with plain loops, and so are those that it calls."""
    name = f"<plain {fun.__name__}>"
    source = inspect.getsource(inner) + "\n\n" + inspect.getsource(fun)
    source = re.sub(r"checkpoint\((range\(.*\)), every=every\)", r"\1", source)
    assert "checkpoint" not in source
    linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)
    scope = {"np": np, "math": math, "step": step}
    exec(compile(source, name, "exec"), scope)
    return scope[fun.__name__]


@pytest.mark.parametrize("every", [None, 1, 4])
@pytest.mark.parametrize("fun", PROGRAMS, ids=lambda f: f.__name__)
def test_gradients_are_those_of_the_plain_loop(fun, every) -> None:
    ours = cr.value_and_grad(fun, argnums=(0, 1))
    theirs = cr.value_and_grad(plain(fun), argnums=(0, 1))
    for n in SIZES:
        value, gradients = theirs(U, 0.05, n, every)
        found = ours(U, 0.05, n, every)
        assert found[0] == value
        for a, b in zip(found[1], gradients, strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-12, atol=0)


def test_the_pullback_can_be_called_twice() -> None:
    _, pullback = cr.vjp(lambda u, k: kept_in_place(u, k, 9, None), U, 0.05)
    first, second = pullback(1.0), pullback(2.0)
    np.testing.assert_allclose(second[0], 2 * first[0])
    np.testing.assert_allclose(second[1], 2 * first[1])


def test_the_marker_is_the_range() -> None:
    assert checkpoint(range(2, 9, 3), every=2) == range(2, 9, 3)
    with pytest.raises(TypeError, match="takes a range, not list"):
        checkpoint([1, 2])  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="at least 1"):
        checkpoint(range(3), every=0)


def counted_work(trips: int, most: int) -> tuple[int, int]:
    """The trips that are run besides the last run of each, and the largest number of snapshots."""
    stored = [0, *sorted(snapshot_places(0, trips, most - 1))]
    work, largest = trips, len(stored)
    for t in range(trips - 1, -1, -1):
        start = stored[-1]
        if start == t:
            stored.pop()
        places = snapshot_places(start, t + 1, most - len(stored))
        stored += sorted(places)
        assert all(start < p < t for p in places)
        largest = max(largest, len(stored))
        work += t - start
    assert stored == []
    return work, largest


@pytest.mark.parametrize("most", [1, 2, 3, 5])
def test_the_schedule_is_optimal(most) -> None:
    """`r * n - C(most + r, r - 1)` trips before the last run of each (Griewank and Walther 2000).

    There the forward pass ends before the last trip; here it runs that one too, and the backward
    pass comes back to it from the last snapshot.
    """
    for trips in range(1, 40):
        work, largest = counted_work(trips, most)
        r = next(r for r in range(trips + 1) if math.comb(most + r, r) >= trips)
        back = trips - 1 - max(snapshot_places(0, trips, most - 1), default=0)
        assert work - 1 - back == (r * trips - math.comb(most + r, r - 1) if r else 0)
        assert largest <= most


@pytest.mark.parametrize("trips", [1, 2, 9, 10, 11, 500, 10_000])
def test_at_most_three_more_runs_of_the_loop(trips) -> None:
    work, largest = counted_work(trips, snapshot_count(trips))
    assert largest <= snapshot_count(trips)
    assert (
        work + trips <= 4 * trips
    )  # the run with records is one of them, the forward pass another


def test_memory_and_work_of_a_long_simulation() -> None:
    size, trips = 20_000, 300

    def simulation(u, n):
        for _ in checkpoint(range(n)):
            u = np.sin(u)
        return u.sum()

    u = np.linspace(0.0, 1.0, size)
    gradient = cr.grad(simulation)
    gradient(u[:2], 2)
    tracemalloc.start()
    gradient(u, trips)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    state = u.nbytes
    assert snapshot_count(trips) == 11
    assert peak <= (11 + 6) * state


def test_tangents_and_hessians() -> None:
    def f(u):
        for t in checkpoint(range(5)):
            u = u + 0.1 * np.sin(u) * t
        return u

    _, moved = cr.jvp(f, (U,), (np.ones(4),))
    np.testing.assert_allclose(np.diag(cr.jacrev(f)(U)), moved, rtol=1e-12)
    hessian = cr.hessian(lambda u: f(u).sum())(U)
    slopes = [(cr.grad(lambda u: f(u).sum())(U + h) - cr.grad(lambda u: f(u).sum())(U - h)) / 2e-5
              for h in 1e-5 * np.eye(4)]  # fmt: skip
    np.testing.assert_allclose(hessian, slopes, rtol=1e-6, atol=1e-8)
