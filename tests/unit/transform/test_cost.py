"""What is computed again, and what is recorded."""

import math

import numpy as np
import pytest

import chainrule as cr
from chainrule import pipeline, staging
from chainrule.ir.program import walk

A = np.array([[0.3, -0.2, 0.5], [0.7, 0.1, -0.4], [0.2, 0.6, 0.9]])


def records(fun, args, **options):
    primal, names = staging.primal_for(fun, args, {}, None, None)
    body = pipeline.gradient(primal, names, pipeline.Options(verify=True, **options)).function.body
    return sum(eqn.op == "push" for eqn in walk(body))


def rosenbrock(x):
    s = 0.0
    for i in range(len(x) - 1):
        s += 100.0 * (x[i + 1] - x[i] ** 2) ** 2 + (1.0 - x[i]) ** 2
    return s


def test_arithmetic_is_done_again_in_compiled_code():
    assert records(rosenbrock, (A[0],), compiled=True) == 0
    assert records(rosenbrock, (A[0],)) == 1


def test_functions_are_not():
    def f(x):
        s = 1.0
        for i in range(len(x)):
            s += math.exp(x[i]) ** 2
        return s

    assert records(f, (A[0],), compiled=True) == 1


def recurrent(A, x):
    h = x * 1.0
    for _ in range(3):
        g = np.zeros(len(x))
        for j in range(len(x)):
            s = 0.0
            for k in range(len(x)):
                s += A[j, k] * h[k]
            g[j] = s
        for j in range(len(x)):
            h[j] = math.tanh(g[j])
    return np.sum(h)


@pytest.mark.parametrize("compiled", [False, True])
def test_an_array_is_recorded_before_loops_that_read_it_again_and_again(compiled):
    primal, names = staging.primal_for(recurrent, (A, A[0]), {}, None, None)
    options = pipeline.Options(verify=True, compiled=compiled)
    body = pipeline.gradient(primal, names, options).function.body
    pushed = [eqn.args[1] for eqn in walk(body) if eqn.op == "push"]
    assert sorted(len(v.type.dims) for v in pushed) == [0, 1]  # the tanh, and h
    cr.check_grads(recurrent, (A, A[0]))


def test_equal_elements_are_recorded_once():
    def f(x):
        y = x * 1.0
        s = 0.0
        for t in range(4):
            for j in range(len(x)):
                s += y[j] * y[j] * t
            for j in range(len(x)):
                y[j] = math.sin(y[j])
        return s

    assert records(f, (A[0],)) == 2  # one in each loop
    cr.check_grads(f, (A[0],))


def test_an_element_between_two_writes_is_recorded():
    def f(x):
        y = x * 1.0
        s = 0.0
        for t in range(3):
            for j in range(len(x)):
                a = y[j]
                y[j] = math.sin(a) + t
                b = y[j]
                s += a * a * b
        return s

    cr.check_grads(f, (A[0],))


def test_elements_at_places_that_are_computed_are_not_taken_for_each_other():
    def f(x):
        y = x * 1.0
        for t in range(2 * len(x)):
            y[t % 3] = 0.5 * y[t % 3] + 0.3 * y[(t + 1) % 3] * y[t // 3]
        return y.sum()

    cr.check_grads(f, (A[0],))


def test_gradients_are_the_same():
    for fun, args in ((rosenbrock, (A[0],)), (recurrent, (A, A[0]))):
        mine = cr.grad(fun, engine="numba")(*args)
        np.testing.assert_allclose(mine, cr.grad(fun)(*args), rtol=1e-13)
