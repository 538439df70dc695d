"""What users call: refusals that come before any function is read."""

import math

import numpy as np
import pytest

import chainrule as cr


@pytest.mark.parametrize("fun", [math.floor, np.sin, len])
def test_a_rule_for_a_function_that_has_one_is_a_type_error(fun):
    with pytest.raises(TypeError, match="is known already"):
        cr.derivative(fun)


# -- complex numbers -------------------------------------------------------------------------------


def test_gradient_by_a_complex_number():
    z = np.array([1 + 2j, -0.5j])
    np.testing.assert_allclose(cr.grad(lambda z: np.sum(np.abs(z) ** 2))(z), 2 * z.conj())
    assert cr.grad(lambda z: z.imag)(1 + 1j) == -1j
    assert isinstance(cr.grad(lambda z: z.real)(1 + 1j), complex)
    assert cr.grad(lambda z: 0.0 * z.real, argnums=0)(1j) == 0
    assert cr.grad(lambda z: abs(z))(0j) == 0


def test_a_real_argument_has_a_real_gradient():
    gradient = cr.grad(lambda x: np.sum(np.abs(np.exp(1j * x) + x)))(np.array([0.3, 0.7]))
    assert gradient.dtype == np.float64
    single = cr.grad(lambda x: np.sum((1j * x).imag))(np.ones(2, np.float32))
    assert single.dtype == np.float32


def test_holomorphic():
    assert cr.grad(lambda z: z**3, holomorphic=True)(1 + 1j) == 6j
    with pytest.raises(TypeError, match="returns a complex number"):
        cr.grad(lambda z: z**3)(1 + 1j)
    with pytest.raises(TypeError, match="holomorphic=True is for complex results"):
        cr.grad(lambda z: abs(z), holomorphic=True)(1 + 1j)
    with pytest.raises(TypeError, match="x is real"):
        cr.grad(lambda x: 1j * x, holomorphic=True)(1.0)


def test_cotangents_of_complex_results():
    _, pullback = cr.vjp(lambda z: np.conj(z) * 2, np.array([1j]))
    np.testing.assert_allclose(pullback(np.array([1 + 3j]))[0], [2 - 6j])
    _, pullback = cr.vjp(lambda x: x * 2, 1.0)
    with pytest.raises(TypeError, match="the cotangent is complex, the value is real"):
        pullback(1j)


def test_custom_rule_of_complex_numbers():
    def joukowski(z):
        return z + 1 / z

    @cr.derivative(joukowski)
    def joukowski_pullback(dw, z):
        return (1 - 1 / z**2) * dw

    cr.check_grads(lambda z: abs(joukowski(z)), (0.7 + 0.4j,), order=2)
