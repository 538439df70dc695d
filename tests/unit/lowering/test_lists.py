"""Lists whose length is known only at run time, in lowered programs."""

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

x = np.array([1.1, -0.3, 0.5])


def several_lists(x, n):
    xs, ys = [x], [x * x]
    for i in range(n):
        ys.append(xs[-1] * ys[0] + i)
        xs = ys + xs[1:]
    return np.sum(np.array(xs)) + 2 * np.sum(np.array(ys) ** 2)


def the_old_list_is_still_needed(x, n):
    xs = [x]
    for i in range(n):
        ys = xs + [xs[-1] * 0.5 + i]  # noqa: RUF005
        xs = [a + b for a, b in zip(xs, ys)] + [ys[-1]]  # noqa: B905
    return sum(xs[1:]) * xs[0]


def an_item_is_read_before_it_is_written(x, n):
    xs = []
    for i in range(n):
        xs.append(x * (i + 1.0))
    for i in range(n):
        first = xs[0]
        xs[0] = xs[i] * 2.0
        xs[i] = first * xs[-1]
    return np.sum(np.array(xs))


def arrays_of_several_sizes(x, n):
    xs = []
    for i in range(n):
        xs.append(x[: 1 + i % 3] * (i + 1.0))
    xs[0] = xs[2] * xs[2]
    xs[2] = xs[0][:1] + 1.0
    last = xs.pop()
    return np.sum(np.concatenate(xs) ** 2) * np.sum(last)


def a_list_of_one_branch(x, n):
    xs = [x]
    for i in range(n):
        if np.sum(xs[-1]) > 1.0:
            xs.append(xs[-1] * 0.25)
        elif len(xs) > 1:
            xs.pop()
        else:
            xs[0] = xs[0] + 1.0 + i
    return np.sum(np.stack(xs)) * len(xs)


def a_list_in_each_trip(x, n):
    s = 0.0
    for i in range(n):
        xs = []
        for j in range(i + 1):
            xs.append(np.sin(x * j))
        s = s + np.sum(np.stack(xs)[-1] * xs[0]) + np.sum(xs[i])
    return s


def halves(xs):
    left = []
    for i in range(len(xs) // 2):
        left.append(xs[i] * 2.0)
    return left


def handed_to_functions(x, n):
    xs = []
    for i in range(n):
        xs.append(x[i % 3] * (1.0 + i))
    half = halves(xs)
    return sum(half) * max(xs) + min(xs)


FUNCTIONS = [
    several_lists, the_old_list_is_still_needed, an_item_is_read_before_it_is_written,
    arrays_of_several_sizes, a_list_of_one_branch, a_list_in_each_trip, handed_to_functions,
]  # fmt: skip


@pytest.mark.parametrize("fun", FUNCTIONS, ids=lambda f: f.__name__)
def test_the_same_as_python(fun):
    for n in (4, 7):
        support.check_lowered(fun, (x, n), ("x",))


def test_what_python_raises():
    def f(x, n):
        xs = [x]
        for i in range(n):
            xs.append(x * i)
        return xs[n + 1] + xs.pop()

    def g(x, n):
        xs = []
        for i in range(n):
            xs.append(x[i:])
        return np.sum(np.stack(xs))

    with pytest.raises(IndexError):
        support.check_lowered(f, (2.0, 3), ("x",))
    with pytest.raises(ValueError, match="same shape"):
        cr.debug(g)(x, 3)
