"""Tangents, pullbacks, Jacobians and Hessians inside functions that are differentiated."""

import numpy as np
import pytest

import chainrule as cr

X = np.array([0.3, -0.5, 0.7])
V = np.array([1.0, 2.0, -1.0])


def field(x):
    return np.sin(x) * x[::-1]


def energy(x):
    return np.sum(x**3 * x[::-1])


def looped(x):
    total = 0.0
    for i in range(len(x)):
        if x[i] > 0.0:
            total += x[i] ** 2 * x[0]
    return total


def listed(x):
    found = []
    for i in range(len(x)):
        found.append(x[i] * x[0])
    return np.array(found)


def factorial_power(x, n):
    return x if n == 1 else x * factorial_power(x, n - 1)


PROGRAMS = {
    "jvp": lambda x: np.sum(cr.jvp(field, (x,), (V,))[1] ** 2),
    "jvp in the direction of the argument": lambda x: np.sum(cr.jvp(field, (x,), (x,))[1]),
    "vjp": lambda x: np.sum(cr.vjp(field, x)[1](V)[0] ** 2),
    "linearize": lambda x: np.sum(cr.linearize(field, x)[1](V) ** 2),
    "jacobian": lambda x: np.sum(cr.jacobian(field)(x) ** 2),
    "jacfwd": lambda x: np.sum(cr.jacfwd(field)(x) ** 2),
    "jacrev": lambda x: np.sum(cr.jacrev(field)(x) ** 2),
    "jacobian of a list": lambda x: np.sum(cr.jacobian(listed)(x) ** 2),
    "jacobian of a number": lambda x: np.sum(cr.jacobian(energy)(x) ** 2),
    "value and jacobian": lambda x: np.sum(cr.value_and_jacobian(field)(x)[1] @ x),
    "hessian": lambda x: np.sum(cr.hessian(energy)(x) ** 2),
    "hessian of a loop": lambda x: np.sum(cr.hessian(looped)(x) ** 2),
    "hvp": lambda x: np.sum(cr.hvp(energy)(x, V) ** 2),
    "log of a determinant": lambda x: np.linalg.slogdet(cr.jacobian(field)(x) + 3 * np.eye(3))[1],
    "a divergence": lambda x: np.trace(cr.jacobian(lambda y: y**2 * x)(x)),
    "columns of a matrix": lambda x: np.sum(cr.jacobian(lambda A: A @ A)(np.outer(x, x)) ** 2),
    "of a number": lambda x: np.sum(cr.jacobian(lambda t: t**2 * x)(x[0])),
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_derivatives_inside_are_differentiated(name):
    cr.check_grads(PROGRAMS[name], (X,), order=2)


@pytest.mark.parametrize("name", PROGRAMS)
def test_the_value_is_that_of_plain_python(name):
    value, _ = cr.value_and_grad(PROGRAMS[name])(X)
    assert value == pytest.approx(PROGRAMS[name](X), rel=1e-13)


def test_the_third_order():
    def cubed(x):
        return x**5

    second = cr.hessian(cubed)
    assert cr.grad(lambda x: second(x) * x)(2.0) == pytest.approx(4 * 20 * 2.0**3)
    assert cr.grad(cr.grad(lambda x: cr.jvp(cubed, (x,), (1.0,))[1]))(2.0) == 60 * 2.0**2


def test_inner_and_outer_derivatives_stay_apart():
    def outer(x):
        return x * cr.jvp(lambda y: x + y, (1.0,), (1.0,))[1]

    assert cr.grad(outer)(1.0) == 1.0
    assert cr.jvp(outer, (1.0,), (1.0,)) == (1.0, 1.0)

    def pulled(x):
        _, pull = cr.vjp(lambda y: x * y, 2.0)
        return x * pull(1.0)[0]

    assert cr.grad(pulled)(3.0) == 6.0


def test_containers():
    def model(p, t):
        return {"a": p["u"] * t, "b": (np.sum(p["v"]) * p["u"][0], 2)}

    def fun(u, v):
        p = {"u": u, "v": v}
        found = cr.jacobian(model, "p")(p, 2.0)
        value, dot = cr.jvp(model, (p, 2.0), ({"u": v, "v": None}, None))
        gradients = cr.vjp(model, p, 2.0)[1]({"a": u, "b": (1.0, None)})
        return (
            np.sum(found["a"]["u"] ** 2) + np.sum(found["b"][0]["v"] ** 2) + np.sum(value["a"])
            + dot["b"][0] ** 2 + np.sum(gradients[0]["v"] * v) + gradients[1]
        )  # fmt: skip

    u, v = np.array([1.0, 2.0]), np.array([3.0, -1.0])
    assert cr.value_and_grad(fun, (0, 1))(u, v)[0] == pytest.approx(fun(u, v), rel=1e-14)
    cr.check_grads(fun, (u, v), order=2)


def test_aux_and_argnums():
    def model(w, x):
        return w @ x, np.sum(x)

    def loss(w, x):
        return np.sum(w @ x) ** 2, w[0, 0]

    def fun(w, x):
        J, aux = cr.jacobian(model, "x", has_aux=True)(w, x)
        Jw, Jx = cr.jacobian(lambda a, b: a @ b, (0, 1))(w, x)
        H, corner = cr.hessian(loss, 1, has_aux=True)(w, x)
        _, dot, more = cr.jvp(model, (w, x), (None, x), has_aux=True)
        h, again = cr.hvp(loss, 1, has_aux=True)(w, x, x)
        return (
            np.sum(J**2) * aux + np.sum(Jw) + np.sum(Jx**2) + np.sum(H) * corner
            + np.sum(dot) * more + np.sum(h) * again
        )  # fmt: skip

    w, x = np.array([[1.0, 2.0], [0.5, -1.0]]), np.array([0.3, 0.8])
    assert cr.value_and_grad(fun, (0, 1))(w, x)[0] == pytest.approx(fun(w, x), rel=1e-14)
    cr.check_grads(fun, (w, x), order=1)


def test_functions_that_are_not_written_for_several_directions():
    def columns(x):
        return np.array([factorial_power(x[0], 3), factorial_power(x[1] * x[0], 2)])

    def fun(x):
        return np.sum(cr.jacobian(columns)(x) ** 2)

    assert cr.value_and_grad(fun)(X)[0] == pytest.approx(fun(X))
    np.testing.assert_allclose(cr.jvp(fun, (X,), (V,))[1], cr.grad(fun)(X) @ V)


def test_a_pullback_belongs_to_the_arguments_of_its_call():
    def fun(x):
        y = x * 1.0
        _, pull = cr.vjp(field, y)
        y[0] = 5.0
        return np.sum(pull(V)[0])

    with pytest.raises(cr.UnsupportedError) as raised:
        cr.grad(fun)(X)
    assert raised.value.code == "CR056"


def test_a_pullback_can_be_called_twice():
    def fun(x):
        _, pull = cr.vjp(field, x)
        return np.sum(pull(V)[0] * pull(x)[0])

    cr.check_grads(fun, (X,), order=2)


def test_the_jacobian_of_a_product_with_a_hessian():
    def fun(x):
        return np.sum(cr.jacobian(cr.hvp(energy))(x, V) ** 2)

    def same(x):
        return np.sum(cr.jacobian(lambda y: cr.hvp(energy)(y, V))(x) ** 2)

    np.testing.assert_allclose(cr.grad(fun)(X), cr.grad(same)(X), rtol=1e-13)


def test_newton_steps_inside():
    def root(a):
        x = 1.0 * a
        for _ in range(6):
            x = x - np.linalg.solve(cr.jacobian(lambda y: y**3 + y - a)(x), x**3 + x - a)
        return np.sum(x)

    a = np.array([1.0, 2.0])
    x = a.copy()
    for _ in range(20):
        x = x - (x**3 + x - a) / (3 * x**2 + 1)
    np.testing.assert_allclose(cr.grad(root)(a), 1 / (3 * x**2 + 1), rtol=1e-10)
