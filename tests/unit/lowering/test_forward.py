"""Elements that were just written."""

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


def test_an_element_that_is_written_and_read():
    def f(x):
        a = np.zeros(4)
        s = 0.0
        for i in range(4):
            a[i] = np.sin(x[i])
            s += a[i] * a[i]
        return s

    text = support.check_lowered(f, (x,))
    assert "np.sin(x[i])" in text


def test_another_write_in_between():
    def f(x):
        a = np.zeros(4)
        for i in range(3):
            a[i] = x[i]
            a[i + 1] = 2.0 * x[i] * a[i]
            a[0] = a[i] * 3.0
            a[i] += a[0]
        return np.sum(a * a)

    support.check_lowered(f, (x,))
