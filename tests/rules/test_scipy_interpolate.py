"""Interpolation: values are SciPy's, gradients in places, knots and samples those of differences."""

import numpy as np
import pytest
from scipy import interpolate

import chainrule as cr

X = np.array([0.0, 0.7, 1.1, 2.0, 2.6, 3.5])
Y = np.array([0.3, 1.2, 0.8, -0.4, 0.5, 0.9])
PLACES = np.array([0.2, 0.9, 1.15, 2.3, 3.4])


def linear(t, x, y):
    return np.sum(np.cos(interpolate.interp1d(x, y)(t)))


def extended(t, x, y):
    f = interpolate.interp1d(x, y, fill_value="extrapolate")
    return np.sum(np.cos(f(t))) + f(-0.5) + f(4.5)


def filled(t, x, y):
    f = interpolate.interp1d(x, y, bounds_error=False, fill_value=0.25)
    return np.sum(np.cos(f(t))) + f(9.0)


def spline(t, x, y):
    f = interpolate.CubicSpline(x, y)
    return np.sum(np.cos(f(t))) + f(1.0)


def natural(t, x, y):
    f = interpolate.CubicSpline(x, y, bc_type="natural")
    return np.sum(np.cos(f(t)) + f(t, 1) ** 2 + f(t, 2))


def clamped(t, x, y):
    return np.sum(np.cos(interpolate.CubicSpline(x, y, bc_type="clamped")(t)))


def of_kind(t, x, y):
    return np.sum(np.cos(interpolate.interp1d(x, y, kind="cubic")(t)))


def made(t, x, y):
    return np.sum(np.cos(interpolate.make_interp_spline(x, y)(t)))


def by_slopes(t, x, y):
    return np.sum(np.cos(interpolate.CubicHermiteSpline(x, y, np.sin(y))(t)))


CASES = [linear, extended, filled, spline, natural, clamped, of_kind, made, by_slopes]


@pytest.mark.parametrize("fun", CASES)
def test_value_and_gradients(fun):
    value, _ = cr.value_and_grad(fun, argnums=(0, 1, 2))(PLACES, X, Y)
    assert value == pytest.approx(fun(PLACES, X, Y), rel=1e-12)
    cr.check_grads(fun, (PLACES, X, Y), order=2)


def test_places_outside_are_nan_where_scipy_raises():
    with np.errstate(all="ignore"):
        assert np.isnan(cr.value_and_grad(linear)(np.array([-1.0]), X, Y)[0])


def test_samples_need_not_be_sorted():
    order = np.array([3, 0, 5, 1, 4, 2])
    gradient = cr.grad(linear, argnums=2)
    assert np.allclose(gradient(PLACES, X[order], Y[order]), gradient(PLACES, X, Y)[order])


@pytest.mark.parametrize(
    "fun",
    [
        lambda t: interpolate.PchipInterpolator(X, Y)(t),
        lambda t: interpolate.interp1d(X, Y, kind="nearest")(t),
        lambda t: interpolate.CubicSpline(X, Y, bc_type="periodic")(t),
    ],
)
def test_others_are_refused(fun):
    with pytest.raises(cr.UnsupportedError):
        cr.grad(fun)(0.5)
