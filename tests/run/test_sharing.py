"""Programs in which one array is seen in two ways while it is written: refused, never wrong."""

import numpy as np
import pytest

import chainrule as cr

X = np.array([0.7, -1.2, 2.4])


def bad_view(x):
    a = x * 1.0
    v = a[1:]
    a[1] = 5 * x[0]
    return np.sum(v * v)


def bad_through(x):
    a = x * 1.0
    v = a[1:]
    v[0] = 5.0
    return np.sum(a * a)


def rowswap(A):
    B = A * 1.0
    B[0], B[1] = B[1], B[0]
    return np.sum(B[0] * A[1])


def bad_loop(x):
    a = x * 1.0
    b = a[:2]
    for i in range(2):
        s = np.sum(b)
        a[0] = s * 2
    return a @ x


def bad_two(x):
    a = x * 1.0
    old = a
    for i in range(3):
        a[0] = old[1] * 2 + old[0]
        old = a
    return a @ x


def writer(a):
    a[0] = 2.0
    return a


def bad_callee(x):
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


CASES = [
    (bad_view, (X,)),
    (bad_through, (X,)),
    (rowswap, (np.arange(9.0).reshape(3, 3),)),
    (bad_loop, (X,)),
    (bad_two, (X,)),
    (bad_callee, (X,)),
    (buffers, (X, 2)),
]


@pytest.mark.parametrize(("fun", "args"), CASES, ids=[fun.__name__ for fun, _ in CASES])
def test_refused(fun, args):
    with pytest.raises(cr.UnsupportedError, match=r"CR05[678]"):
        cr.grad(fun)(*args)


def overlapping(a, b):
    a[0] = b[1] * 2
    return a @ b


def test_arguments_that_share_memory_are_refused_when_one_is_written():
    assert cr.grad(overlapping)(X, X + 1).shape == (3,)
    with pytest.raises(ValueError, match="a and b share memory, and overlapping writes into it"):
        cr.grad(overlapping)(X, X)
