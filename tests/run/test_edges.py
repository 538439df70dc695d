"""Arguments at the edge of what a function is made for: empty arrays, kinks, the end of a domain."""

import contextlib
import math
import warnings

import numpy as np
import pytest

import chainrule as cr


@pytest.mark.parametrize("n", [0, 1, 2, 3, 5])
def test_differences_of_few_elements(n):
    def second(x):
        return np.sum(np.diff(x, 2) ** 2) + np.sum(np.diff(x[:1])) + np.sum(x)

    gradient = cr.grad(second)(np.ones(n))
    assert gradient.shape == (n,)
    np.testing.assert_allclose(gradient, 1.0)


@pytest.mark.parametrize("shape", [(2, 2), (2, 3), (5, 2), (5, 5), (0, 3)])
def test_a_diagonal_that_may_lie_outside(shape):
    def far(A):
        return np.sum(np.diag(A, 3)) + np.sum(np.diagonal(A, -4)) + np.sum(A)

    expected = np.ones(shape) + np.eye(*shape, 3) + np.eye(*shape, -4)
    np.testing.assert_array_equal(cr.grad(far)(np.ones(shape)), expected)


def test_the_mean_of_nothing():
    def chosen(x, limit):
        return np.mean(x[x > limit]) + np.sum(x)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # NumPy's own for the value
        value, gradient = cr.value_and_grad(chosen)(np.ones(3), 2.0)
        assert np.isnan(value)
        np.testing.assert_array_equal(gradient, np.ones(3))
        value, gradient = cr.value_and_grad(lambda x: np.mean(x))(np.zeros(0))
    assert np.isnan(value)
    assert gradient.shape == (0,)


def by_variable(x, p):
    return x**p


def by_half(x):
    x **= 0.5
    return x * x


@pytest.mark.parametrize(
    ("fun", "args"), [(by_variable, (-2.0, 1.5)), (by_half, (-2.0,)), (by_half, (-2,))]
)
def test_a_power_that_would_be_complex_raises(fun, args):
    with pytest.raises(ValueError, match=r"-2.0 \*\* \d.5 is complex"):
        cr.value_and_grad(fun)(*args)


def test_powers_that_stay_real_are_written_as_they_are():
    def real(x, y):
        return (x * x + y**2) ** 0.5 + abs(x) ** y + x**2.0 + max(x, 0.0) ** 1.5 + 2.0**x

    text = str(cr.stages(real, 1.0, 2.0))
    assert "real_power" not in text
    assert cr.grad(by_variable)(-2.0, 3.0) == 12.0
    with pytest.raises(ZeroDivisionError):  # the exception of the function itself
        cr.grad(by_variable)(0.0, -1.5)


def sum_to_shape(x):
    return 2.0 * x


def test_names_of_helpers_are_not_taken():
    def calls(x, y):
        real_power = sum_to_shape(x)
        return np.sum(x + y) + np.sum(real_power) + y[0] ** 2

    x = np.ones((3, 1))
    for y in (np.ones(2), np.ones(1)):
        dx, dy = cr.grad(calls, (0, 1))(x, y)
        np.testing.assert_array_equal(dx, np.full((3, 1), len(y) + 2.0))
        np.testing.assert_array_equal(dy, np.full(len(y), 3.0) + 2.0 * (np.arange(len(y)) == 0))
    assert cr.grad(sum_to_shape)(1.0) == 2.0

    def argument(real_power):
        return real_power**1.5

    with pytest.raises(cr.UnsupportedError, match="hides the helper"):
        cr.grad(argument)(1.0)


def quiet(fun, *args):
    """The gradient by all arguments, and no warning that the plain function does not give."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore" if loud(fun, *args) else "error", RuntimeWarning)
        return cr.grad(fun, tuple(range(len(args))))(*args)


def loud(fun, *args):
    with warnings.catch_warnings(record=True) as found:
        warnings.simplefilter("always")
        fun(*args)
    return bool(found)


ROOTS = [
    lambda x: np.sum(np.where(x > 0, np.sqrt(x), 0)),
    lambda x: np.sum(np.where(x > 0, np.sqrt(x) ** 3, 0)),
    lambda x: np.sum(np.where(x > 0, x**1.5 * 2.0, 1.0)),
    lambda x: np.sum(np.sqrt(np.maximum(x - 1.0, 0.0) ** 2)),
]


@pytest.mark.parametrize("fun", ROOTS)
def test_the_untaken_side_does_not_warn(fun):
    x = np.array([0.0, 4.0])
    (gradient,) = quiet(fun, x)
    assert gradient[0] == 0.0
    assert gradient[1] == pytest.approx(cr.grad(fun)(x[1:])[0])
    assert np.isfinite(gradient).all()


def test_no_factor_is_infinite_where_the_gradient_is_zero():
    def entropy(p, w):
        with_logs = np.log(p) * w / p
        return np.sum(np.where(p > 0, with_logs, 0.0))

    p, w = np.array([0.0, 0.5]), np.array([1.0, 2.0])
    with np.errstate(divide="ignore", invalid="ignore"):
        dp, dw = cr.grad(entropy, (0, 1))(p, w)
    np.testing.assert_allclose(dp, [0.0, 2 / 0.25 * (1 - np.log(0.5))])
    np.testing.assert_allclose(dw, [0.0, np.log(0.5) / 0.5])


def loop_norm(x):
    total = 0.0
    for item in x:
        total += item**2
    return math.sqrt(total)


KINKS = [
    (lambda x: np.sqrt(np.sum(x**2)), (np.zeros(3),)),
    (lambda x: np.sum(x**2) ** 0.5, (np.zeros(3),)),
    (lambda x: np.sum(np.sqrt(np.sum(x * x, axis=1))), (np.zeros((2, 3)),)),
    (lambda x: np.sqrt(x @ x) + np.sqrt(np.dot(x, x)), (np.zeros(3),)),
    (lambda x: np.sqrt(np.einsum("i,i->", x, x)), (np.zeros(3),)),
    (lambda x: np.sqrt(np.mean(np.square(x - np.mean(x)))), (np.full(4, 2.0),)),
    (lambda x: np.sum(np.abs(x) ** 3) ** (1 / 3), (np.zeros(3),)),
    (lambda x: np.sum(np.sqrt(x**2)) + np.sum(np.sqrt(x**4)), (np.zeros(3),)),
    (lambda x: math.sqrt(x**2) + (x * x) ** 0.5, (0.0,)),
    (lambda x, y: math.sqrt(x * x + 2.0 * y**2), (0.0, 0.0)),
    (lambda x: x * math.sqrt(x) + x**2 * x**0.5, (0.0,)),
    (lambda x: np.sum(x * np.sqrt(x)), (np.zeros(3),)),
    (lambda x: np.sqrt(np.var(x)), (np.full(3, 1.5),)),
    (loop_norm, (np.zeros(3),)),
]


@pytest.mark.parametrize(("fun", "args"), KINKS)
def test_the_gradient_of_a_norm_at_0_is_0(fun, args):
    for gradient in quiet(fun, *args):
        np.testing.assert_array_equal(gradient, np.zeros(np.shape(gradient)))


@pytest.mark.parametrize(("fun", "args"), KINKS)
def test_and_right_elsewhere(fun, args):
    shift = [a + np.reshape(0.3 + np.arange(np.size(a)), np.shape(a)) for a in args]
    args = tuple(float(a) if np.ndim(a) == 0 else a for a in shift)
    cr.check_grads(fun, args)


def test_a_root_that_is_squared_has_its_slope_at_0():
    def squared(x):
        s = np.sqrt(x)
        return np.sum(s * s) + np.sum(s**2) + np.sum(s * x)

    np.testing.assert_array_equal(quiet(squared, np.array([0.0, 1.0]))[0], [2.0, 3.5])


def test_a_root_of_what_is_no_sum_of_squares_is_steep():
    def steep(x, w):
        return np.sqrt(np.sum(w * x**2) + np.sum(w))

    with np.errstate(divide="ignore", invalid="ignore"):
        _, dw = cr.grad(steep, (0, 1))(np.ones(2), np.zeros(2))
    np.testing.assert_array_equal(dw, [np.inf, np.inf])


def test_a_division_by_zero_that_is_not_taken():
    def finite(x):
        ratio = x / 0.0
        return np.sum(np.where(np.isfinite(ratio), ratio, x))

    with np.errstate(divide="ignore", invalid="ignore"):
        np.testing.assert_array_equal(cr.grad(finite)(np.array([0.0, 2.0])), [1.0, 1.0])


def test_errstate_is_silent_and_no_more():
    def ignored(x):
        with np.errstate(divide="ignore", invalid="ignore"):
            ratio = np.log(x) / x
        return np.sum(np.where(x > 0, ratio, 0.0))

    def loud(x):
        return np.sum(np.where(x > 0, np.log(x) / x, 0.0))

    x = np.array([0.0, 2.0])
    (quietly,) = quiet(ignored, x)
    with pytest.warns(RuntimeWarning):
        value, aloud = cr.value_and_grad(loud)(x)
    np.testing.assert_array_equal(quietly, aloud)
    assert '@np.errstate(divide="ignore", invalid="ignore")' in str(cr.stages(ignored, x))
    assert "errstate" not in str(cr.stages(loud, x))


def test_a_sum_that_starts_elsewhere_is_no_sum_of_squares():
    def shifted(x):
        return np.sqrt(np.sum(x**2, initial=-1.0))

    with np.errstate(divide="ignore", invalid="ignore"):
        assert cr.grad(shifted)(np.array([1.0, 0.0]))[0] == np.inf


# -- what readers of the code found ---------------------------------------------------------------


def test_zip_of_three_goes_as_far_as_the_shortest():
    def total(v, w, n):
        s = 0.0
        for x, y, i in zip(v, w, range(n)):
            s += x * y * (i + 1)
        return s

    v, w = np.array([1.0, 2.0, 3.0, 4.0]), np.array([1.0, 2.0, 3.0])
    value, gradient = cr.value_and_grad(total)(v, w, 2)
    assert value == total(v, w, 2)
    assert np.array_equal(gradient, [1.0, 4.0, 0.0, 0.0])


def test_a_carried_value_is_returned_from_inside_a_loop():
    def halved(x):
        for _ in range(30):
            x = x * 0.5
            if x < 0.1:
                return x
        return x

    assert cr.value_and_grad(halved)(1.0) == (0.0625, 0.0625)


def test_a_function_that_is_not_understood_changes_no_argument():
    def written(v):
        v[0] = 99.0
        return np.sum(v[np.where(v > 0)[0]])

    v = np.array([1.0, 2.0])
    with contextlib.suppress(cr.UnsupportedError):
        cr.grad(written)(v)
    assert v[0] == 1.0


def test_new_axes_of_a_number():
    def fun(x):
        top = np.max(x)
        return np.sum(x / top[..., None]) + np.sum(top[None] * x) + np.sum(top[None, ..., None])

    cr.check_grads(fun, (np.array([1.0, 2.0, 3.0]),), order=2)
