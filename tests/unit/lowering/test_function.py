"""When arrays are stored, and when their memory may be overwritten."""

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


def test_a_chain_of_single_uses_is_one_loop():
    def f(x):
        y = np.sin(x)
        return np.sum(2.0 * y + 1.0)

    text = support.check_lowered(f, (x,))
    assert text.count("for ") == 1


def test_two_names_of_one_array_that_a_loop_writes_into():
    def f(x):
        u = x * 2
        v = u.copy()
        for i in range(3):
            u[i] = v[i] * 2
            v[i] = u[i] + v[i]
        return np.sum(u * v)

    support.check_lowered(f, (x,))


def test_arrays_that_change_places():
    def f(x):
        u = x * 1.5
        v = x * x
        for _ in range(3):
            u, v = v, u * 0.5
        return np.sum(u * v[::-1])

    support.check_lowered(f, (x,))


def test_what_reads_memory_is_stored_before_the_memory_changes():
    def f(x):
        u = np.zeros(4)
        w = u + 1.0
        for i in range(4):
            u[i] = x[i] ** 2
        return np.sum(w * x) + np.sum(u)

    def g(x):
        u = x * 2.0
        mean = u[1:] * 3.0 + u[:-1]
        u[:3] = mean
        return np.sum(u * u)

    def h(x):
        u = x * 2.0
        u[1:] = u[:-1] * x[1:]
        return np.sum(u * u)

    for fun in (f, g, h):
        support.check_lowered(fun, (x,))


def test_results_share_no_memory():
    def f(x):
        y = x * 2.0
        return np.sum(y), y, y, x

    from chainrule import pipeline, staging

    primal, names = staging.primal_for(f, (x,), {}, None, None)
    program = pipeline.pullback(primal, names)
    run, _, _ = support.lowered(pipeline.replace_results(program.forward, 4, ()))
    _, first, second, third = run(x)
    assert not np.shares_memory(first, second)
    assert not np.shares_memory(third, x)
    np.testing.assert_array_equal(first, second)
    np.testing.assert_array_equal(third, x)


def test_single_precision_stays():
    def f(x):
        y = x * 2.0 + 1
        return np.sum(np.exp(y) / 3)

    support.check_lowered(f, (x.astype(np.float32),))
