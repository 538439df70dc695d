"""NumPy's functions that call the user's."""

import math

import numpy as np
import pytest

import chainrule as cr

rng = np.random.default_rng(0)
A = rng.normal(size=(3, 4))
U = rng.uniform(0.5, 2.0, size=4)


def bent(x):
    if x > 0:
        return x * x
    return math.sin(x)


vectorized = np.vectorize(bent)


@np.vectorize
def larger(x, y):
    return x * y + (x if x > y else y)


def unit(row):
    return row / np.sqrt(np.sum(row * row))


CALLS = {
    "rows": (lambda a: np.sum(np.apply_along_axis(unit, 1, a) * a**2), (A,)),
    "columns": (lambda a: np.sum(np.apply_along_axis(unit, 0, a) * a**2), (A,)),
    "numbers": (lambda a: np.sum(np.apply_along_axis(np.linalg.norm, 0, a) * a[0]), (A,)),
    "matrices": (lambda a: np.sum(np.apply_along_axis(lambda r: np.outer(r, r), 1, a)), (A,)),
    "arguments": (lambda a, u: np.sum(np.apply_along_axis(np.convolve, 1, a, u) ** 2), (A, U)),
    "axes": (lambda a: np.sum(np.apply_over_axes(np.sum, a, (0, 1)) ** 2), (A,)),
    "axis": (lambda a: np.sum(np.apply_over_axes(np.mean, a, 1) * a), (A,)),
    "positions": (
        lambda x: np.sum(np.fromfunction(lambda i, j: np.sin(x * i) + j, (3, 4))),
        (0.4,),
    ),
    "outside": (lambda a: np.sum(vectorized(a) * a), (A,)),
    "inside": (lambda a: np.sum(np.vectorize(bent)(a)), (A,)),
    "decorated": (lambda a, u: np.sum(larger(a, u)), (A, U)),
    "number": (lambda x: vectorized(x) * 2.0, (0.4,)),
    "pieces": (
        lambda a: np.sum(np.piecewise(a, [a < 0, a >= 0], [lambda x: -(x**3), lambda x: x**2])),
        (A,),
    ),
    "default": (
        lambda u: np.sum(
            np.piecewise(u, [u < 1, u > 1.5], [-1.0, lambda x: np.exp(x), np.sin]) * u
        ),
        (U,),
    ),
}


@pytest.mark.parametrize("name", CALLS)
def test_values_and_gradients(name):
    f, args = CALLS[name]
    numbers = tuple(range(len(args)))
    value, _ = cr.value_and_grad(f, numbers)(*args)
    np.testing.assert_allclose(value, f(*args), rtol=1e-14)
    cr.check_grads(f, args)


def test_a_function_of_several_results_is_refused():
    def f(x):
        return np.sum(np.vectorize(bent, excluded=[0])(x))

    with pytest.raises(cr.UnsupportedError, match="excluded") as raised:
        cr.grad(f)(U)
    assert raised.value.lineno is not None


def test_an_error_inside_is_blamed_on_the_call():
    def f(x):
        return np.sum(np.apply_along_axis(lambda row: np.save("row", row), 0, x))

    with pytest.raises(cr.UnsupportedError) as raised:
        cr.grad(f)(A)
    assert "test_applied" in str(raised.value)
