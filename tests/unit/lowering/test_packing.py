"""Functions that call themselves, in lowered programs."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest

import chainrule as cr

_spec = importlib.util.spec_from_file_location(
    "support", Path(__file__).parents[2] / "run" / "support.py"
)
support = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(support)

x = np.array([1.1, -0.3, 0.5, 0.7])


def mixed(a, k, n):
    """What is saved: arrays, integers, a bool, a float32, what the inner calls saved."""
    if n == 0:
        return np.sum(a * k)
    half = np.float32(0.5) * a.astype(np.float32)
    inner = mixed(a[::-1] * inner_weight(n), k, n - 1)
    if inner > 0.0:
        return inner * np.sum(half * a) + k
    return mixed(a * inner, k * 0.5, n - 1) - inner


def inner_weight(n):
    return 1.0 + n


def with_loops(a, n):
    """Records and lists of a function that calls itself."""
    s, found = 0.0, []
    for v in a:
        s = np.sin(s + v * v)
        found.append(s * n)
    if n <= 0:
        return s
    return s * with_loops(a * found[0], n - 1) + sum(found)


def in_a_loop(a, n):
    s = 0.0
    for i in range(n):
        s = s + with_loops(a * (s + 1.0), i % 2)
    return s


@pytest.mark.parametrize("n", [0, 1, 3])
def test_the_same_as_python(n):
    support.check_lowered(mixed, (x, 0.8, n), ("a", "k"))
    support.check_lowered(with_loops, (x, n), ("a",))
    support.check_lowered(in_a_loop, (x, n), ("a",))


def test_a_pair_for_several_cotangents():
    value, pullback = cr.vjp(with_loops, x, 2, engine="numba")
    expected, plain = cr.vjp(with_loops, x, 2)
    assert value == pytest.approx(expected, rel=1e-12)
    for seed in (1.0, -2.0, 1.0):
        np.testing.assert_allclose(pullback(seed)[0], plain(seed)[0], rtol=1e-10)


def test_too_deep():
    def depth(x, n):
        return x if n == 0 else depth(x * 0.999, n - 1) + x

    slope = cr.grad(depth, engine="numba")
    assert slope(1.0, 500) == pytest.approx(cr.grad(depth)(1.0, 500), rel=1e-12)
    assert slope(1.0, 2500) > 900.0
    with pytest.raises(RecursionError):
        slope(1.0, 10_000)


def test_two_functions_of_one_name():
    def inner(x, n):
        return x if n == 0 else x * inner_forward(x, n - 1)

    def inner_forward(x, n):
        return np.sin(x) if n == 0 else inner(x * 0.5, n - 1) + x

    support.check_lowered(inner, (0.7, 4), ("x",))
