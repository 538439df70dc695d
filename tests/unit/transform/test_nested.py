"""Derivatives of gradients: what is written for them."""

import numpy as np

import chainrule as cr
from chainrule import pipeline, staging


def text(fun, *args):
    primal, names = staging.primal_for(fun, args, {}, None, None)
    program = pipeline.gradient(primal, names, pipeline.Options(verify=True))
    return staging.fused_module(program).text


def energy(x):
    total = 0.0
    for i in range(x.shape[0]):
        total = total + x[i] ** 3
    return total


def test_only_what_is_used_is_returned():
    def f(x):
        return np.sum(cr.grad(energy)(x) ** 2)

    shown = text(f, np.ones(3))
    assert "energy_grad(x)" in shown
    assert "energy_value_and_grad" not in shown


def test_one_function_serves_equal_calls():
    def f(x):
        g = cr.value_and_grad(energy)(x)[1]
        for _ in range(3):
            x = x - 0.1 * g
        return np.sum(x)

    assert text(f, np.ones(3)).count("def energy_grad") == 1


def test_a_pullback_of_a_gradient_is_a_product_with_the_hessian():
    def f(x, v):
        return cr.grad(energy)(x) @ v

    x, v = np.array([0.5, -0.3, 0.2]), np.array([1.0, 2.0, 3.0])
    np.testing.assert_allclose(cr.grad(f)(x, v), cr.hvp(energy)(x, v))
    np.testing.assert_allclose(cr.grad(f, 1)(x, v), cr.grad(energy)(x))


def test_the_value_and_the_gradient_are_both_differentiated():
    def f(x):
        value, g = cr.value_and_grad(energy)(x)
        return value * np.sum(g)

    x = np.array([0.5, -0.3, 0.2])
    numeric = [(f(x + d) - f(x - d)) / 2e-6 for d in 1e-6 * np.eye(3)]
    np.testing.assert_allclose(cr.grad(f)(x), numeric, rtol=1e-6)
    np.testing.assert_allclose(cr.jacfwd(f)(x), numeric, rtol=1e-6)
    np.testing.assert_allclose(cr.hessian(f)(x), cr.hessian(f)(x).T)
