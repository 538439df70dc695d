"""Exceptions of the user's own classes, and exceptions whose text has numbers in it."""

import numba
import numpy as np
import pytest

import chainrule as cr

x = np.arange(3.0)


class Unstable(ArithmeticError):
    """An exception that cannot be made without arguments."""

    def __init__(self, step, value):
        super().__init__(f"step {step}: {value}")
        self.step = step


def grown(x, n):
    for i in range(n):
        x = x * 1.5
        if x > 5.0:
            raise Unstable(i, value=x)
    return x


def shown(x):
    total = np.sum(x)
    if total > 10.0:
        raise KeyError(f"{total!r} of", len(x))
    if total > 2.0:
        raise ValueError(f"too large: {total:.2f}")
    return total


@pytest.mark.parametrize("make", [cr.value_and_grad, cr.grad, cr.compile, cr.debug])
def test_what_the_function_raises(make):
    how = {} if make in (cr.compile, cr.debug) else {"engine": "numba"}
    for fun, args in ((grown, (1.0, 9)), (shown, (x,)), (shown, (4 * x,))):
        try:
            fun(*args)
        except Exception as error:
            expected = error
        with pytest.raises(type(expected)) as found:
            make(fun, **how)(*args)
        assert str(found.value) == str(expected)
        assert vars(found.value) == vars(expected)
    assert make(grown, **how)(1.0, 2) is not None


def test_pullbacks_and_buffers():
    with pytest.raises(Unstable, match="step 3"):
        cr.vjp(grown, 1.0, 9, engine="numba")
    with pytest.raises(ValueError, match=r"too large: 3\.00"):
        cr.grad(shown, engine="numba")(x, out=np.empty(3))


def test_numba_code_gets_one_of_pythons_classes():
    slope = cr.grad(grown, engine="numba")

    @numba.njit
    def caller(x):
        return slope(x, 9)

    with pytest.raises(ArithmeticError) as found:
        caller(1.0)
    assert found.value.args == ("Unstable(_0, value=_1)", 3, 5.0625)


def test_an_exception_of_the_kernel_itself_stays():
    def f(x, i):
        if x[0] > 100.0:
            raise Unstable(i, 0.0)
        return x[i]

    with pytest.raises(IndexError):
        cr.grad(f, engine="numba")(x, 7)
