"""Gradients inside functions that are differentiated, and gradients of gradients."""

import numpy as np
import pytest

import chainrule as cr

X = np.array([0.3, -0.5, 0.7])


def numeric(f, x):
    return np.array([(f(x + d) - f(x - d)) / 2e-6 for d in 1e-6 * np.eye(len(x))])


def test_derivatives_of_a_power():
    def f(x):
        return x**4

    first = cr.grad(f)
    second = cr.grad(first)
    third = cr.grad(second)
    assert [first(2.0), second(2.0), third(2.0), cr.grad(third)(2.0)] == [32.0, 48.0, 48.0, 24.0]


def test_derivatives_of_a_loop():
    def f(x):
        y = 1.0
        for _ in range(4):
            y = y * x
        return y

    assert cr.grad(cr.grad(cr.grad(f)))(2.0) == 48.0


def test_a_hessian_as_the_jacobian_of_a_gradient():
    def f(x):
        return np.sum(np.sin(x) * x[::-1])

    want = cr.hessian(f)(X)
    for jacobian in (cr.jacfwd, cr.jacrev, cr.jacobian):
        np.testing.assert_allclose(jacobian(cr.grad(f))(X), want, atol=1e-14)


# -- the inner and the outer derivative stay apart -------------------------------------------------


def test_an_inner_derivative_does_not_see_the_outer_one():
    """d/dx (x * d/dy (x + y)) is 1, not 2 (Siskind and Pearlmutter 2005)."""

    def f(x):
        return x * cr.grad(lambda y: x + y)(1.0)

    assert cr.grad(f)(1.0) == 1.0
    assert cr.jvp(f, (1.0,), (1.0,)) == (1.0, 1.0)


def test_an_inner_derivative_depends_on_the_outer_variable():
    def f(x):
        return x * cr.grad(lambda y: x * y)(2.0)

    assert cr.grad(f)(3.0) == 6.0
    assert cr.jvp(f, (3.0,), (1.0,)) == (9.0, 6.0)
    assert cr.hessian(f)(3.0) == 2.0


def test_the_same_variable_inside_and_outside():
    def f(x):
        return cr.grad(lambda z: np.sum(z**2 * x))(x) @ x

    np.testing.assert_allclose(cr.grad(f)(X), 6 * X**2)


def test_the_same_argument_twice():
    def f(x):
        return cr.grad(lambda a, b: a**2 * b)(x, x)

    assert cr.grad(f)(3.0) == 12.0


# -- forms -----------------------------------------------------------------------------------------


def loss(w, x):
    r = np.tanh(w * x)
    total = 0.0
    for i in range(r.shape[0]):
        total = total + r[i] ** 2
    return total


GRADIENT = cr.grad(loss)


def test_a_gradient_made_outside():
    def f(w):
        return np.sum(GRADIENT(w, X) ** 2)

    np.testing.assert_allclose(cr.grad(f)(X), numeric(f, X), rtol=1e-6)


def test_steps_of_a_descent():
    def trained(rate, w):
        for _ in range(3):
            value, g = cr.value_and_grad(loss)(w, X)
            w = w - rate * g if value > 0.01 else w
        return loss(w, X)

    found = cr.grad(trained)(0.1, X)
    assert found == pytest.approx((trained(0.1 + 1e-6, X) - trained(0.1 - 1e-6, X)) / 2e-6, 1e-6)
    np.testing.assert_allclose(cr.grad(trained, "w")(0.1, X), numeric(lambda w: trained(0.1, w), X))


def test_several_arguments_and_aux():
    def inner(a, b):
        return np.sum(a * b**2), {"b": b}

    def f(x):
        (value, aux), (da, db) = cr.value_and_grad(inner, argnums=(0, "b"), has_aux=True)(x, 2 * x)
        return value + np.sum(da * db) + np.sum(aux["b"])

    np.testing.assert_allclose(cr.grad(f)(X), numeric(f, X), rtol=1e-6)


def test_aux_of_a_gradient():
    def f(x):
        g, aux = cr.grad(lambda z: (np.sum(z**3), 2 * z), has_aux=True)(x)
        return np.sum(g * aux)

    np.testing.assert_allclose(cr.grad(f)(X), 18 * X**2)


def test_containers():
    def f(p):
        g = cr.grad(lambda q: np.sum(q["a"] ** 2) * q["b"])(p)
        return np.sum(g["a"]) * g["b"]

    found = cr.grad(f)({"a": X, "b": 2.0})
    total, squares = np.sum(X), np.sum(X**2)
    np.testing.assert_allclose(found["a"], 4 * squares + 8 * total * X)
    assert found["b"] == pytest.approx(2 * total * squares)


SCALE = np.array([1.0, 2.0, 3.0])


def test_numbers_from_outside():
    def f(x):
        return np.sum(cr.grad(lambda z: np.sum(SCALE * z**3))(x))

    np.testing.assert_allclose(cr.grad(f)(X), 6 * SCALE * X)


def test_writes_inside():
    def inner(z):
        out = np.zeros(3)
        out[0] = z[1] * z[2]
        out[1:] = z[:2] ** 2
        return np.sum(out**2)

    def f(x):
        return np.sum(cr.grad(inner)(x) ** 2)

    np.testing.assert_allclose(cr.grad(f)(X), numeric(f, X), rtol=1e-6)


def test_three_deep():
    def f(x):
        inner = cr.grad(lambda u: np.sum(np.sin(u) * u))
        return np.sum(cr.grad(lambda z: np.sum(inner(z) ** 2))(x))

    np.testing.assert_allclose(cr.grad(f)(X), numeric(f, X), rtol=1e-5)


def test_a_gradient_that_is_no_number():
    def f(x):
        return np.sum(cr.grad(lambda z: z * 2)(x))

    with pytest.raises(TypeError, match="one number"):
        cr.grad(f)(X)
