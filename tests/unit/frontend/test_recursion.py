"""What a recursive function is walked for: the types of all its calls, joined."""

import numpy as np
import pytest

import chainrule as cr
from chainrule.frontend.recursion import Given, fits, may_call_itself
from chainrule.ir.dims import Dim, Sym
from chainrule.ir.program import Var
from chainrule.ir.types import Array, Scalar
from chainrule.rules.builder import const


def array(*dims, dtype="float64"):
    return Array(dtype, tuple(Dim.of(d) for d in dims))


def size(name, *, single=False):
    return Sym(name, (object(), 0), single)


N, M, K = size("n"), size("m"), size("k")
ONE = size("one", single=True)
FLOAT, INT = Scalar("float64", weak=True), Scalar("int64", weak=True)


@pytest.mark.parametrize(
    ("walked", "passed", "expected"),
    [
        ([array(N)], [array(M)], True),
        ([array(N)], [array(ONE)], False),
        ([array(ONE)], [array(N)], True),
        ([array(ONE)], [array(1)], True),
        ([array(3)], [array(3)], True),
        ([array(3)], [array(4)], False),
        ([array(N)], [array(N, M)], False),
        ([array(N), array(N)], [array(M), array(M)], True),
        ([array(N), array(N)], [array(M), array(K)], False),
        ([array(N), array(M)], [array(K), array(K)], True),
        ([array(N)], [array(N, dtype="float32")], True),
        ([array(N, dtype="float32")], [array(N)], False),
        ([FLOAT], [INT], True),
        ([INT], [FLOAT], False),
    ],
)
def test_which_calls_a_walk_serves(walked, passed, expected):
    given = [Given("x", None, t) for t in walked]
    assert fits(given, [Var("x", t) for t in passed]) is expected


def test_known_numbers_that_differ_are_passed():
    assert fits([Given("n", const(3))], [const(3)])
    assert not fits([Given("n", const(3))], [const(4)])


def itself(x):
    return x if x > 1.0 else itself(2.0 * x)


def by_another(x):
    return x if x > 1.0 else another(2.0 * x)


def another(x):
    return next(by_another(v) for v in (x,))


def plain(x):
    return np.sin(itself(x))


def test_which_functions_may_call_themselves():
    assert may_call_itself(itself)
    assert may_call_itself(by_another)
    assert may_call_itself(another)
    assert not may_call_itself(plain)


def power(x, n):
    return 1.0 if n == 0 else x * power(x, n - 1)


def test_one_program_serves_all_depths():
    gradient = cr.grad(power)
    found = [gradient(2.0, n) for n in range(1, 6)]
    np.testing.assert_allclose(found, [n * 2.0 ** (n - 1) for n in range(1, 6)])


def test_a_pullback_may_be_called_twice():
    _, pull = cr.vjp(power, 2.0, 3)
    assert pull(1.0) == pull(1.0) == (12.0, None)


def test_it_goes_as_deep_as_python_does():
    with pytest.raises(RecursionError):
        cr.grad(power)(1.0, 100_000)
