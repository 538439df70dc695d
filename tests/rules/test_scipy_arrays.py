"""Filters, integrals and distances of SciPy: SciPy's values, the gradients of numeric differences."""

import numpy as np
import pytest
import scipy.integrate
import scipy.ndimage
import scipy.signal
import scipy.spatial.distance

import chainrule as cr
from chainrule.rules import on_demand
from chainrule.rules.registry import MACROS
from chainrule.testing import rules

on_demand.load_all()

CALLS = [
    "scipy.signal.convolve(un, w)", "scipy.signal.convolve(un, w, mode='same')",
    "scipy.signal.convolve(w, un, mode='same')", "scipy.signal.convolve(un, w, 'valid')",
    "scipy.signal.convolve(An, C)", "scipy.signal.convolve(An, C[:2, :3], mode='same')",
    "scipy.signal.convolve(C, A[:2, :3], mode='valid')", "scipy.signal.fftconvolve(un, w)",
    "scipy.signal.fftconvolve(An, S, mode='same')", "scipy.signal.oaconvolve(un, w)",
    "scipy.signal.convolve2d(C, A[:2, :2], mode='same')", "scipy.signal.convolve2d(A, S)",
    "scipy.signal.correlate(un, w)", "scipy.signal.correlate(un, w, mode='same')",
    "scipy.signal.correlate(un, w, mode='valid')", "scipy.signal.correlate(w, un, mode='same')",
    "scipy.signal.correlate(An, C)", "scipy.signal.correlate(An, C[:2, :3], mode='same')",
    "scipy.signal.correlate2d(C, A[:2, :2], mode='valid')",
    "scipy.signal.detrend(un)", "scipy.signal.detrend(An, axis=0, type='constant')",
    "scipy.ndimage.gaussian_filter(un, 0.8)", "scipy.ndimage.gaussian_filter(An, (0.5, 1.1))",
    "scipy.ndimage.gaussian_filter(An, 0.7, mode='constant', cval=1.5)",
    "scipy.ndimage.gaussian_filter(Tn, 0.6, order=(0, 1, 0), mode=('wrap', 'nearest', 'mirror'))",
    "scipy.ndimage.uniform_filter(An, 3)", "scipy.ndimage.uniform_filter(un, 2, mode='wrap')",
    "scipy.ndimage.uniform_filter(An, (1, 3), mode='nearest')",
    "scipy.ndimage.correlate(un, w)", "scipy.ndimage.convolve(un, w)",
    "scipy.ndimage.correlate(un, w[:2])", "scipy.ndimage.convolve(un, w[:2])",
    "scipy.ndimage.convolve(C, A[:2, :3])", "scipy.ndimage.correlate(C, A[:2, :3], mode='constant')",
    "scipy.ndimage.convolve(C, A[:3, :3], mode='wrap')",
    "scipy.ndimage.convolve(C, A[:3, :3], mode='mirror', origin=1)",
    "scipy.ndimage.convolve(C, A[:3, :3], mode='nearest')",
    "scipy.ndimage.correlate(C, A[:3, :2], mode='constant', cval=1.5, origin=(0, -1))",
    "scipy.ndimage.correlate1d(An, w, axis=0)", "scipy.ndimage.convolve1d(An, w)",
    "scipy.ndimage.convolve1d(An, w[:2], axis=0, mode='constant')",
    "scipy.ndimage.sobel(An)", "scipy.ndimage.sobel(An, axis=0, mode='wrap')",
    "scipy.ndimage.prewitt(An)", "scipy.ndimage.laplace(An)",
    "scipy.integrate.trapezoid(A)", "scipy.integrate.trapezoid(A, u)",
    "scipy.integrate.cumulative_trapezoid(A)", "scipy.integrate.cumulative_trapezoid(A, u, initial=0)",
    "scipy.integrate.cumulative_trapezoid(A, dx=x, axis=0)", "scipy.integrate.simpson(A)",
    "scipy.integrate.simpson(C, dx=x)", "scipy.integrate.simpson(A, axis=0)",
    "scipy.integrate.simpson(A, np.cumsum(u))", "scipy.integrate.simpson(C.T, np.cumsum(C[0]), axis=0)",
    "scipy.integrate.fixed_quad(lambda t: np.sin(t * y), x, 2.0)[0]",
    "scipy.integrate.fixed_quad(lambda t, c: np.exp(-c * t), 0.0, x, args=(y,), n=7)[0]",
    "scipy.spatial.distance.cdist(A, S)", "scipy.spatial.distance.cdist(A, S, 'sqeuclidean')",
    "scipy.spatial.distance.cdist(A, S, 'cityblock')", "scipy.spatial.distance.cdist(A, S, 'cosine')",
    "scipy.spatial.distance.cdist(A, S, metric='chebyshev')",
    "scipy.spatial.distance.cdist(A, S, 'minkowski', p=3)", "scipy.spatial.distance.pdist(A)",
    "scipy.spatial.distance.pdist(A, 'sqeuclidean')", "scipy.spatial.distance.pdist(A, 'cosine')",
    "scipy.spatial.distance.euclidean(u, v)", "scipy.spatial.distance.sqeuclidean(u, v)",
    "scipy.spatial.distance.cityblock(u, v)", "scipy.spatial.distance.cosine(u, v)",
    "scipy.spatial.distance.chebyshev(u, v)", "scipy.spatial.distance.minkowski(u, v, 3)",
]  # fmt: skip


@pytest.mark.parametrize("text", CALLS)
def test_value_and_gradients(text):
    call = rules.case_call(text)
    value, _ = cr.vjp(call.fun, *call.values)
    expected = call.fun(*call.values)
    np.testing.assert_allclose(value, expected, rtol=1e-11, atol=1e-13)
    assert np.shape(value) == np.shape(expected)
    weighted = rules.function(f"np.sum(np.cos(0.1 * {text}))", tuple(call.args))
    cr.check_grads(weighted, tuple(call.values), order=2)


def test_functions_that_are_written_by_others_have_calls():
    modules = ("scipy.signal", "scipy.ndimage", "scipy.integrate", "scipy.spatial")
    names = {f.__name__ for f in MACROS if getattr(f, "__module__", "").startswith(modules)}
    assert not {n for n in names if not any(f".{n}(" in text for text in CALLS)}


def test_distances_of_equal_points_have_gradient_zero():
    points = np.array([[0.0, 1.0], [0.0, 1.0], [2.0, 0.0]])
    f = rules.function("np.sum(scipy.spatial.distance.pdist(a))", ("a",))
    gradient = cr.grad(f)(points)
    assert np.all(np.isfinite(gradient))
    assert np.array_equal(gradient[0], gradient[1])


def smoothing(image, sigma):
    return np.sum(scipy.ndimage.gaussian_filter(image, sigma) ** 2)


def test_the_width_of_a_filter_has_no_derivative():
    with pytest.raises((cr.UnsupportedError, TypeError)):
        cr.grad(smoothing, argnums=1)(np.ones((3, 4)), 0.8)
    assert cr.grad(smoothing)(np.ones((3, 4)), 0.8).shape == (3, 4)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("scipy.integrate.quad(lambda t: np.sin(t * x), 0, 1)[0]", "quad has no derivative rule"),
        ("scipy.signal.convolve2d(A, S, boundary='wrap')", "boundary"),
        ("scipy.signal.sosfilt(A, u)", "sosfilt has no derivative rule"),
        ("scipy.ndimage.median_filter(A, 3)", "median_filter has no derivative rule"),
        ("scipy.spatial.distance.cdist(A, S, 'jaccard')", "metric"),
    ],
)
def test_others_are_refused(text, message):
    call = rules.case_call(text)
    with pytest.raises(cr.UnsupportedError, match=message):
        cr.vjp(call.fun, *call.values)
