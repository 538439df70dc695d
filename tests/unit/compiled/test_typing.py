"""Compiled gradients inside functions that Numba compiles."""

import math
from typing import NamedTuple

import numba
import numpy as np
import pytest

import chainrule as cr


@numba.njit
def f(x, y, n=2):
    return x**n * math.exp(y)


both = cr.value_and_grad(f, argnums=(0, 1))


@numba.njit
def descend(x, y, steps):
    for _ in range(steps):
        _, (dx, dy) = both(x, y)
        x -= 0.01 * dx
        y -= 0.01 * dy
    return x, y


def test_a_loop_of_steps():
    x, y = 1.0, 0.5
    for _ in range(3):
        dx, dy = 2 * x * math.exp(y), x**2 * math.exp(y)
        x, y = x - 0.01 * dx, y - 0.01 * dy
    assert descend(1.0, 0.5, 3) == pytest.approx((x, y), rel=1e-14)


def test_as_an_argument_of_numba_code():
    @numba.njit
    def apply(g, x):
        return g(x, 0.0)[1][0]

    assert apply(both, 3.0) == pytest.approx(6.0)


def test_integers_keywords_and_constants():
    @numba.njit
    def run():
        return both(3, y=0.0, n=3)[1][0]

    assert run() == pytest.approx(27.0)


def test_what_is_read_from_outside_is_frozen():
    rate = 2.0
    g = cr.grad(numba.njit(lambda x: rate * x))

    @numba.njit
    def run(x):
        return g(x)

    assert run(1.0) == 2.0
    rate = 3.0
    assert g(1.0) == 3.0
    assert run(1.0) == 2.0


class Point(NamedTuple):
    a: float
    b: float


def test_tuples_and_named_tuples():
    @numba.njit
    def h(p, q):
        return p.a * p.b + q[0] * q[1][0]

    g = cr.grad(h, argnums=(0, 1))

    @numba.njit
    def run(p):
        dp, dq = g(p, (3.0, (4.0,)))
        return dp.a, dp, dq

    da, dp, dq = run(Point(1.0, 2.0))
    assert (da, dp, dq) == (2.0, Point(2.0, 1.0), (4.0, (3.0,)))
    assert type(dp) is Point


def test_auxiliary_values():
    g = cr.grad(numba.njit(lambda x: (x**2, (x, 3))), has_aux=True)

    @numba.njit
    def run(x):
        return g(x)

    assert run(3.0) == (6.0, (3.0, 3))


def test_a_compiled_function_itself():
    h = cr.compile(lambda x, y: math.sin(x) + y)

    @numba.njit
    def run(x):
        return h(x, 1.0)

    assert run(0.5) == math.sin(0.5) + 1.0


def test_refusals_name_the_line_of_the_function():
    g = cr.grad(numba.njit(lambda x: eval("x")))

    @numba.njit
    def run(x):
        return g(x)

    with pytest.raises(cr.UnsupportedError) as caught:
        run(1.0)
    assert caught.value.filename == __file__


def test_the_cache_of_a_caller_does_not_keep_an_old_gradient(tmp_path, monkeypatch):
    path = tmp_path / "caller.py"
    path.write_text("import numba\n\n\n@numba.njit(cache=True)\ndef run(x):\n    return g(x)\n")
    scope = {"g": cr.grad(numba.njit(lambda x: x**2))}
    exec(compile(path.read_text(), str(path), "exec"), scope)
    with pytest.warns(numba.NumbaWarning, match="Cannot cache"):
        assert scope["run"](3.0) == 6.0
    assert not list(tmp_path.rglob("*.nb*"))


def weighted(x, w):
    return np.sum(x * w**2)


both_arrays = cr.value_and_grad(numba.njit(weighted), argnums=(0, 1))


@numba.njit
def called_with(x, w):
    return both_arrays(x, w)


def test_axes_of_length_one_broadcast():
    many, one, none = np.arange(1.0, 5.0), np.array([3.0]), np.zeros(0)
    for x, w in ((many, many + 1), (many, one), (one, many), (one, one), (none, none), (none, one)):
        value, gradients = called_with(x, w)
        wanted, by_python = cr.value_and_grad(weighted, argnums=(0, 1))(x, w)
        assert value == pytest.approx(wanted, rel=1e-14)
        for ours, theirs in zip(gradients, by_python, strict=True):
            assert ours.shape == theirs.shape
            assert np.allclose(ours, theirs, rtol=1e-14)


def test_shapes_that_do_not_fit_raise():
    with pytest.raises(ValueError, match="broadcast"):
        called_with(np.ones(3), np.ones(2))


def test_arrays_of_any_layout():
    @numba.njit
    def run(A, b):
        return both_arrays(A.T, b[::2])[1]

    A, b = np.arange(6.0).reshape(3, 2), np.arange(1.0, 7.0)
    for ours, theirs in zip(run(A, b), cr.grad(weighted, argnums=(0, 1))(A.T, b[::2]), strict=True):
        assert np.allclose(ours, theirs, rtol=1e-14)


table = np.array([1.0, 2.0, 3.0])


def looked_up(x):
    total = 0.0
    for i in range(len(x)):
        total += table[i] * x[i] ** 2
    return total


def test_arrays_from_outside_are_frozen_and_read_only():
    g = cr.grad(numba.njit(looked_up))

    @numba.njit
    def run(x):
        return g(x)

    assert np.array_equal(run(np.ones(3)), [2.0, 4.0, 6.0])


def test_a_length_that_has_to_be_known_is_refused():
    def distance(p):
        x, y = p
        return x**2 + y**2

    g = cr.grad(numba.njit(distance))

    @numba.njit
    def run(p):
        return g(p)

    with pytest.raises(cr.UnsupportedError, match=r"p\.shape\[0\] has to be known"):
        run(np.ones(2))


def test_arrays_that_share_memory_are_refused():
    def f(x, y):
        x[0] = y[0] * 2
        return x[0] * y[0] + x[1]

    g = cr.grad(f, argnums=(0, 1), engine="numba")

    @numba.njit
    def run(x, y):
        return g(x, y)

    x = np.arange(1.0, 7.0)
    assert np.allclose(run(x[:3], x[3:])[1], [16.0, 0.0, 0.0])
    assert x[0] == 1.0
    for one, two in ((x, x), (x[2:], x[::-1]), (x[::2], x[1::2])):
        with pytest.raises(ValueError, match="share memory"):
            run(one, two)


def test_without_a_program_for_axes_of_length_one():
    def squeezed(A):
        return np.sum(np.squeeze(A)[0] ** 2)

    g = cr.grad(numba.njit(squeezed))

    @numba.njit
    def run(A):
        return g(A)

    A = np.arange(4.0).reshape(2, 2)
    assert np.array_equal(run(A), [[0.0, 2.0], [0.0, 0.0]])
    for odd in (A[:1], A[:, :0]):
        with pytest.raises(ValueError, match="call it from Python"):
            run(odd)
    assert np.array_equal(g(A[:1]), [[0.0, 0.0]])
