import math

import autograd
import autograd.numpy as anp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chainrule.testing.numeric import numeric_gradient, numeric_gradient_with_error, numeric_vjp

SMOOTH = [
    (math.exp, math.exp, -2.0),
    (math.exp, math.exp, 50.0),
    (math.sin, math.cos, 1.0),
    (math.sin, math.cos, 1e6),
    (lambda x: math.sin(100 * x), lambda x: 100 * math.cos(100 * x), 0.3),
    (math.log, lambda x: 1 / x, 1e-8),
    (math.log, lambda x: 1 / x, 1e12),
    (math.sqrt, lambda x: 0.5 / math.sqrt(x), 1e-8),
    (math.tan, lambda x: 1 + math.tan(x) ** 2, 1.57),
    (math.asin, lambda x: 1 / math.sqrt(1 - x * x), 0.9999),
    (lambda x: 1 / x, lambda x: -1 / x**2, 1e-6),
    (lambda x: x**3, lambda x: 3 * x**2, -7.0),
    (lambda x: max(x, 0.0), lambda x: 1.0, 1e-5),  # close to a kink
]


@pytest.mark.parametrize(("f", "slope", "x"), SMOOTH)
def test_double_precision(f, slope, x):
    gradient, error = numeric_gradient_with_error(f, (x,))
    assert gradient == pytest.approx(slope(x), rel=1e-10)
    assert abs(gradient - slope(x)) <= error


@pytest.mark.parametrize(
    ("f", "slope", "x"),
    [
        (np.exp, np.exp, 1.0),
        (np.sin, np.cos, 100.0),
        (np.log, np.reciprocal, 1e-3),
        (np.tanh, lambda x: 1 - np.tanh(x) ** 2, -0.5),
        (lambda x: x % 1, lambda x: 1.0, 100.2),
    ],
)
def test_single_precision(f, slope, x):
    x = np.float32(x)
    value_types = []

    def recorded(x):
        value_types.append(type(x))
        return f(x)

    gradient, error = numeric_gradient_with_error(recorded, (x,))
    assert gradient == pytest.approx(slope(x), rel=1e-4)
    assert abs(gradient - slope(x)) <= 2 * error
    assert set(value_types) == {np.float32}


@given(st.floats(-3, 3), st.floats(-3, 3), st.floats(0.1, 3))
def test_gradient_on_each_argument(x, y, z):
    def f(x, y, z):
        return math.tanh(x * y) * math.log(z) + y / z

    slope = 1 - math.tanh(x * y) ** 2
    exact = (
        slope * y * math.log(z),
        slope * x * math.log(z) + 1 / z,
        math.tanh(x * y) / z - y / z**2,
    )
    for argnum, expected in enumerate(exact):
        assert numeric_gradient(f, (x, y, z), argnum) == pytest.approx(expected, rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("x", [2.0, 2, np.float64(2.0), np.float32(2.0)])
def test_scalar_gives_float(x):
    gradient, error = numeric_gradient_with_error(lambda x: x * x, (x,))
    assert type(gradient) is type(error) is float
    assert gradient == pytest.approx(4.0)


@pytest.mark.parametrize("shape", [(), (3,), (2, 3), (0, 2)])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_array_gives_array_of_its_shape(shape, dtype):
    x = np.full(shape, 2.0, dtype)

    def f(x):
        assert isinstance(x, np.ndarray)
        assert x.dtype == dtype
        return np.sum(x**2)

    gradient, error = numeric_gradient_with_error(f, (x,))
    assert gradient.shape == error.shape == shape
    np.testing.assert_allclose(gradient, 2 * x, rtol=1e-5)


def test_network_agrees_with_autograd():
    rng = np.random.default_rng(0)
    args = (rng.normal(size=(4, 3)), rng.normal(size=3), rng.normal(size=(5, 4)))

    def f(W, b, X):
        return anp.sum(anp.log1p(anp.exp(X @ W + b)))

    for argnum in range(3):
        expected = autograd.grad(f, argnum)(*args)
        np.testing.assert_allclose(numeric_gradient(f, args, argnum), expected, rtol=1e-9)


def test_single_precision_value_of_a_double_argument():
    gradient, error = numeric_gradient_with_error(lambda x: np.float32(np.sin(x)), (1.0,))
    assert gradient == pytest.approx(math.cos(1.0), rel=1e-4)
    assert error > 1e-8


def test_what_rounding_hides_has_a_large_error_estimate():
    gradient, error = numeric_gradient_with_error(lambda x: 1e12 + 1e-6 * x, (1.0,))
    assert abs(gradient - 1e-6) <= error


def test_edge_of_the_domain_is_nan():
    for f in (math.sqrt, np.sqrt):
        gradient, error = numeric_gradient_with_error(f, (0.0,))
        assert math.isnan(gradient)
        assert error == math.inf


def test_steps_to_infinity_are_skipped():
    expected = [1e8, -1e8]
    gradient = numeric_vjp(np.log, (np.full(2, 1e-8),), 0, np.array([1.0, -1.0]))
    np.testing.assert_allclose(gradient, expected, rtol=1e-9)
    assert math.isnan(numeric_gradient(np.log, (0.0,)))


def test_exception_at_the_given_point_is_the_callers():
    with pytest.raises(ValueError, match=r"math domain error|positive"):
        numeric_gradient(math.log, (-1.0,))


def test_arguments_are_never_changed():
    def f(x, scratch):
        scratch[0] += 1
        x *= scratch[0]
        return np.sum(x)

    x, scratch = np.ones(3), [1.0]
    np.testing.assert_allclose(numeric_gradient(f, (x, scratch)), [2.0, 2.0, 2.0])
    assert (x == 1).all()
    assert scratch == [1.0]


def test_shared_argument_is_changed_in_one_place():
    x = np.array([3.0])
    np.testing.assert_allclose(numeric_gradient(lambda x, y: np.sum(x * x * y), (x, x), 1), [9.0])


def test_vjp_of_a_matrix_product():
    rng = np.random.default_rng(0)
    W, X, dD = rng.normal(size=(2, 3)), rng.normal(size=(3, 4)), rng.normal(size=(2, 4))
    np.testing.assert_allclose(numeric_vjp(np.matmul, (W, X), 0, dD), dD @ X.T)
    np.testing.assert_allclose(numeric_vjp(np.matmul, (W, X), 1, dD), W.T @ dD)


def test_vjp_of_a_scalar():
    assert numeric_vjp(math.sin, (1.0,), 0, 3.0) == pytest.approx(3 * math.cos(1.0))


def test_refusals():
    x = np.ones(3)
    with pytest.raises(TypeError, match=r"scalar value, not shape \(3,\): use numeric_vjp"):
        numeric_gradient(np.sin, (x,))
    with pytest.raises(ValueError, match=r"cotangent of shape \(\) for a value of shape \(3,\)"):
        numeric_vjp(np.sin, (x,), 0, 1.0)
    with pytest.raises(TypeError, match="real value, not one of complex128"):
        numeric_gradient(lambda x: 1j * x, (1.0,))
    for argument in (np.arange(3), True, np.ones(3, np.float16)):
        with pytest.raises(TypeError, match="float64 or float32 argument"):
            numeric_gradient(lambda x: 1.0, (argument,))


def test_gradient_by_a_complex_number():
    z = np.array([1 + 2j, -0.5j])
    np.testing.assert_allclose(numeric_gradient(lambda z: np.sum(abs(z) ** 2), (z,)), 2 * z.conj())
    assert numeric_vjp(lambda z: z**2, (1 + 1j,), 0, 2j) == pytest.approx(2j * 2 * (1 + 1j))
