"""Programs in which one array is seen in two ways while it is written: right, or refused."""

import copy

import numpy as np
import pytest

import chainrule as cr
from chainrule.testing.numeric import numeric_gradient_with_error

X = np.array([0.7, -1.2, 2.4])


def view_read_later(x):
    a = x * 1.0
    v = a[1:]
    a[1] = 5 * x[0]
    return np.sum(v * v)


def through_a_view(x):
    a = x * 1.0
    v = a[1:]
    v[0] = 5.0
    return np.sum(a * a)


def rowswap(A):
    B = A * 1.0
    B[0], B[1] = B[1], B[0]
    return np.sum(B[0] * A[1])


def view_in_a_loop(x):
    a = x * 1.0
    b = a[:2]
    for i in range(2):
        s = np.sum(b)
        a[0] = s * 2
    return a @ x


def bad_two(x):
    a = x * 1.0
    old = a
    for i in range(int(x[0]) + 3):
        a[0] = old[1] * 2 + old[0]
        old = a
    return a @ x


def writer(a):
    a[0] = 2.0
    return a


def callee_writes(x):
    y = x * 1.0
    writer(y)
    return y @ x


def buffers(u, n):
    v = np.zeros(len(u))
    for _ in range(n):
        for i in range(1, len(u) - 1):
            v[i] = u[i - 1] * u[i + 1]
        u, v = v, u
    return np.sum(u)


def kept_alias(x, n):
    a = x * 1.0
    first = a
    b = np.zeros_like(a)
    for _ in range(n):
        b[1:] = a[:-1] * 2
        a, b = b, a
    return first @ x


RIGHT = [
    (view_read_later, (X,)),
    (through_a_view, (X,)),
    (rowswap, (np.arange(9.0).reshape(3, 3),)),
    (view_in_a_loop, (X,)),
    (callee_writes, (X,)),
    (buffers, (X, 2)),
]
REFUSED = [(bad_two, (X,)), (kept_alias, (X, 3))]


@pytest.mark.parametrize(("fun", "args"), RIGHT, ids=[fun.__name__ for fun, _ in RIGHT])
def test_views_are_followed(fun, args):
    given = copy.deepcopy(args)
    value, gradient = cr.value_and_grad(fun)(*args)
    np.testing.assert_array_equal(args[0], given[0])
    assert value == pytest.approx(fun(*copy.deepcopy(args)))
    numeric, error = numeric_gradient_with_error(fun, args, 0)
    np.testing.assert_allclose(gradient, numeric, atol=1e-8 + np.max(error), rtol=1e-7)


@pytest.mark.parametrize(("fun", "args"), REFUSED, ids=[fun.__name__ for fun, _ in REFUSED])
def test_refused(fun, args):
    with pytest.raises(cr.UnsupportedError, match="CR056"):
        cr.grad(fun)(*args)


def int_or_float(x, u):
    for i in range(3):
        x = x * 0.5
    if x > 10.0:
        i = x * 2
    return i * np.sum(u) + (u[0] * x if x < 1.0 else i)


def test_an_integer_that_may_be_a_float_is_one():
    u = np.array([0.3, 1.2])
    assert cr.grad(int_or_float, argnums=1)(0.8, u) == pytest.approx([2.1, 2.0])


def overlapping(a, b):
    a[0] = b[1] * 2
    return a @ b


def test_arguments_that_share_memory_are_refused_when_one_is_written():
    assert cr.grad(overlapping)(X, X + 1).shape == (3,)
    with pytest.raises(ValueError, match="a and b share memory, and overlapping writes into it"):
        cr.grad(overlapping)(X, X)


def reshaped(p):
    p["w"].reshape(-1)[0] = 2.0
    return np.sum(p["w"])


def test_a_reshaped_argument_is_written_only_where_it_is_a_view():
    gradient = cr.grad(reshaped)({"w": np.ones((3, 2))})
    np.testing.assert_array_equal(gradient["w"], [[0, 1], [1, 1], [1, 1]])
    with pytest.raises(ValueError, match=r"w.* is not laid out row by row, and reshaped writes"):
        cr.grad(reshaped)({"w": np.ones((2, 3)).T})


def shrinks(h, W, n):
    for _ in range(n):
        h = np.tanh(W @ h)
    return np.mean(h)


def test_sizes_of_a_trip_hold_only_where_there_is_one():
    W = np.ones((2, 3))
    np.testing.assert_allclose(cr.grad(shrinks)(np.ones(3), W, 0), np.full(3, 1 / 3))
    numeric, _ = numeric_gradient_with_error(shrinks, (np.ones(3), W, 1), 0)
    np.testing.assert_allclose(cr.grad(shrinks)(np.ones(3), W, 1), numeric, rtol=1e-9)


def square_where_taken(W, c):
    s = np.trace(W @ W) if c > 0 else 0.0
    return s + np.sum(np.mean(W, axis=1)) + np.sum(np.mean(W, axis=0) ** 2)


def test_sizes_of_a_branch_hold_only_where_it_is_taken():
    W = np.arange(6.0).reshape(2, 3)
    numeric, _ = numeric_gradient_with_error(square_where_taken, (W, -1.0), 0)
    np.testing.assert_allclose(cr.grad(square_where_taken)(W, -1.0), numeric, rtol=1e-9)
