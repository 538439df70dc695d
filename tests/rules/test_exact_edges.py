"""Values at the edges, against mpmath with 60 digits."""

import math

import numpy as np
import pytest

import chainrule as cr

mpmath = pytest.importorskip("mpmath")
mp = mpmath.mp


@pytest.fixture(autouse=True)
def many_digits():
    with mpmath.workdps(60):
        yield


def log_sum_exp(x):
    top = np.max(x)
    return top + np.log(np.sum(np.exp(x - top)))


def softmax_exact(x):
    parts = [mp.exp(mpmath.mpf(float(v))) if np.isfinite(v) else mpmath.mpf(0) for v in x]
    return np.array([float(p / mpmath.fsum(parts)) for p in parts])


@pytest.mark.parametrize(
    "x",
    [
        [0.0, 1.0, 2.0],
        [1000.0, 999.0, -1000.0],
        [-np.inf, 0.0, 1.0],
        [-1e4, -1e4 - 1, -1e4 - 700],
        [5.0, 5.0, 5.0],
    ],
)
def test_log_sum_exp(x):
    x = np.array(x)
    np.testing.assert_allclose(cr.grad(log_sum_exp)(x), softmax_exact(x), rtol=1e-12)


def softplus(x):
    return np.sum(np.logaddexp(0.0, x))


@pytest.mark.parametrize("x", [-745.0, -40.0, -1e-9, 0.0, 1e-9, 30.0, 700.0, 1e5])
def test_softplus_tails(x):
    exact = float(1 / (1 + mp.exp(-mpmath.mpf(x))))
    assert cr.grad(softplus)(np.array([x]))[0] == pytest.approx(exact, rel=1e-12, abs=1e-323)


@pytest.mark.parametrize("x", [-40.0, -1e-12, 0.0, 1e-12, 40.0, 709.0])
def test_expm1_and_log1p(x):
    exact = float(mp.exp(mpmath.mpf(x)))
    assert cr.grad(lambda x: np.expm1(x))(x) == pytest.approx(exact, rel=4e-16)
    if x > -1:
        exact = float(1 / (1 + mpmath.mpf(x)))
        assert cr.grad(lambda x: np.log1p(x))(x) == pytest.approx(exact, rel=4e-16)


@pytest.mark.parametrize("x", [-30.0, -5.0, 0.0, 1e-8, 2.0, 18.0, 30.0, 400.0])
def test_tails_of_tanh_and_the_sigmoid(x):
    """The error is that of the value, about 1e-16 in absolute size; nothing overflows or warns."""
    exact = float(mp.sech(mpmath.mpf(x)) ** 2)
    assert cr.grad(lambda x: np.tanh(x))(x) == pytest.approx(exact, abs=2.3e-16)
    exact = float(1 / (2 + mp.exp(mpmath.mpf(x)) + mp.exp(-mpmath.mpf(x))))
    assert cr.grad(lambda x: 1.0 / (1.0 + np.exp(-x)))(x) == pytest.approx(exact, abs=2.3e-16)


@pytest.mark.parametrize(
    ("base", "exponent", "slope"),
    [
        (0.0, 0.0, 0.0), (0.0, 1.0, 1.0), (0.0, 2.0, 0.0), (-2.0, 3.0, 12.0), (-2.0, 2.0, -4.0),
        (-1.5, -2.0, -2.0 / -3.375), (1e-200, 2.0, 2e-200), (1e150, 2.0, 2e150),
    ],
)  # fmt: skip
def test_powers(base, exponent, slope):
    def f(x):
        return np.sum(x**exponent)

    assert cr.grad(f)(np.array([base]))[0] == pytest.approx(slope, rel=4e-16, abs=0.0)
    assert cr.grad(lambda x: x**exponent)(base) == pytest.approx(slope, rel=4e-16, abs=0.0)


def test_zero_to_the_power_of_a_variable():
    """d(0**y)/dy is 0 for y > 0, where x**y * log(x) would be 0 * -inf."""
    assert cr.grad(lambda y: np.sum(np.array([0.0, 2.0]) ** y))(2.0) == 4 * math.log(2)


@pytest.mark.parametrize("small", [1e-3, 1e-8, 1e-14])
def test_the_logarithm_of_a_determinant_near_zero(small):
    a = np.array([[1.0, 2.0], [0.5, 1.0 + small]])
    exact = mpmath.inverse(mpmath.matrix(a.tolist())).T
    expected = np.array([[float(exact[i, j]) for j in range(2)] for i in range(2)])
    found = cr.grad(lambda a: np.linalg.slogdet(a)[1])(a)
    np.testing.assert_allclose(found, expected, rtol=1e-15 / small + 1e-14)


@pytest.mark.parametrize("x", [[0.0, 0.0], [3e-200, 4e-200], [3e-160, 0.0], [3e150, 4e150]])
def test_norms_near_zero_and_of_large_numbers(x):
    x = np.array(x)
    size = mp.sqrt(mpmath.fsum(mpmath.mpf(float(v)) ** 2 for v in x))
    expected = [float(mpmath.mpf(float(v)) / size) if size else 0.0 for v in x]
    found = cr.grad(lambda x: np.hypot(x[0], x[1]))(x)
    np.testing.assert_allclose(found, expected, rtol=1e-15)


def test_single_precision_is_good_to_its_own_digits():
    x = np.linspace(0.1, 3.0, 7, dtype=np.float32)

    def f(x):
        return np.sum(np.log(x) * np.sin(x) + np.exp(-x) / np.sqrt(x))

    def exact(v):
        return mpmath.diff(lambda t: mp.log(t) * mp.sin(t) + mp.exp(-t) / mp.sqrt(t), v)

    found = cr.grad(f)(x)
    assert found.dtype == np.float32
    expected = [float(exact(mpmath.mpf(float(v)))) for v in x]
    np.testing.assert_allclose(found, expected, rtol=2e-6)


def masked_quotient(x):
    return np.sum(np.where(x == 0, 1.0, np.sin(x) / np.where(x == 0, 1.0, x)))


def test_a_quotient_that_is_not_taken_at_zero():
    x = np.array([0.0, 1e-8, 1.0])
    t = [mpmath.mpf(float(v)) for v in x[1:]]
    expected = [0.0, *(float((v * mp.cos(v) - mp.sin(v)) / v**2) for v in t)]
    np.testing.assert_allclose(cr.grad(masked_quotient)(x), expected, atol=1e-8)
    assert np.all(np.isfinite(cr.grad(masked_quotient)(x)))
