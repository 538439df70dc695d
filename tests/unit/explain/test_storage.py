"""What a program records, as data and as text."""

import math

import numpy as np

import chainrule as cr


def root(a):
    x = a
    while abs(x * x - a) > 1e-10:
        x = 0.5 * (x + a / x)
    return x


def heat(u, steps):
    for _ in range(steps):
        u[1:-1] += 0.1 * (u[2:] - 2 * u[1:-1] + u[:-2])
    return np.sum(u**2)


def waves(u, steps):
    for _ in range(steps):
        u = np.sin(u)
    return u.sum()


def triangle(A):
    n = A.shape[0]
    s = 0.0
    for i in range(n):
        for j in range(i):
            s = math.sin(s * A[i, j])
    return s


def test_a_linear_stencil_records_nothing() -> None:
    found = cr.stages(heat, np.ones(5), 3).storage()
    assert list(found) == []
    assert str(found) == "heat: nothing is recorded"
    assert found.total == "0"


def test_an_array_in_every_trip() -> None:
    (record,) = cr.stages(waves, np.ones(5), 3).storage()
    first = waves.__code__.co_firstlineno
    assert (record.name, record.value, record.stage) == ("u_at", "u", 0)
    assert record.line == first + 1
    assert record.bytes == "8 * u.shape[0] * steps"
    assert record.why == "du = np.cos(u) * du"
    (loop,) = record.loops
    assert (loop.line, loop.header, loop.trips) == (first + 1, "for _ in range(steps)", "steps")


def test_trips_that_nobody_knows() -> None:
    found = cr.stages(root, 2.0).storage()
    assert [r.bytes for r in found] == ["8 * unknown trips"]
    assert str(found).splitlines()[-1] == "bytes in total: 8 * unknown trips"


def test_trips_that_depend_on_an_outer_loop() -> None:
    (record,) = cr.stages(triangle, np.eye(4)).storage()
    assert record.bytes == "8 * sum(i for i in range(n))"
    assert eval(record.bytes, {"n": 4}) == 8 * 6


def twice(x, n):
    for _ in range(n):
        x = math.sin(x)
    return x


def calls(x, n):
    return twice(x, n) * twice(x, n)


def test_records_of_a_function_that_is_called() -> None:
    found = cr.stages(calls, 2.0, 3).storage()
    assert [r.function for r in found] == ["twice_forward"]
    assert found.total == "8 * n for each call of twice_forward"


def checkpointed(u, n):
    for _ in cr.checkpoint(range(n)):
        s = 0.0
        for i in range(3):
            s = math.sin(s + u[i])
        u = u * s
    return u.sum()


def stretches(u, n):
    for _ in range(2):
        for _ in cr.checkpoint(range(n), every=10):
            u = np.sin(u)
    return u.sum()


def test_snapshots() -> None:
    state, inner = cr.stages(checkpointed, np.ones(5), 9).storage()
    assert (state.name, state.value) == ("snapshots", "u")
    assert state.bytes == "snapshot_count(n) * (8 + 8 * u.shape[0])"
    assert inner.bytes == "24"  # a new list in each trip of the backward pass
    assert [loop.header for loop in inner.loops] == ["for i in range(3)"]


def test_snapshots_at_equal_distances() -> None:
    found = cr.stages(stretches, np.ones(5), 9).storage()
    assert [r.bytes for r in found] == ["2 * (n // 10 + 10) * (8 + 8 * u.shape[0])", "0"]
