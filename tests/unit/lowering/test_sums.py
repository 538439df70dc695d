"""Sums of the backward pass in any order."""

import importlib.util
from pathlib import Path

import numpy as np

import chainrule as cr

_spec = importlib.util.spec_from_file_location(
    "support", Path(__file__).parents[2] / "run" / "support.py"
)
support = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(support)

x = np.linspace(0.1, 0.9, 50)


def test_a_gradient_that_many_trips_add_to():
    def f(x, k):
        s = 0.0
        for i in range(len(x)):
            s += np.sin(k * x[i])
        return s

    text = support.check_lowered(f, (x, 0.3))
    assert "= plus(dk" in text
    assert "s = s + " in text  # the user's sum keeps its order


def test_a_sum_that_is_read_on_the_way_keeps_its_order():
    def f(x, k):
        a = k
        for i in range(len(x)):
            a = a * x[i] + 0.1
        return a

    assert "plus(" not in support.check_lowered(f, (x, 0.3))


def test_compiled():
    def f(x, k):
        s = 0.0
        for i in range(len(x) - 1):
            s += (k * x[i] - x[i + 1]) ** 2
        return s

    for dtype in (np.float64, np.float32):
        args = (x.astype(dtype), dtype(0.3))
        mine = cr.grad(f, ("x", "k"), engine="numba")(*args)
        wanted = cr.grad(f, ("x", "k"))(*args)
        for a, b in zip(mine, wanted, strict=True):
            assert np.asarray(a).dtype == np.asarray(b).dtype
            np.testing.assert_allclose(a, b, rtol=1e-12 if dtype is np.float64 else 1e-4)
