"""Rules of the user's for functions that return tuples, take containers, or have no source."""

import ctypes
import ctypes.util
import math

import numpy as np
import pytest
import scipy.special

import chainrule as cr

X = np.array([0.3, 0.8, 1.4])


def pair(x, n):
    return x**n, np.sum(x) * n


@cr.derivative(pair)
def pair_pullback(dy, x, n):
    first, second = dy
    return first * n * x ** (n - 1) + second * n, None


def of_a_dict(p, mode):
    return p["a"] * p["b"] if mode == "product" else p["a"]


@cr.derivative(of_a_dict)
def of_a_dict_pullback(dy, p, mode):
    return {"a": dy * p["b"], "b": np.sum(dy * p["a"])}, None


libm = ctypes.CDLL(ctypes.util.find_library("m") or "libm.so.6")
erf = libm.erf
erf.restype, erf.argtypes = ctypes.c_double, [ctypes.c_double]


@cr.derivative(erf)
def erf_pullback(dy, x):
    return dy * 2.0 / math.sqrt(math.pi) * math.exp(-(x**2))


@cr.derivative(scipy.special.itstruve0)
def itstruve0_pullback(dy, x):
    return dy * scipy.special.struve(0, x)


class Squares:
    """An object that is called, with state that no source shows."""

    def __call__(self, x):
        return x * x


squares = Squares()


@cr.derivative(squares, returns="x")
def squares_pullback(dy, x):
    return 2.0 * x * dy


@cr.derivative(squares, mode="fwd")
def squares_tangent(x_dot, x):
    return 2.0 * x * x_dot


def test_a_function_that_returns_a_tuple():
    def fun(x):
        a, b = pair(x, 3)
        return np.sum(a * b)

    cr.check_grads(fun, (X,), order=2)


def test_one_of_its_results_alone():
    def fun(x):
        return pair(x, 2)[1] * x[0]

    cr.check_grads(fun, (X,), order=2)


def test_containers_and_text_as_arguments():
    def fun(a, b):
        return np.sum(of_a_dict({"a": a, "b": b}, "product") ** 2)

    cr.check_grads(fun, (X, 1.5), order=2)


def test_a_c_function():
    def fun(x):
        return erf(x) * x + erf(2.0 * x)

    cr.check_grads(fun, (0.4,), order=2)
    assert cr.value_and_grad(fun)(0.4)[0] == fun(0.4)


def test_a_c_function_in_a_loop_and_in_a_helper():
    def helper(x):
        return erf(x) ** 2

    def fun(x):
        total = 0.0
        for v in x:
            total += helper(v) * erf(v)
        return total

    cr.check_grads(fun, (X,), order=2)
    np.testing.assert_allclose(cr.hessian(fun, sparse=True)(X).toarray(), cr.hessian(fun)(X))


def test_a_ufunc_of_a_library_works_element_by_element():
    def fun(x):
        return np.sum(scipy.special.itstruve0(x[:, None] * x) * x)

    cr.check_grads(fun, (X,), order=2)


def test_an_object_that_is_called():
    def fun(x):
        return np.sum(squares(np.sin(x)) * x)

    cr.check_grads(fun, (X,), order=1)
    assert cr.jvp(fun, (X,), (X,))[1] == pytest.approx(cr.grad(fun)(X) @ X)


def split(x):
    """Not in the language: `try` is refused."""
    try:
        return x**2, float(np.sum(x))
    finally:
        pass


@cr.derivative(split, returns=("x", "float"))
def split_pullback(dy, x):
    return 2.0 * x * dy[0] + dy[1]


def test_a_python_function_that_is_called_and_not_read():
    def fun(x):
        a, b = split(np.sin(x))
        return np.sum(a) * b

    cr.check_grads(fun, (X,), order=2)


def powers(x):
    return x**4


@cr.derivative(powers)
def powers_pullback(dy, x):
    slope = 4.0 * x
    for _ in range(2):
        slope = slope * x
    return slope * dy


def test_a_rule_with_a_loop():
    def fun(x):
        return np.sum(np.sin(powers(x * 1.5)))

    cr.check_grads(fun, (np.array([0.4, 0.7]),), order=1, modes=("rev",))


def test_a_result_that_is_not_what_was_said():
    def liar(x):
        return x[:2]

    wrapped = np.vectorize(liar, signature="(n)->(m)")

    @cr.derivative(wrapped, returns="x")
    def pullback(dy, x):
        return dy

    with pytest.raises(TypeError, match="and its rule is for"):
        cr.grad(lambda x: np.sum(wrapped(x)))(X)


def test_the_source_calls_it_by_its_name():
    text = str(cr.stages(lambda x: erf(x) * 2.0, 0.5))
    assert "erf(x)" in text
    with pytest.raises(cr.UnsupportedError) as raised:
        cr.stages(lambda x: erf(x) * 2.0, 0.5).source(standalone=True)
    assert raised.value.code == "CR062"


def test_what_is_refused():
    with pytest.raises(TypeError, match="returns is 'float'"):
        cr.derivative(pair, returns="z")(pair_pullback)
    with pytest.raises(cr.UnsupportedError, match="missing in this call") as raised:
        cr.grad(lambda x: erf() * x)(1.0)
    assert raised.value.code == "CR041"
    with pytest.raises(cr.UnsupportedError, match="has no derivative rule") as raised:
        cr.grad(lambda x: libm.cbrt(x))(1.0)
    assert "@chainrule.derivative" in raised.value.help
