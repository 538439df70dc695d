"""Branches and loops, their cells and memory."""

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


def test_arrays_that_are_made_on_either_side():
    def f(x, c):
        if c > 0.5:
            y = x * 2.0
            n = np.sum(y)
        else:
            y = x[::-1] * x
            n = 1.0
        y[0] = 3.0 * c
        return np.sum(y * n) * c

    for c in (0.7, 0.2):
        support.check_lowered(f, (x, c))


def test_memory_that_is_written_on_one_side_only():
    def f(x, c):
        a = x * 2.0
        b = a * a
        for i in range(3):
            if c > 0:
                a[i] = b[i]
                c = c - 2
            else:
                b[i] = a[i] * 3
                c = c + 1
        return np.sum(a * b)

    support.check_lowered(f, (x, 1.0))


def test_a_while_with_arrays():
    def f(x):
        s = np.zeros_like(x)
        t = x * x
        while s[0] < 10:
            s = s + t[::-1]
            t = t * s
        return np.sum(s * t)

    support.check_lowered(f, (x,))


def test_steps_of_a_range():
    def f(x, n):
        s = 0.0
        for i in range(3, -1, -2):
            s = s * 0.5 + x[i] * s + x[i] ** 2
        for i in range(0, n, 3):
            s = s * x[i % 4] + i
        return s

    for n in (0, 1, 7):
        support.check_lowered(f, (x, n), ("x",))


def test_loops_that_end_early():
    def f(x, n):
        s = 0.0
        for i in range(n):
            s = s + x[i % 4] ** 2
            if s > 2.0:
                break
        return s * x[0]

    for n in (0, 2, 20):
        support.check_lowered(f, (x, n), ("x",))
