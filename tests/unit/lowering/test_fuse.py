"""Loops that become one, and loops that may not."""

import importlib.util
from pathlib import Path

import numpy as np

_spec = importlib.util.spec_from_file_location(
    "support", Path(__file__).parents[2] / "run" / "support.py"
)
support = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(support)

x = np.array([1.1, -0.3, 0.5, 0.7])
A = np.arange(12.0).reshape(3, 4) / 7.0 - 0.6


def loops(text):
    return text.count("for ")


def test_loops_over_the_same_range():
    def f(x, y):
        a = np.sin(x)
        b = a * a + a
        return np.sum(a * b) + np.sum(b * y)

    text = support.check_lowered(f, (x, x + 1.0))
    assert loops(text) == 1
    assert "np.empty" in text  # the gradients; no memory for a and b
    assert text.count("np.empty") == 2


def test_a_loop_that_reads_its_neighbours_stays_apart():
    def f(x):
        a = x * x
        b = a * 2.0
        return np.sum(a[1:] * b[:-1])

    def g(x):
        a = np.cumsum(x)
        return np.sum(a[::-1] * a)

    for fun in (f, g):
        assert loops(support.check_lowered(fun, (x,))) > 1


def test_a_sum_is_read_only_after_its_loop():
    def f(x):
        s = np.sum(x * x)
        return np.sum(x / s)

    assert loops(support.check_lowered(f, (x,))) > 1


def test_rows_and_columns():
    def f(A):
        rows = np.sum(A, axis=1)
        columns = np.sum(A, axis=0)
        return np.sum(rows**2) * np.sum(columns**2) + np.sum(A.T @ A)

    support.check_lowered(f, (A,))
