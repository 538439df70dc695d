"""What the forward pass keeps for the backward pass."""

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


def test_numbers_and_arrays_of_nested_loops():
    def f(x, n):
        s = 0.0
        for i in range(n):
            y = np.sin(x * (s + 1.0))
            for j in range(i):
                s = np.tanh(s * y[j] + y[j] ** 2)
        return s

    for n in (0, 1, 4):
        text = support.check_lowered(f, (x, n), ("x",))
    assert "grown" in text


def test_there_is_room_before_the_loop():
    def f(x):
        s = 1.0
        for i in range(len(x)):
            s = s * np.sin(x[i] * s)
        return s

    text = support.check_lowered(f, (x,))
    assert text.rindex("grown") < text.index("for ", text.index("def f_value"))


def test_what_is_always_the_same_is_not_recorded():
    def f(x, n):
        s = 1.0
        for _ in range(n):
            s = s * np.sum(x[: n - 1] * s)
        return s

    text = support.check_lowered(f, (x, 3), ("x",))
    assert "np.int64" not in text


def test_records_of_a_function_that_is_called_in_a_loop():
    def inner(a, n):
        for i in range(n):
            a = np.sin(a) * (i + 1.0)
        return a

    def f(x):
        s = 0.0
        for i in range(3):
            s = s + inner(x[i] + s, i + 1)
        return s

    support.check_lowered(f, (x,))
