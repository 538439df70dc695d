"""Gradients into arrays of the caller's."""

import numpy as np
import pytest

import chainrule as cr


def misfit(A, x, y):
    total = 0.0
    for i in range(A.shape[0]):
        e = -y[i]
        for j in range(A.shape[1]):
            e += A[i, j] * x[j]
        total += e * e
    return total


rng = np.random.default_rng(0)
A, X, Y = rng.normal(size=(4, 3)), rng.normal(size=3), rng.normal(size=4)


@pytest.fixture(scope="module")
def both():
    return cr.value_and_grad(misfit, argnums=("A", "x"), engine="numba")


def test_the_gradients_are_in_the_arrays(both):
    wanted, (by_python, dx) = cr.value_and_grad(misfit, argnums=("A", "x"))(A, X, Y)
    buffers = np.full(A.shape, 7.0), np.full(X.shape, 7.0)
    for _ in range(2):
        value, gradients = both(A, X, y=Y, out=buffers)
        assert value == pytest.approx(wanted, rel=1e-14)
        assert all(g is b for g, b in zip(gradients, buffers, strict=True))
        assert np.allclose(buffers[0], by_python, rtol=1e-13)
        assert np.allclose(buffers[1], dx, rtol=1e-13)
    _, (dA, own) = both(A, X, Y, out=(buffers[0], None))
    assert dA is buffers[0]
    assert np.allclose(own, dx, rtol=1e-13)


@pytest.mark.parametrize(
    ("out", "error", "what"),
    [
        (np.empty((4, 3)), TypeError, "a tuple of 2"),
        ((np.empty((4, 3)),), TypeError, "a tuple of 2"),
        ((np.empty((3, 4)), None), TypeError, r"A needs .* float64\[4, 3\]"),
        ((np.empty((3, 4)).T, None), TypeError, "C-contiguous"),
        ((np.empty((4, 3), dtype=np.float32), None), TypeError, "float64"),
        ((A, None), ValueError, "shares memory"),
        ((None, Y[1:]), ValueError, "shares memory"),
    ],
)
def test_what_does_not_fit_is_refused(both, out, error, what):
    with pytest.raises(error, match=what):
        both(A, X, Y, out=out)


def test_containers_and_numbers_beside_arrays():
    scale = 2.0

    def f(p, b):
        total = 0.0
        for i in range(len(p["w"])):
            total += scale * p["w"][i] ** 2 * p["s"] * b
        return total

    g = cr.grad(f, argnums=(0, 1), engine="numba")
    p, dw = {"w": X, "s": 0.5}, np.empty(3)
    dp, db = g(p, 3, out=({"w": dw, "s": None}, None))
    assert dp["w"] is dw
    assert np.allclose(dw, 2 * scale * X * 0.5 * 3)
    assert (dp["s"], db) == pytest.approx((2 * 3 * np.sum(X**2), np.sum(X**2)))
    scale = 3.0
    g(p, 3, out=({"w": dw, "s": None}, None))
    assert np.allclose(dw, 2 * scale * X * 0.5 * 3)
    with pytest.raises(TypeError, match="None"):
        g(p, 3, out=({"w": dw, "s": 1.0}, None))
    with pytest.raises(TypeError, match="like the argument"):
        g(p, 3, out=([dw, None], None))


def test_an_argument_of_the_function_that_is_called_out():
    g = cr.grad(lambda x, out: x * out, engine="numba")
    assert g(2.0, out=3.0) == 3.0


def test_a_function_itself_has_no_gradients():
    with pytest.raises(TypeError, match="for gradients"):
        cr.compile(lambda x: x)(1.0, out=None)


def test_a_gradient_that_is_not_made_at_the_start():
    g = cr.grad(lambda x: np.sum(np.cumsum(x) ** 2), engine="numba")
    dx = np.empty(3)
    assert g(X, out=dx) is dx
    assert np.allclose(dx, g(X))


def test_arguments_of_any_layout(both):
    frozen = A.copy()
    frozen.flags.writeable = False
    buffers = np.empty(A.shape), np.empty(X.shape)
    for B in (frozen, np.asfortranarray(A)):
        both(B, X, Y)
        both(B, X, Y, out=buffers)
        for ours, theirs in zip(buffers, both(A, X, Y)[1], strict=True):
            assert np.array_equal(ours, theirs)
