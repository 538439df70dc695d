"""Names that are None until they are set, in lowered programs."""

import importlib.util
from pathlib import Path

import numpy as np

_spec = importlib.util.spec_from_file_location(
    "support", Path(__file__).parents[2] / "run" / "support.py"
)
support = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(support)

x = np.array([1.1, 3.3, 2.2, 4.4, 0.7, 2.5])


def times(a, b):
    return a * b


def test_a_flag_of_its_own():
    def f(x):
        best = None
        for v in x:
            if best is None or v < best:
                best = v
        return best**2

    text = support.check_lowered(f, (x,))
    assert "best_set" in text
    assert " is None" not in text.replace('"best is None"', "")


def test_set_again_and_handed_to_a_function():
    def f(x):
        last, s = None, 0.0
        for v in x:
            if last is not None:
                s += times(last, v)
            last = None
            if v > 1.0:
                last = v * v
        if last is None:
            return s
        return s + last

    for args in ((x,), (x[:1],), (x[::-1],)):
        support.check_lowered(f, args)


def test_an_array_that_may_be_none_in_a_while_loop():
    def f(x, n):
        row, i, s = None, 0, 0.0
        while row is None or i < n:
            if row is not None:
                s += np.sum(row * x)
            row = x * (i + 1.0) if row is None else row * 0.5
            i += 1
        return s + np.sum(row**2)

    for n in (0, 1, 4):
        support.check_lowered(f, (x, n), ("x",))
