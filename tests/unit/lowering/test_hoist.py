"""Memory and checks before loops."""

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


def test_memory_of_a_trip():
    def f(x, n):
        s = 0.0
        for i in range(n):
            y = np.zeros(4)
            y[i] = x[i] * s + 1.0
            s = s + np.sum(np.sin(y) * x)
        return s

    text = support.check_lowered(f, (x, 3), ("x",))
    lines = text.splitlines()
    inside = [line for line in lines if line.startswith("        ") and "np.empty" in line]
    assert not [line for line in inside if "grown" not in line and "larger" not in line]


def test_a_check_in_a_branch_stays_there():
    def f(x, n):
        s = 0.0
        for i in range(n):
            if i < 4:
                s += x[i] ** 2
        return s

    support.check_lowered(f, (x, 9), ("x",))


def test_a_check_before_a_loop_without_trips():
    def f(x, n, m):
        s = x[0]
        for _ in range(m):
            for i in range(n):
                s += x[i] ** 2
        return s

    support.check_lowered(f, (x, 9, 0), ("x",))
    support.check_lowered(f, (x, 0, 9), ("x",))
    primal, names = support.staging.primal_for(f, (x, 1, 1), {}, None, ("x",))
    run, _, _ = support.lowered(support.pipeline.gradient(primal, names).function)
    with pytest.raises(IndexError):
        run(x, 5, 1)


def test_checks_leave_nested_loops():
    def f(A, x, n, m):
        s = 0.0
        for i in range(n):
            for j in range(m):
                s += A[i, j] * x[j]
            for j in range(i):
                s += A[j, i] * x[2 * j]
        return s

    text = support.check_lowered(f, (A, x, 2, 3), ("A", "x"))
    lines = text.splitlines()
    checks = [line for line in lines if "IndexError" in line]
    assert checks
    assert all(line.startswith("        raise") for line in checks)  # before the loops
    support.check_lowered(f, (A, x, 0, 9), ("A", "x"))
    support.check_lowered(f, (A, x, 2, 0), ("A", "x"))
    support.check_lowered(f, (A, x, 1, 4), ("A", "x"))  # no trip of the second inner loop
    primal, names = support.staging.primal_for(f, (A, x, 1, 1), {}, None, ("A", "x"))
    run, _, _ = support.lowered(support.pipeline.gradient(primal, names).function)
    for n, m in ((4, 1), (1, 5), (3, 4)):
        wrong = n > 3 or m > 4
        if wrong:
            with pytest.raises(IndexError):
                run(A, x, n, m)
        else:
            run(A, x, n, m)
