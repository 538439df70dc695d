"""Tangents, Jacobians, Hessians: forms of arguments and results, and agreement with each other."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pytest

import chainrule as cr

X = np.array([0.3, -0.5, 0.7])
W = np.array([[0.1, 0.2, -0.3], [0.5, -0.7, 0.2]])


class Point(NamedTuple):
    x: object
    y: object


@dataclass
class Model:
    w: object
    b: object


def layer(W, x):
    return np.tanh(W @ x)


def loss(W, x):
    return np.sum(layer(W, x) ** 2)


def model_loss(model, x):
    return np.sum(np.sin(model.w * x) + model.b**2)


def with_aux(x):
    return np.sum(x**3), {"n": 2, "twice": 2 * x}


# -- jvp -------------------------------------------------------------------------------------------


def test_a_tangent_of_one_argument():
    value, tangent = cr.jvp(layer, (W, X), (None, np.ones(3)))
    np.testing.assert_allclose(tangent, (1 - value**2) * (W @ np.ones(3)))


def test_tangents_of_containers():
    model = Model(X, 2.0)
    _, tangent = cr.jvp(model_loss, (model, X), (Model(np.ones(3), 0.5), None))
    assert tangent == pytest.approx(np.sum(np.cos(X * X) * X) + 3 * 2 * 2.0 * 0.5)


def test_a_tangent_may_be_a_list_for_a_tuple():
    value, tangent = cr.jvp(lambda p: p.x * p.y, (Point(2.0, 3.0),), ([1.0, 0.5],))
    assert (value, tangent) == (6.0, 4.0)


def test_the_tangent_has_the_form_of_the_value():
    def f(x):
        return {"a": x * 2, "b": (3, "text", x > 0, np.sum(x))}

    _, tangent = cr.jvp(f, (X,), (X,))
    np.testing.assert_array_equal(tangent["a"], 2 * X)
    assert tangent["b"][:3] == (None, None, None)
    assert tangent["b"][3] == pytest.approx(np.sum(X))


def test_python_ints_count_as_floats():
    assert cr.jvp(lambda x: x**2, (3,), (1,)) == (9.0, 6.0)


def test_the_tangent_of_a_constant_is_zero():
    value, tangent = cr.jvp(lambda x: np.ones(3), (X,), (X,))
    np.testing.assert_array_equal(tangent, np.zeros(3))
    assert not np.shares_memory(value, tangent)


def test_a_result_that_is_an_argument_is_copied():
    dot = X + 1
    value, tangent = cr.jvp(lambda x: x, (X,), (dot,))
    assert value is X
    assert not np.shares_memory(tangent, dot)


def test_single_precision_stays():
    x = X.astype(np.float32)
    assert cr.jvp(lambda x: np.sin(x) * 2.0, (x,), (X,))[1].dtype == np.float32


def test_variadic_arguments():
    def f(x, *ws):
        return x * sum(ws)

    assert cr.jvp(f, (2.0, 3.0, 4.0), (1.0, 0.0, 1.0)) == (14.0, 9.0)


def test_defaults_that_have_to_be_known():
    def f(x, axis=0):
        return np.sum(x, axis=axis)

    _, tangent = cr.jvp(f, (W, 1), (np.ones((2, 3)), None))
    np.testing.assert_array_equal(tangent, [3.0, 3.0])


def test_has_aux():
    value, tangent, aux = cr.jvp(with_aux, (X,), (np.ones(3),), has_aux=True)
    assert tangent == pytest.approx(3 * np.sum(X**2))
    assert aux["n"] == 2
    assert value == np.sum(X**3)


@pytest.mark.parametrize(
    ("primals", "tangents", "error", "message"),
    [
        ((X,), (X, X), TypeError, "1 primals and 2 tangents"),
        (X, X, TypeError, "have to be tuples"),
        ((X,), (None,), TypeError, "all tangents are None"),
        ((X,), (np.ones(2),), ValueError, r"the tangent has shape \(2,\), the argument has \(3,\)"),
        (((X, 1.0),), (X,), TypeError, "the tangent has to be a tuple like the argument"),
    ],
)
def test_tangents_that_do_not_fit(primals, tangents, error, message):
    with pytest.raises(error, match=message):
        cr.jvp(lambda x: x, primals, tangents)


def test_linearize():
    value, push = cr.linearize(layer, W, X)
    np.testing.assert_array_equal(value, layer(W, X))
    np.testing.assert_allclose(push(None, X), cr.jvp(layer, (W, X), (None, X))[1])
    np.testing.assert_allclose(push(2 * W, None), 2 * push(W, None))


# -- Jacobians -------------------------------------------------------------------------------------


@pytest.mark.parametrize("jacobian", [cr.jacfwd, cr.jacrev, cr.jacobian])
def test_jacobians_agree(jacobian):
    found = jacobian(layer, argnums=(0, "x"))(W, X)
    slope = 1 - layer(W, X) ** 2
    np.testing.assert_allclose(found[1], slope[:, None] * W)
    np.testing.assert_allclose(found[0], np.einsum("i,ij,k->ijk", slope, np.eye(2), X))


@pytest.mark.parametrize("jacobian", [cr.jacfwd, cr.jacrev, cr.jacobian])
def test_jacobians_of_containers(jacobian):
    def f(p):
        return {"s": p.x * np.sum(p.y), "v": p.y**2}

    found = jacobian(f)(Point(2.0, X))
    assert isinstance(found["s"], Point)
    assert found["s"].x == pytest.approx(np.sum(X))
    np.testing.assert_allclose(found["s"].y, np.full(3, 2.0))
    np.testing.assert_allclose(found["v"].x, np.zeros(3))
    np.testing.assert_allclose(found["v"].y, np.diag(2 * X))


@pytest.mark.parametrize("jacobian", [cr.jacfwd, cr.jacrev, cr.jacobian])
def test_jacobians_of_numbers(jacobian):
    assert jacobian(lambda x: x**3)(2.0) == 12.0
    assert jacobian(lambda x: x**3)(2) == 12.0
    np.testing.assert_allclose(jacobian(lambda x: np.array([x, x**2]))(2.0), [1.0, 4.0])


@pytest.mark.parametrize("jacobian", [cr.jacfwd, cr.jacrev, cr.jacobian])
def test_jacobians_with_aux(jacobian):
    found, aux = jacobian(with_aux, has_aux=True)(X)
    np.testing.assert_allclose(found, 3 * X**2)
    np.testing.assert_array_equal(aux["twice"], 2 * X)


@pytest.mark.parametrize("jacobian", [cr.jacfwd, cr.jacrev])
def test_jacobians_at_a_singular_point(jacobian):
    """A column of zeros is not multiplied by an infinite slope."""
    with np.errstate(divide="ignore", invalid="ignore"):
        found = jacobian(lambda x: np.sqrt(x))(np.array([0.0, 4.0]))
    assert found[1, 0] == 0.0
    assert found[0, 0] == np.inf
    assert found[1, 1] == 0.25


def test_no_elements():
    assert cr.jacfwd(lambda x: x * 2)(np.zeros(0)).shape == (0, 0)
    assert cr.jacrev(lambda x: x * 2)(np.zeros(0)).shape == (0, 0)


def test_value_and_jacobian():
    value, found = cr.value_and_jacobian(layer, 1)(W, X)
    np.testing.assert_array_equal(value, layer(W, X))
    np.testing.assert_allclose(found, cr.jacrev(layer, 1)(W, X))
    (value, aux), _ = cr.value_and_jacobian(with_aux, has_aux=True)(X)
    assert value == np.sum(X**3)
    assert aux["n"] == 2


def test_keyword_arguments():
    def f(x, *, scale):
        return x * scale

    np.testing.assert_array_equal(cr.jacfwd(f)(X, scale=2.0), 2 * np.eye(3))


# -- second derivatives ----------------------------------------------------------------------------


def test_a_hessian():
    found = cr.hessian(loss, "x")(W, X)
    numeric = np.stack([(gradient(X + d) - gradient(X - d)) / 2e-5 for d in 1e-5 * np.eye(3)])
    np.testing.assert_allclose(found, numeric, rtol=1e-6, atol=1e-8)
    np.testing.assert_allclose(found, found.T)


def gradient(x):
    return cr.grad(loss, 1)(W, x)


def test_a_hessian_in_several_arguments():
    found = cr.hessian(loss, (0, 1))(W, X)
    np.testing.assert_allclose(found[1][1], cr.hessian(loss, 1)(W, X))
    np.testing.assert_allclose(found[0][1], np.moveaxis(found[1][0], 0, -1))
    assert found[0][0].shape == (2, 3, 2, 3)


def test_a_hessian_of_containers():
    found = cr.hessian(model_loss)(Model(X, 2.0), X)
    np.testing.assert_allclose(found.w.w, np.diag(-np.sin(X * X) * X**2))
    np.testing.assert_allclose(found.w.b, np.zeros(3))
    assert found.b.b == pytest.approx(6.0)


def test_products_with_a_hessian():
    direction = np.array([1.0, -2.0, 0.5])
    found = cr.hvp(loss, 1)(W, X, direction)
    np.testing.assert_allclose(found, cr.hessian(loss, 1)(W, X) @ direction)


def test_products_in_several_arguments():
    whole = cr.hessian(loss, (0, 1))(W, X)
    found = cr.hvp(loss, (0, 1))(W, X, (W, X))
    want = np.tensordot(whole[1][0], W, 2) + whole[1][1] @ X
    np.testing.assert_allclose(found[1], want)


def test_second_derivatives_with_aux():
    found, aux = cr.hessian(with_aux, has_aux=True)(X)
    np.testing.assert_allclose(found, np.diag(6 * X))
    assert aux["n"] == 2
    product, aux = cr.hvp(with_aux, has_aux=True)(X, np.ones(3))
    np.testing.assert_allclose(product, 6 * X)


def test_a_second_derivative_of_a_number():
    assert cr.hessian(lambda x: x**3)(2.0) == 12.0


def test_ints_in_containers_count_as_floats():
    def f(model, x):
        return np.sum(model.w**model.b * x)

    found = cr.jacfwd(f)(Model(X**2, 2), np.ones(3))
    np.testing.assert_allclose(found.w, 2 * X**2)
    assert found.b == pytest.approx(np.sum(X**4 * np.log(X**2)))
    assert cr.hessian(f)(Model(X**2, 2), np.ones(3)).w.w.shape == (3, 3)


def test_a_hessian_needs_one_number():
    with pytest.raises(TypeError, match="returns an array"):
        cr.hessian(lambda x: x * 2)(X)


def test_a_direction_is_needed():
    with pytest.raises(TypeError, match="direction is missing"):
        cr.hvp(loss)()
    with pytest.raises(ValueError, match="the direction has shape"):
        cr.hvp(loss, 1)(W, X, np.ones(2))


def test_a_function_that_writes_into_its_argument():
    def halved(x):
        total = 0.0
        for i in range(len(x)):
            total += x[i] ** 2
            x[i] *= 0.5
        return np.array([total, x[0]])

    x = np.array([1.0, 2.0, 3.0])
    want = [[2.0, 4.0, 6.0], [0.5, 0.0, 0.0]]
    for derivative in (cr.jacobian, cr.jacfwd, cr.jacrev, cr.value_and_jacobian):
        found = derivative(halved)(x)
        found = found[1] if isinstance(found, tuple) else found
        assert found.tolist() == want
        assert x.tolist() == [1.0, 2.0, 3.0]
    assert cr.jacobian(halved, sparse=True)(x).toarray().tolist() == want


# -- complex numbers -------------------------------------------------------------------------------

Z = np.array([1 + 2j, 3.0])


def test_jacobians_of_complex_numbers():
    np.testing.assert_allclose(cr.jacobian(lambda z: z**2, holomorphic=True)(Z), np.diag(2 * Z))
    x = np.array([0.3, 0.7])
    turned = cr.jacobian(lambda x: np.exp(1j * x))(x)
    np.testing.assert_allclose(turned, np.diag(1j * np.exp(1j * x)))
    np.testing.assert_allclose(cr.jacrev(lambda z: np.abs(z))(Z), np.diag(Z.conj() / abs(Z)))


def test_jacobians_that_are_no_complex_matrix_are_refused():
    for make in (cr.jacobian, cr.jacrev, cr.jacfwd):
        with pytest.raises(TypeError, match="holomorphic=True"):
            make(lambda z: z * z.conj())(Z)
    with pytest.raises(TypeError, match="use jacfwd"):
        cr.jacrev(lambda x: 1j * x)(1.0)
    with pytest.raises(TypeError, match="no one complex matrix"):
        cr.hessian(lambda z: np.sum(np.abs(z) ** 2))(Z)


def test_tangents_of_complex_numbers():
    value, tangent = cr.jvp(lambda z: z * z.conjugate(), (1 + 2j,), (1j,))
    assert (value, tangent) == (5 + 0j, 4 + 0j)
    product = cr.hvp(lambda z: np.sum(np.abs(z) ** 4))(Z, np.array([1j, 1.0]))
    np.testing.assert_allclose(product, [16 - 52j, 108])
