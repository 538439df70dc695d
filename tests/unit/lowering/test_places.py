"""Positions: slices with every kind of bound, negative and wrong indices, masks."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest

_spec = importlib.util.spec_from_file_location(
    "support", Path(__file__).parents[2] / "run" / "support.py"
)
support = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(support)

x = np.array([1.1, -0.3, 0.5, 0.7])
A = np.arange(12.0).reshape(3, 4) / 7.0 - 0.6


@pytest.mark.parametrize("start", ["", "0", "1", "3", "9", "-1", "-3", "-9"])
@pytest.mark.parametrize("stop", ["", "0", "2", "4", "9", "-1", "-2", "-9"])
def test_slices(start, stop):
    for step in ("", ":2", ":-1", ":-2"):
        part = f"{start}:{stop}{step}"
        source = f"""import numpy as np
def f(x, y):
    part = x[{part}]
    return np.sum(part * part) + part.shape[0] * y
def g(x, y):
    z = x * y
    z[{part}] = y * 2.0
    z[{part}] += 1.0
    return np.sum(z * z)
"""
        names = support.functions(source)
        for fun in (names["f"], names["g"]):
            support.check_lowered(fun, (x, 0.5))


def test_steps_that_are_arguments():
    def f(x, i, j, step):
        part = x[i:j:step] * 2.0
        return np.sum(part * part) + np.sum(x[::step]) + np.sum(x[i::step] ** 2)

    for i in (-9, -2, 0, 3, 9):
        for j in (-9, -3, 0, 2, 9):
            for step in (1, 2, 3, -1, -2):
                support.check_lowered(f, (x, i, j, step), ("x",))


def test_bounds_that_are_arguments():
    def f(x, i, j):
        part = x[i:j] * 2.0
        return np.sum(part * part) + x[0]

    for i in (-9, -2, 0, 3, 9):
        for j in (-3, 0, 2, 9):
            support.check_lowered(f, (x, i, j), ("x",))


def test_an_index_from_the_end_and_one_outside():
    def f(x, i):
        return x[i] * x[-1] + A[i % 3, i]

    for i in (-4, -1, 0, 3):
        support.check_lowered(f, (x, i), ("x",))
    primal, names = support.staging.primal_for(f, (x, 1), {}, None, ("x",))
    run, _, _ = support.lowered(support.pipeline.gradient(primal, names).function)
    for i in (4, -5):
        with pytest.raises(IndexError):
            run(x, i, A)


def test_a_counter_that_stays_inside_is_not_checked():
    def f(x):
        s = 0.0
        for i in range(1, len(x) - 1):
            s += x[i - 1] * x[i + 1]
        return s

    def g(x, n):
        s = 0.0
        for i in range(n):
            s += x[i] ** 2
        return s

    assert "IndexError" not in support.check_lowered(f, (x,))
    text = support.check_lowered(g, (x, 3), ("x",))
    assert text.count("IndexError") == 1  # once, before the loop
    assert text.index("IndexError") < text.index("for ")


def test_masks_and_arrays_of_positions():
    def f(A, k):
        rows = A[k]
        A2 = A * 2.0
        A2[A > 0] = 0.5
        picked = A2[A2 > 0.2]
        return np.sum(rows * rows) + np.sum(picked**2) + np.sum(A[k, 1] * A[:, None, k][0])

    support.check_lowered(f, (A, np.array([0, -1, 0])), ("A",))


def test_sizes_that_do_not_fit_raise():
    def f(x, y):
        return np.sum(x * y)

    primal, names = support.staging.primal_for(f, (x, x), {}, None, None)
    run, _, _ = support.lowered(support.pipeline.gradient(primal, names).function)
    with pytest.raises(ValueError, match="broadcast"):
        run(x, x[:3])
