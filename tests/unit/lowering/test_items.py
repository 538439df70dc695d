"""Memory of lists: in place where nobody needs the old list."""

import importlib.util
from pathlib import Path

import numpy as np

_spec = importlib.util.spec_from_file_location(
    "support", Path(__file__).parents[2] / "run" / "support.py"
)
support = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(support)

x = np.array([1.1, -0.3, 0.5])


def test_a_list_that_grows_is_never_copied():
    def f(x, n):
        xs = [x]
        for i in range(n):
            xs.append(np.sin(xs[-1]) * i)
        return sum(xs)

    text = support.check_lowered(f, (0.7, 40), ("x",))
    body = text[text.index("def f_value_and_grad") :]
    assert body.count("np.empty") == 3  # the list, the record, the list of gradients


def test_an_array_is_read_before_the_list_is_written():
    def f(x, n):
        xs = [x, x * 2.0]
        for i in range(n):
            old = xs[0]
            xs[0] = xs[1] * i
            xs[1] = old[::-1] * old
        return np.sum(xs[0] * xs[1])

    support.check_lowered(f, (x, 3), ("x",))


def test_two_names_of_a_list():
    def f(x, n):
        xs = [x]
        for i in range(n):
            ys = xs.copy()
            ys.append(x * i)
            xs.append(ys[-1] + ys[0])
            xs = ys + xs
        return sum(xs) * sum(ys)

    support.check_lowered(f, (0.7, 3), ("x",))
