"""Compiled gradients inside functions that Numba compiles."""

import math
from typing import NamedTuple

import numba
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
